"""A diagnostic: one problem in a text that the user wrote, as a value.

Checking yields diagnostics; `ui.report` renders them; the exit code is computed from them. Nothing prints on the way.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from trainctl.aliases import Value


class Severity(StrEnum):
    """An error stops the run; a warning does not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """A text that settings come from: a file, or one `--set` argument.

    Args:
        name: What the user calls it: the path as given, or `--set #1`.
        text: The whole text.
        directory: Where relative input paths written in it start: the file's folder, or the working directory.
        path: The file, or `None` for a `--set`.
        extended_from: Where the file that builds on this one names it.
        data: The file's bytes, as they were read.
    """

    name: str
    text: str
    directory: Path
    path: Path | None = None
    extended_from: Location | None = None
    data: bytes = b""

    def line(self, number: int) -> str:
        """Return the text of line `number` (from 1), empty where there is none."""
        lines = self.text.splitlines()
        return lines[number - 1] if 0 < number <= len(lines) else ""


@dataclass(frozen=True, slots=True)
class Location:
    """A stretch of one line of a source. `line` and `column` count from 1; `length` is in characters."""

    source: Source
    line: int
    column: int
    length: int = 1

    def __str__(self) -> str:
        return f"{self.source.name}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Related:
    """A second place that explains a diagnostic: "first written here", "extended from here"."""

    message: str
    location: Location


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One problem: where, what was received, what was expected, what to do.

    Args:
        code: Stable kebab-case name of the kind of mistake, such as `unknown-argument`.
        message: One sentence that names what was received.
        location: Where it is written; `None` if no text is at fault.
        path: The setting in `--set` spelling, such as `callbacks.EarlyStopping.patience`.
        received: What was there, as the user would write it.
        expected: What may be there, in words.
        hint: What to do.
        severity: Error or warning.
        related: Other places that explain it.
    """

    code: str
    message: str
    location: Location | None = None
    path: str = ""
    received: str | None = None
    expected: str | None = None
    hint: str | None = None
    severity: Severity = Severity.ERROR
    related: tuple[Related, ...] = field(default=())

    @property
    def is_error(self) -> bool:
        """Whether it stops the run."""
        return self.severity is Severity.ERROR

    def as_dict(self) -> dict[str, Value]:
        """Return the same facts for machines; keys are stable."""
        return {
            "severity": self.severity.value,
            "code": self.code,
            **_place(self.location),
            "path": self.path,
            "message": self.message,
            "received": self.received,
            "expected": self.expected,
            "hint": self.hint,
            "related": [{"message": r.message, **_place(r.location)} for r in self.related],
        }


def _place(location: Location | None) -> dict[str, Value]:
    if location is None:
        return {"file": None, "line": None, "column": None, "end_column": None}
    return {
        "file": location.source.name,
        "line": location.line,
        "column": location.column,
        "end_column": location.column + location.length,
    }
