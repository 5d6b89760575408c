"""The two bars of a run under way: its epochs, and the steps of the present one or what the user waits for instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from rich.console import RenderableType

    from trainctl import events
    from trainctl.ui.progress import RunState

_SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
_RATE_NEEDS = 60


def bars(state: RunState, now: float, width: int) -> RenderableType:
    """Two lines, whatever the moment, so that nothing below them moves; one before the first epoch."""
    if state.epoch is None:
        return _draw_waiting(state.phase, now - state.since) if state.phase else Text("")
    grid = Table.grid(padding=(0, 2), expand=True)
    grid.add_column(style="dim", no_wrap=True, width=8 if width >= _RATE_NEEDS else 5)
    grid.add_column(justify="right", no_wrap=True)
    grid.add_column(ratio=1)
    grid.add_column(justify="right", no_wrap=True)
    for label, count, middle, speed, left in (
        _make_epoch_row(state, state.epoch, now),
        _make_step_row(state, state.epoch, now),
    ):
        end = f"{speed}  {left:>10}" if width >= _RATE_NEEDS else left
        grid.add_row(label, count, middle, Text(end, style="dim"))
    return grid


def clock(seconds: float) -> str:
    """`0:07`, `1:05`, `2:03:10`: of a steady width, unlike `words.duration`."""
    minutes, rest = divmod(max(0, round(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


Row = tuple[str, str, "RenderableType", str, str]


def _make_epoch_row(state: RunState, epoch: events.EpochStarted, now: float) -> Row:
    ended = state.latest is not None and state.latest.epoch == epoch.epoch
    completed = epoch.epoch if ended else epoch.epoch - 1 + _calculate_share(state, epoch)
    rate = state.latest.learning_rate if state.latest else None
    speed = f"lr {rate:.4g}" if rate is not None else ""
    count, bar = f"{epoch.epoch}/{epoch.epochs}", _draw_bar(completed, epoch.epochs)
    return "epoch", count, bar, speed, _format_remaining(state.seconds_left(now))


def _make_step_row(state: RunState, epoch: events.EpochStarted, now: float) -> Row:
    if state.phase:
        return "", "", _draw_waiting(state.phase, now - state.since), "", ""
    progress = state.progress
    step, steps = (progress.step, progress.steps) if progress else (0, epoch.steps)
    counted = epoch.unit.removesuffix("s")
    label = "validate" if progress and progress.validating else counted
    count = f"{step:>{len(str(steps))}}/{steps}" if steps > 0 else str(step)
    bar = _draw_bar(step, steps) if steps > 0 else Text("")
    rate = state.rate if label == counted else None
    left = (steps - step) / rate if rate and steps > 0 else None
    return label, count, bar, _format_speed(rate, epoch.unit), _format_remaining(left)


def _calculate_share(state: RunState, epoch: events.EpochStarted) -> float:
    if state.progress is None or epoch.steps <= 0:
        return 0.0
    return 1.0 if state.progress.validating else min(1.0, state.progress.step / epoch.steps)


def _draw_bar(completed: float, total: float) -> ProgressBar:
    return ProgressBar(total=total, completed=completed, complete_style="cyan", finished_style="green")


def _draw_waiting(phase: str, elapsed: float) -> Text:
    frame = _SPINNER[int(max(0.0, elapsed) * 8) % len(_SPINNER)]
    return Text.assemble((frame, "cyan"), " ", phase, (f"  {clock(elapsed)}", "dim"))


def _format_speed(rate: float | None, unit: str) -> str:
    if rate is None:
        return ""
    return f"{rate:.1f} {unit}/s" if rate < 10 else f"{rate:,.0f} {unit}/s"


def _format_remaining(seconds: float | None) -> str:
    return "" if seconds is None else f"{clock(seconds)} left"
