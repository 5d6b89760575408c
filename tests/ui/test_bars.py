"""The two bars of a run: epochs, and steps or what a person waits for."""

from __future__ import annotations

import pytest
from rich.console import Console

from trainctl import events
from trainctl.ui.bars import bars, clock
from trainctl.ui.progress import RunState, advance


def text(state: RunState, now: float, width: int = 100) -> list[str]:
    console = Console(width=width, color_system=None)
    with console.capture() as captured:
        console.print(bars(state, now, width))
    return captured.get().splitlines()


def after(*facts: events.Event) -> RunState:
    state = RunState()
    for fact in facts:
        state = advance(state, fact)
    return state


def begun(epoch: int = 1, steps: int = 100, **more: str) -> events.EpochStarted:
    return events.EpochStarted(epoch=epoch, epochs=3, steps=steps, time=0.0, **more)


def step(number: int, time: float, **more: bool) -> events.Progress:
    return events.Progress(epoch=1, step=number, steps=100, time=time, **more)


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0, "0:00"), (7.4, "0:07"), (65, "1:05"), (3599.6, "1:00:00"), (7390, "2:03:10"), (-3, "0:00")],
)
def test_a_clock_of_steady_width(seconds: float, shown: str) -> None:
    assert clock(seconds) == shown


def test_before_the_first_epoch_it_says_what_is_waited_for() -> None:
    (line,) = text(after(events.PhaseStarted(phase=events.Phase.LOADING_DATA, time=0.0)), 5.0)
    assert "loading data…" in line
    assert "0:05" in line


def test_the_epoch_and_its_steps_with_speed_and_time_left() -> None:
    epoch, steps = text(after(begun(), step(1, 10.0), step(21, 20.0)), 20.0)
    assert "1/3" in epoch
    assert epoch.rstrip().endswith("left")
    assert " 21/100" in steps
    assert "2.0 steps/s" in steps
    assert "0:40 left" in steps


def test_validation_is_told_apart() -> None:
    _, steps = text(after(begun(), step(1, 10.0), step(5, 11.0, validating=True)), 12.0)
    assert steps.split()[0] == "validate"


def test_samples_may_be_counted() -> None:
    _, steps = text(after(begun(unit="samples"), step(1, 10.0), step(21, 20.0)), 20.0)
    assert steps.split()[0] == "sample"
    assert "samples/s" in steps


def test_steps_of_an_unknown_number_have_no_bar_and_a_narrow_terminal_no_speed() -> None:
    _, steps = text(after(begun(steps=0), events.Progress(epoch=1, step=7, steps=0, time=1.0)), 2.0)
    assert "7" in steps
    assert "/" not in steps
    assert all("steps/s" not in line for line in text(after(begun(), step(1, 10.0), step(21, 20.0)), 20.0, 50))
