"""The display for programs: one event a line, as strict JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TextIO

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

    def __call__(self, event: Event) -> None:
        """Write `event`, unless it is transient."""
        if not event.transient:
            self._outlet.line(json.dumps(_strict(event.as_dict()), allow_nan=False))


def _strict(value: Any) -> Any:
    """`value` with null for NaN and infinities, which JSON does not know."""
    if isinstance(value, Mapping):
        return {key: _strict(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_strict(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
