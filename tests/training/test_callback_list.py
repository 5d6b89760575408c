"""Batch logs become numbers only when somebody reads them; progress stays within the epoch."""

from __future__ import annotations

from typing import Any

import pytest
from workplace import Workplace

from trainctl.config.load import load
from trainctl.events import Event, Progress
from trainctl.runs.directory import create
from trainctl.runs.signals import StopRequest
from trainctl.training import fit, train
from trainctl.training.callback_list import ProgressMeter

pytestmark = pytest.mark.tf

STEPS = 8


@pytest.fixture
def meters(monkeypatch: pytest.MonkeyPatch) -> list[ProgressMeter]:
    """The meters of the runs to come; it is never time to tell."""
    made: list[ProgressMeter] = []

    class Meter(ProgressMeter):
        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments)
            made.append(self)

        def due(self) -> bool:
            return False

    monkeypatch.setattr(fit, "ProgressMeter", Meter)
    return made


def run(workplace: Workplace, *, stop: StopRequest | None = None, **sections: Any) -> list[Event]:
    loaded = load(str(workplace.write(**sections)))
    events: list[Event] = []
    directory = create(workplace.folder / "runs", "x")
    train.train(loaded, directory, 1, events.append, stop or StopRequest())
    return events


EPOCH_LEVEL = [
    {"EarlyStopping": {"monitor": "val_loss", "patience": 5}},
    {"ModelCheckpoint": {"filepath": "best.keras", "monitor": "val_loss", "save_best_only": True}},
    {"TensorBoard": {"histogram_freq": 1}},
    {"CSVLogger": {"filename": "log.csv"}},
    {"ReduceLROnPlateau": {"monitor": "val_loss"}},
]


def test_callbacks_of_epochs_convert_nothing(workplace: Workplace, meters: list[ProgressMeter]) -> None:
    run(workplace, callbacks=EPOCH_LEVEL)
    assert meters[0].conversions == 0


@pytest.mark.parametrize(
    "callback",
    [
        "TerminateOnNaN",
        {"ModelCheckpoint": {"filepath": "x.keras", "save_freq": 100}},
        {"TensorBoard": {"update_freq": 3}},
    ],
    ids=str,
)
def test_callbacks_of_batches_convert_each(workplace: Workplace, meters: list[ProgressMeter], callback: Any) -> None:
    run(workplace, callbacks=[*EPOCH_LEVEL[:1], callback])
    assert meters[0].conversions == 2 * STEPS


@pytest.mark.parametrize("steps_per_execution", [1, 3, 8, 100])
def test_progress_never_leaves_the_epoch(
    workplace: Workplace, steps_per_execution: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ProgressMeter, "due", lambda _: True)
    events = run(workplace, execution={"steps_per_execution": steps_per_execution})
    progress = [event for event in events if isinstance(event, Progress)]
    training = [event for event in progress if not event.validating]
    assert {event.steps for event in training} == {STEPS}
    assert {event.epoch for event in training} == {1, 2}
    assert max(event.step for event in training) == STEPS
    assert all({"loss", "accuracy"} <= event.metrics.keys() for event in training)
    assert all(1 <= event.step <= event.steps == 2 for event in progress if event.validating)


def test_it_is_told_at_most_ten_times_a_second() -> None:
    told: list[Event] = []
    meter = ProgressMeter(told.append)
    assert meter.due()
    meter.tell(1, 2, {})
    assert not meter.due()
    assert len(told) == 1


def test_a_request_to_stop_ends_the_run_after_the_step(workplace: Workplace, meters: list[ProgressMeter]) -> None:
    stop = StopRequest()
    stop.signal_number = 2
    with pytest.raises(KeyboardInterrupt):
        run(workplace, stop=stop)
    assert stop.graceful is False


@pytest.mark.parametrize("at_once", [2, 3, 100])
def test_several_steps_in_one_call_end_with_the_epoch(workplace: Workplace, at_once: int) -> None:
    """An epoch has 8 steps; Keras would run 9 of an endless pipeline, three at a time."""
    one, several = (workplace.train(execution={"steps_per_execution": steps}) for steps in (1, at_once))
    for line, expected in zip(several.history, one.history, strict=True):
        assert line["loss"] == pytest.approx(expected["loss"], rel=1e-4)
        assert line["val_loss"] == pytest.approx(expected["val_loss"], rel=1e-4)
