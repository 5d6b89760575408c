"""A diagnostic: one problem in a text that the user wrote, as a value.

Checking yields diagnostics; `ui.report` renders them; the exit code is computed from them. Nothing prints on the way.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any

from trainctl import limits
from trainctl.aliases import Value
from trainctl.masking import mask


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
        lines = _lines(self)
        return lines[number - 1] if 0 < number <= len(lines) else ""


@lru_cache(maxsize=4)
def _lines(source: Source) -> list[str]:
    """The lines of a text; each diagnostic asks for one."""
    return source.text.splitlines()


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
class Replace:
    """A repair: another word in the place of the wrong one.

    Args:
        location: Where it is written, perhaps in quotes or within a longer value.
        text: What to write.
        word: What stands there.
        without_quotes: Whether the quotes around it go too.
    """

    location: Location
    text: str
    word: str
    without_quotes: bool = False

    def as_dict(self) -> dict[str, Value]:
        """Return the repair for machines."""
        return {"kind": "replace", "word": self.word, "text": self.text}


@dataclass(frozen=True, slots=True)
class Move:
    """A repair: a key with its value in another mapping.

    Args:
        key: Where the key is written.
        into: The section to move it to, "" for the top level; or the key, by its place, whose value takes it.
    """

    key: Location
    into: str | Location

    def as_dict(self) -> dict[str, Value]:
        """Return the repair for machines."""
        into = self.into if isinstance(self.into, str) else {"line": self.into.line, "column": self.into.column}
        return {"kind": "move", "into": into}


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
        stands_for: How many problems it stands for; more than one where it counts those that are not shown.
        fix: What repairs it, where only one repair can be meant.
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
    stands_for: int = 1
    fix: Replace | Move | None = None

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
            "fix": None if self.fix is None else self.fix.as_dict(),
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


class Problems:
    """The diagnostics of one look at a text: the first in full, each once, and the number of the rest.

    A file may hold as many mistakes as it has words. What is not shown is not put into words either: to find the
    nearest name takes a thousand times as long as to see that a name is wrong.
    """

    def __init__(self) -> None:
        self._shown: dict[Diagnostic, None] = {}
        self._places: set[Hashable] = set()
        self._rest: set[Hashable] = set()
        self.reported = 0
        """How often something was reported; what is unrolled several times is reported several times."""

    def add(self, *diagnostics: Diagnostic) -> None:
        """Add diagnostics that are in words already."""
        for each in diagnostics:
            self.reported += 1
            if not self.is_full:
                self._shown[each] = None
            elif each not in self._shown:
                self._rest.add(each)

    def describe(self, place: Hashable, words: Callable[..., Diagnostic], *args: object) -> None:
        """Add what `words(*args)` says of `place`; it is called only if that is shown."""
        if not self.is_full:
            self._places.add((place, words))
            self.add(words(*args))
            return
        self.reported += 1
        if (place, words) not in self._places:
            self._rest.add((place, words))

    @property
    def is_full(self) -> bool:
        """Whether what comes is only counted."""
        return len(self._shown) >= limits.DIAGNOSTICS

    def __bool__(self) -> bool:
        return bool(self._shown)

    def __iter__(self) -> Iterator[Diagnostic]:
        yield from self._shown
        if self._rest:
            yield _rest(len(self._rest), Severity.ERROR)


def shortened(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Return at most `limits.DIAGNOSTICS` of them, the errors first, and the number of the rest; long texts are cut."""
    every = list(diagnostics)
    known = [each for each in every if each.stands_for == 1]
    shown = sorted(known, key=lambda each: not each.is_error)[: limits.DIAGNOSTICS]
    kept = set(map(id, shown))
    result = [_brief(each) for each in known if id(each) in kept]
    for severity in Severity:
        left_out = [each for each in every if each.severity is severity and id(each) not in kept]
        if left_out:
            result.append(_rest(sum(each.stands_for for each in left_out), severity))
    return result


def _rest(count: int, severity: Severity) -> Diagnostic:
    noun = severity.value if count == 1 else f"{severity.value}s"
    hint = "correct those above first: one mistake often causes several"
    return Diagnostic("more-problems", f"and {count:,} more {noun}", hint=hint, severity=severity, stands_for=count)


def _brief(diagnostic: Diagnostic) -> Diagnostic:
    """The diagnostic without the middle of what is too long to read."""
    texts = ("message", "path", "received", "expected", "hint")
    long = {name: text for name in texts if len(text := getattr(diagnostic, name) or "") > limits.MESSAGE}
    changes: dict[str, Any] = {name: _cut(text) for name, text in long.items()}
    return replace(diagnostic, **changes) if changes else diagnostic


def _cut(text: str) -> str:
    text, half = mask(text), limits.MESSAGE // 2  # before half of a secret is no longer known as one
    return f"{text[:half]}…{text[-half:]}"
