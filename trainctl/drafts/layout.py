"""A draft as text: one line for a component where it fits, comments where there is something to say."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, field

from trainctl.aliases import Value
from trainctl.config.render import in_braces
from trainctl.drafts.draft import Draft
from trainctl.drafts.notes import Note, Noted
from trainctl.text import printable

_WIDTH = 118
_BLOCKS = frozenset({"layers", "callbacks"})
"""Keys whose value is a list with a line for each item, at any depth."""


@dataclass
class Layout:
    """Writes YAML line by line.

    Args:
        lines: The lines so far.
        notes: What is said in comments, each with the line below it, from 1.
    """

    lines: list[str] = field(default_factory=list)
    notes: list[tuple[int, Note]] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The text so far."""
        return "\n".join(self.lines) + "\n"

    @property
    def draft(self) -> Draft:
        """The draft so far; what does not work in it is a problem, and all else that is said is told about it."""
        problems = tuple((line, note) for line, note in self.notes if note.is_problem)
        about = dict.fromkeys(note.text for _, note in self.notes if not note.is_problem)
        return Draft(self.text, problems, about=tuple(about))

    def blank(self) -> None:
        """Add an empty line."""
        self.lines.append("")

    def comment(self, text: str, indent: int = 0) -> None:
        """Add a comment, folded; what it says may be a stranger's words, which are not to end it."""
        width = _WIDTH - indent - 2
        text = printable(" ".join(text.split()))
        self.lines += [f"{' ' * indent}# {line}" for line in textwrap.wrap(text, width, break_on_hyphens=False)]

    def entry(self, key: str, value: Value, indent: int = 0) -> None:
        """Add a key with its value; in braces where that fits, and nothing in it needs lines of its own."""
        if isinstance(value, Noted):
            self._add_notes(value.notes, indent)
            value = value.value
        head = f"{' ' * indent}{_in_braces(key)}:"
        if value is None or value == {}:
            self.lines.append(head)
        elif key in _BLOCKS:
            self.lines.append(head)
            self.items(value, indent + 2)
        elif self._fits(head, value):
            self.lines.append(f"{head} {_in_braces(value)}")
        elif isinstance(value, Mapping):
            self.lines.append(head)
            for name, each in value.items():
                self._value(str(name), each, indent + 2)
        elif any(isinstance(each, dict) for each in value):
            self.lines.append(head)
            self.items(value, indent + 2)
        else:
            self._list(head, value, indent + 2)

    def section(self, name: str, entries: Mapping[str, Value]) -> None:
        """Add a section of the experiment, a line for each of its keys."""
        self.lines.append(f"{name}:")
        for key, value in entries.items():
            self.entry(key, value, 2)

    def items(self, items: list[Value], indent: int) -> None:
        """Add the items of a list of components."""
        for item in items:
            value = item
            if isinstance(item, Noted):
                self._add_notes(item.notes, indent)
                value = item.value
            if not isinstance(value, dict):
                self.lines.append(f"{' ' * indent}- {_in_braces(value)}")
                continue
            start = len(self.lines)
            for key, each in value.items():
                self._argument(key, each, indent + 2)
            self.lines[start] = f"{' ' * indent}- {self.lines[start].lstrip()}"

    def _argument(self, key: str, value: Value, indent: int) -> None:
        """Add a key of an item; the arguments of a component one step further in."""
        head = f"{' ' * indent}{_in_braces(key)}:"
        is_component = key[:1].isupper() and isinstance(value, dict) and bool(value)
        if is_component and not self._fits(head, value):
            self.lines.append(head)
            for name, each in value.items():
                self._value(name, each, indent + 2)
        else:
            self.entry(key, value, indent)

    def _value(self, key: str, value: Value, indent: int) -> None:
        """Add a key whose value may be null, which is written."""
        if value is None:
            self.lines.append(f"{' ' * indent}{_in_braces(key)}: null")
        else:
            self.entry(key, value, indent)

    def _list(self, head: str, value: list[Value], indent: int) -> None:
        """Add a long list of plain values, folded."""
        self.lines += [f"{head} [", " " * indent]
        for item in value:
            text = f"{_in_braces([item])[1:-1]}, "  # whole: two blanks in a text would become one where a line ends
            if self.lines[-1].strip() and len(self.lines[-1]) + len(text) > _WIDTH + 1:
                self.lines[-1] = self.lines[-1].rstrip()
                self.lines.append(" " * indent)
            self.lines[-1] += text
        self.lines[-1] = self.lines[-1].removesuffix(", ") + "]"

    def _fits(self, head: str, value: Value) -> bool:
        if _has_lines(value):
            return False
        return not isinstance(value, dict | list) or len(head) + 1 + len(_in_braces(value)) <= _WIDTH

    def _add_notes(self, notes: tuple[Note, ...], indent: int) -> None:
        for note in notes:
            self.comment(f"{note.text}: {note.hint}" if note.hint else note.text, indent)
        self.notes += [(len(self.lines) + 1, note) for note in notes]


def _in_braces(value: Value) -> str:
    """Return a value on one line, references in the quotes that people write."""
    return re.sub(r"'(\$\{[^'\"]*\})'", r'"\1"', in_braces(value))


def _has_lines(value: Value) -> bool:
    """Return whether something in the value has lines of its own: layers, or a comment."""
    if isinstance(value, Noted):
        return True
    if isinstance(value, Mapping):
        return not _BLOCKS.isdisjoint(value) or any(map(_has_lines, value.values()))
    return isinstance(value, list) and any(map(_has_lines, value))
