"""A draft: a new experiment file, and what lies beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from trainctl.drafts.notes import Note


@dataclass(frozen=True, slots=True)
class Draft:
    """A new experiment file.

    Args:
        text: Its text.
        problems: What does not work in it until somebody has changed it, each with its line, from 1.
        files: The texts of the files beside it, by name.
        about: What was found out on the way, a sentence each.
    """

    text: str
    problems: tuple[tuple[int, Note], ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    about: tuple[str, ...] = ()
