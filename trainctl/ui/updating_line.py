"""The display for a notebook: one line that is written over while the run continues, and the summary at its end."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from trainctl import events
from trainctl.ui import facts
from trainctl.ui.lines import epoch_line, event_lines
from trainctl.ui.stream import Outlet

if TYPE_CHECKING:
    from collections.abc import Iterator


class UpdatingLineDisplay:
    """Writes to `stream`, which understands a carriage return: the output of a notebook's cell.

    Args:
        stream: Where to.
    """

    def __init__(self, stream: TextIO) -> None:
        self._outlet = Outlet(stream)
        self._width = 0
        self._epochs = 0

    def __call__(self, event: events.Event) -> None:
        """Write over the line, or end it for what stays to be read."""
        for line in _lasting(event):
            self._write(line, end="\n")
        passing = self._passing(event)
        if passing:
            self._write(passing, end="")

    def _passing(self, event: events.Event) -> str | None:
        match event:
            case events.PhaseStarted():
                return facts.format_phase(event.phase, event.subject)
            case events.EpochStarted():
                self._epochs = event.epochs
            case events.Progress():
                what = "validating" if event.validating else f"step {event.step:,}/{event.steps:,}"
                words = facts.format_metrics(event.metrics)
                return "  ".join(filter(None, [f"epoch {event.epoch}/{self._epochs}", what, words]))
            case events.EpochEnded():
                return epoch_line(event)
        return None

    def _write(self, line: str, end: str) -> None:
        self._outlet.write(f"\r{line.ljust(self._width)}{end}")
        self._width = 0 if end else len(line)


def _lasting(event: events.Event) -> Iterator[str]:
    match event:
        case events.RunStarted():
            yield f"{event.name}: {event.directory or 'dry run'}"
        case (
            events.StageStarted()
            | events.CallbackNotice()
            | events.Notice()
            | events.Recovered()
            | events.RunFinished()
        ):
            yield from event_lines(event)
