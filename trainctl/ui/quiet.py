"""The display that says nothing but why a run failed."""

from __future__ import annotations

from typing import TextIO

from trainctl import events
from trainctl.ui.lines import failure_lines
from trainctl.ui.stream import Outlet


class QuietDisplay:
    """Writes the message of a failed run to `stream`.

    Args:
        stream: Where to, usually stderr.
    """

    def __init__(self, stream: TextIO) -> None:
        self._outlet = Outlet(stream)

    def __call__(self, event: events.Event) -> None:
        """Write the message where `event` is the end of a failed run."""
        if isinstance(event, events.RunFinished) and event.exit_code:
            for line in failure_lines(event):
                self._outlet.line(line)
