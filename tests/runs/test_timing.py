"""The seconds of each phase add up to those of the run."""

from __future__ import annotations

from trainctl.events import EpochEnded, EpochStarted, Phase, PhaseStarted, Progress, RunFinished
from trainctl.runs.timing import Timing


def test_each_phase_lasts_until_the_next() -> None:
    timing = Timing({"training": 1.0})
    for event in (
        PhaseStarted(phase=Phase.LOADING_DATA, time=10),
        EpochStarted(epoch=1, epochs=1, steps=2, time=13),
        PhaseStarted(phase=Phase.BUILDING_GRAPH, time=13),
        Progress(epoch=1, step=0, steps=2, time=14),
        Progress(epoch=1, step=1, steps=2, time=15),
        Progress(epoch=1, step=1, steps=2, validating=True, time=17),
        EpochEnded(epoch=1, epochs=1, metrics={}, learning_rate=None, seconds=1, steps=2, time=18),
        RunFinished(status="done", exit_code=0, epochs=1, seconds=1, directory="", time=20),
        PhaseStarted(phase=Phase.SAVING, time=30),
    ):
        timing(event)
    assert timing.seconds == {
        "loading data": 3,
        "building the graph": 2,
        "training": 3,  # with those of the session before
        "validating": 1,
        "between epochs": 2,
    }
