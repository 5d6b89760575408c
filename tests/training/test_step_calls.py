"""Several steps in one call are the steps one by one, to the bit; how many depends on how long they take."""

from __future__ import annotations

from typing import Any

import pytest
from samebits import EVERYTHING, bits
from workplace import Workplace

from trainctl.training import callback_list
from trainctl.training.step_calls import Pace

pytestmark = pytest.mark.tf


class Clock:
    """Seconds that go by as a test says."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(("seconds", "expected"), [(0.001, 50), (0.0001, 500), (0.5, 1)])
def test_a_call_runs_as_many_steps_as_take_a_moment(seconds: float, expected: int) -> None:
    clock = Clock()
    pace = Pace(clock=clock)
    pace.ran(1, caught_up=True)
    for number in range(100):
        clock.now += seconds
        pace.ran(1, caught_up=number == 99)
    assert pace.steps == pytest.approx(expected, abs=1)


def test_time_in_which_nothing_was_trained_does_not_count() -> None:
    clock = Clock()
    pace = Pace(clock=clock)
    pace.ran(1, caught_up=True)
    clock.now = 100.0
    pace.begin()
    pace.ran(1, caught_up=True)
    assert pace.steps == 1


def _with_pace(monkeypatch: pytest.MonkeyPatch, steps: int) -> None:
    class Fixed(Pace):
        def ran(self, _steps: int, *, caught_up: bool) -> None:
            self.steps = steps

    monkeypatch.setattr(callback_list, "Pace", Fixed)


def test_the_bits_do_not_depend_on_how_many_steps_a_call_runs(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    tensorboard = {"TensorBoard": {"histogram_freq": 2}}  # which reads no batches
    quiet = {**EVERYTHING, "fit": {"epochs": 3}, "callbacks": [*EVERYTHING["callbacks"][:-1], tensorboard]}
    found: list[dict[str, Any]] = []
    for steps, more in ((1, {}), (7, {}), (1000, {}), (7, {"prefetch": 2})):  # the last one from a pipeline
        _with_pace(monkeypatch, steps)
        found.append(bits(workplace.train(**quiet | {"data": {**EVERYTHING["data"], **more}}).directory))
    assert found[0] == found[1] == found[2] == found[3]


def test_a_snapshot_is_taken_after_the_step_at_which_it_is_due(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    _with_pace(monkeypatch, 1000)
    outcome = workplace.train(execution={"snapshot": {"every_steps": 3, "keep": 20}})
    saved = [(event["epoch"], event["step"]) for event in outcome.events if event["event"] == "SnapshotSaved"]
    assert saved[:2] == [(0, 3), (0, 6)]


def test_who_reads_batches_sees_each(workplace: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    _with_pace(monkeypatch, 1000)
    outcome = workplace.train(callbacks=[{"LambdaCallback": {"on_train_batch_end": "print(batch)"}}])
    assert outcome.notices("LambdaCallback") == [*map(str, range(8))] * 2
