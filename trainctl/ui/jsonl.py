"""The display for programs: one event a line, as strict JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from trainctl.strict_json import to_json
from trainctl.ui.stream import Outlet

if TYPE_CHECKING:
    from trainctl.events import Event


class JsonlDisplay:
    """Writes every lasting event to `stream`.

    Args:
        stream: Where to, usually stdout.
    """

    def __init__(self, stream: TextIO) -> None:
        self._outlet = Outlet(stream)

    @property
    def lost(self) -> OSError | None:
        """What kept a line from being written to stdout."""
        return self._outlet.lost

    def __call__(self, event: Event) -> None:
        """Write `event`, unless it is transient."""
        if not event.transient:
            self._outlet.line(to_json(event.as_dict(), escaped=True))
