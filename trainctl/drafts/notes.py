"""Notes: what a draft says in a comment at a line, and what a person must do there."""

from __future__ import annotations

from dataclasses import dataclass

from trainctl.aliases import Value


@dataclass(frozen=True, slots=True)
class Note:
    """A comment in a draft.

    Args:
        text: What it says.
        hint: What to do; with a hint, the draft does not work until the person has done it.
    """

    text: str
    hint: str | None = None

    @property
    def is_problem(self) -> bool:
        """Whether the draft does not work as it is."""
        return self.hint is not None


@dataclass(frozen=True, slots=True)
class Noted:
    """A value with comments above it."""

    value: Value
    notes: tuple[Note, ...]
