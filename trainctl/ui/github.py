"""The display for GitHub Actions: lines on stderr, annotations on stdout."""

from __future__ import annotations

from typing import TextIO

from trainctl import events
from trainctl.text import printable
from trainctl.ui import facts
from trainctl.ui.annotations import annotation, without_command
from trainctl.ui.lines import LinesDisplay
from trainctl.ui.stream import Outlet


class GithubDisplay:
    """Writes lines, and annotates loud notices and the end of the run.

    Args:
        stdout: Where the annotations go.
        stderr: Where the lines go.
    """

    def __init__(self, stdout: TextIO, stderr: TextIO) -> None:
        self._lines = LinesDisplay(stderr)
        self._text = Outlet(stderr)
        self._outlet = Outlet(stdout)
        self._name = "trainctl"

    @property
    def lost(self) -> OSError | None:
        """What kept a line from being written to stdout."""
        return self._outlet.lost

    def __call__(self, event: events.Event) -> None:
        """Write the lines and the annotation of `event`."""
        for line in self._lines.lines_of(event):
            self._text.line(without_command(line))
        match event:
            case events.RunStarted():
                self._name = event.name
            case events.Notice(loud=True):
                self._outlet.line(annotation("warning", event.message, title=self._name))
            case events.RunFinished(diagnostics=()):  # which have annotations of their own
                self._outlet.line(self._end(event))

    def _end(self, event: events.RunFinished) -> str:
        if event.exit_code == 0:
            message = f"{facts.format_summary(event)}\n{_format_results(event)}".rstrip()
            return annotation("notice", message, title=self._name)
        lines = [
            event.message or facts.format_summary(event),
            *map(_format_expectation, facts.told_apart(event)),
            event.hint and f"help: {event.hint}",
        ]
        return annotation("error", "\n".join(filter(None, lines)), title=f"{self._name}: {event.status}")


def _format_results(event: events.RunFinished) -> str:
    return "  ".join(f"{printable(name)} {value}" for name, value in facts.format_results(event).items())


def _format_expectation(result: events.ExpectationResult) -> str:
    return f"{facts.mark(result)} {result}"
