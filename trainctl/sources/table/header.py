"""What is wrong with the first line of a table: names that are cells, a name twice, too many columns."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from trainctl.errors import DataError
from trainctl.sources.reading.inputs import shown

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

MOST_COLUMNS = 10_000
"""Columns to learn from; each is read, described and encoded by itself."""

NO_HEADER = "if the file has no header, set header: false (the columns are column_1, column_2 …) or names: [...]"
"""What to do about a first line that looks like data."""

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


def looks_like_cells(header: Sequence[str]) -> bool:
    """Whether the names of the columns look like cells: most of them are numbers."""
    numbers = sum(_NUMBER.fullmatch(name) is not None for name in header)
    return len(header) > 1 and 2 * numbers >= len(header)


def appears_twice(file: Path, name: str, header: Sequence[str]) -> DataError:
    """The error for a name that stands twice in the header."""
    if looks_like_cells(header):
        return DataError(
            f"{shown(file)}: its first line, which should name the columns, looks like data: {', '.join(header[:5])}",
            hint=NO_HEADER,
            field="header",
        )
    return DataError(
        f"{shown(file)}: the column {name!r} appears twice in the header",
        hint="rename one of them",
        setting="set header: true and names: [...] with a name for each column",
    )


def too_wide(file: Path, count: int) -> DataError:
    """The error for a table with more columns than are encoded one by one."""
    return DataError(
        f"{shown(file)} has {count:,} columns to learn from, more than {MOST_COLUMNS:,}",
        hint="store the numbers as one array, in an .npz file, and use NPZ",
        setting="list fewer columns under features",
        field="features",
    )
