import pytest

from trainctl import events
from trainctl.ui.progress import NOTICES_SHOWN, RunState, advance


def after(*facts: events.Event) -> RunState:
    state = RunState()
    for fact in facts:
        state = advance(state, fact)
    return state


def begun(epoch: int = 1, time: float = 0.0, steps: int = 100) -> events.EpochStarted:
    return events.EpochStarted(epoch=epoch, epochs=3, steps=steps, time=time)


def step(number: int, time: float, epoch: int = 1, **more) -> events.Progress:
    return events.Progress(epoch=epoch, step=number, steps=100, time=time, **more)


def test_the_graph_is_built_until_the_first_step_of_the_process():
    waiting = after(events.PhaseStarted(phase=events.Phase.LOADING_DATA), begun(time=5.0), step(0, 6.0))
    assert (waiting.phase, waiting.since) == ("building the graph…", 5.0)
    stepped = advance(waiting, step(1, 8.0))
    assert stepped.phase is None
    assert advance(stepped, begun(2)).phase is None


def test_the_first_step_does_not_count_for_the_speed():
    state = after(begun(), step(1, 60.0))
    assert state.rate is None
    assert advance(state, step(21, 70.0)).rate == 2.0


def test_validation_has_a_speed_of_its_own_and_leaves_that_of_training():
    training = after(begun(), step(1, 10.0), step(21, 20.0))
    validated = advance(advance(training, step(1, 30.0, validating=True)), step(99, 31.0, validating=True))
    assert (training.rate, validated.rate) == (2.0, 2.0)


def test_time_left_in_the_first_epoch_comes_from_the_speed():
    state = after(begun(), step(1, 60.0), step(51, 65.0))
    assert state.seconds_left(65.0) == pytest.approx((49 + 2 * 100) / 10)


def test_time_left_after_the_first_epoch_leaves_out_the_building_of_the_graph(epoch):
    state = after(begun(), step(1, 60.0), step(100, 69.0), epoch(1, seconds=70.0, loss=1.0), begun(2, time=70.0))
    assert state.seconds_left(74.0) == pytest.approx(6 + 10)


def test_time_left_later_comes_from_the_last_epoch(epoch):
    state = after(
        begun(),
        step(1, 60.0),
        epoch(1, seconds=70.0, loss=1.0),
        begun(2, time=70.0),
        step(1, 71.0, epoch=2),
        epoch(2, seconds=12.0, loss=0.5),
    )
    assert state.seconds_left(82.0) == pytest.approx(12)


def test_time_left_is_unknown_while_waiting_and_where_the_steps_are():
    assert RunState().seconds_left(0.0) is None
    assert after(begun()).seconds_left(1.0) is None
    assert after(begun(steps=0), step(1, 1.0), step(5, 2.0)).seconds_left(2.0) is None


def test_running_values_end_with_their_epoch(epoch):
    state = after(begun(), step(1, 1.0, metrics={"loss": 2.0}), step(2, 2.0, validating=True, metrics={"loss": 9.0}))
    assert state.running == {"loss": 2.0}
    state = advance(state, epoch(1, loss=1.5))
    assert state.running == {}
    assert state.history == {"loss": ((1, 1.5),)}


def test_history_keeps_epochs_apart_where_a_metric_is_missing(epoch):
    state = after(epoch(1, loss=1.0), epoch(2, loss=0.5, val_loss=0.75))
    assert state.history == {"loss": ((1, 1.0), (2, 0.5)), "val_loss": ((2, 0.75),)}


def test_only_the_latest_notices_are_kept_but_every_warning(loaded):
    quiet = [events.Notice(message=str(number)) for number in range(9)]
    loud = events.Notice(message="look", loud=True)
    state = after(loaded, loud, loud, *quiet, events.CallbackNotice(callback="C", message="m"))
    assert len(state.notices) == NOTICES_SHOWN
    assert state.notices[-1] == ("C", "m")
    assert len(state.warnings) == 2


def test_a_state_once_read_does_not_change(epoch):
    before = after(epoch(1, loss=1.0))
    advance(before, epoch(2, loss=0.5))
    assert before.history == {"loss": ((1, 1.0),)}
