"""What the user defined outside of any module that could be loaded again: in a notebook's cell, or at the prompt."""

from __future__ import annotations

import ast
import inspect
import linecache
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from trainctl.aliases import Function

CELLS = "__main__"


@dataclass(frozen=True, slots=True)
class Definition:
    """A component that a cell defines.

    Args:
        kind: What it is, such as `callback`.
        name: Its name in the config.
        source: The text of its class or function; "" where no one kept it.
    """

    kind: str
    name: str
    source: str


_DEFINED: dict[tuple[str, str], Definition] = {}


def note(kind: str, name: str, part: Function) -> None:
    """Remember `part` where no module holds it."""
    if part.__module__ == CELLS:
        _DEFINED[kind, name] = Definition(kind, name, source_of(part)[2])


def is_redefined(kind: str, name: str, part: Function) -> bool:
    """Return whether a cell defined it and is run again, perhaps changed."""
    return part.__module__ == CELLS and (kind, name) in _DEFINED


def defined() -> Iterator[Definition]:
    """Everything that cells define."""
    yield from _DEFINED.values()


def find(kind: str, name: str) -> Definition | None:
    """Return the definition of this name, or `None`."""
    return _DEFINED.get((kind, name))


def source_of(part: Function) -> tuple[Path, int, str]:
    """Where a class or function is defined: its file, the line from 1, and its text; ("", 1, "") where no one knows."""
    try:
        return Path(inspect.getsourcefile(part) or ""), inspect.getsourcelines(part)[1], inspect.getsource(part)
    except (OSError, TypeError):  # of a class in a cell, Python 3.12 and older cannot tell
        return _class_in_a_cell(part)


def _class_in_a_cell(part: Function) -> tuple[Path, int, str]:
    files = [each.__code__.co_filename for each in vars(part).values() if inspect.isfunction(each)]
    for file in dict.fromkeys(files):
        text = "".join(linecache.getlines(file))
        try:
            nodes = ast.parse(text).body
        except SyntaxError:  # a cell may hold what only the notebook understands
            continue
        found = [each for each in nodes if isinstance(each, ast.ClassDef) and each.name == part.__name__]
        if found:
            first = min([found[-1].lineno, *(each.lineno for each in found[-1].decorator_list)])
            lines = text.splitlines()[first - 1 : found[-1].end_lineno]
            return Path(file), first, "\n".join(lines) + "\n"
    return Path(), 1, ""
