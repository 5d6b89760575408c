"""JSON lines, as a stream or a file: each line a row, `{"age": 31, "town": "Oslo"}`, or a text or a list of numbers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from trainctl.aliases import ArrowData, Value
from trainctl.errors import DataError

ENCODING, UNDECODED = "utf-8-sig", "surrogateescape"
"""How lines are decoded, and what is made of bytes that cannot be: `read_lines` tells them by their line."""
_AT_ONCE = 8192
_SHOWN = 60  # characters of a line that is none


@dataclass(frozen=True, slots=True)
class JsonTable:
    """Some rows of JSON lines.

    Args:
        columns: Arrow arrays by name; null where a row does not have the column.
        lines: The line (from 1) of each row.
        name: What to call the stream in messages.
    """

    columns: Mapping[str, ArrowData]
    lines: Sequence[int]
    name: str

    def place(self, row: int) -> str:
        """Where row `row` (from 0) stands: `stdin:17`."""
        return f"{self.name}:{self.lines[row]}"

    def __len__(self) -> int:
        return len(self.lines)


def read_lines(lines: Iterable[str], name: str, bad: Callable[[DataError], None]) -> Iterator[tuple[int, Value]]:
    """Yield the number (from 1) and the value of each line that is not empty.

    Args:
        lines: The lines, bytes that are not UTF-8 in them decoded with `UNDECODED`.
        name: What to call them in messages.
        bad: Called with the DataError of each line that is not JSON.
    """
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            value = _parsed(line)
        except UnicodeEncodeError:
            bad(DataError(f"{name}:{number}: not UTF-8", hint="encode the lines as UTF-8"))
        except (ValueError, RecursionError):
            shown = line.strip()[:_SHOWN]
            bad(DataError(f"{name}:{number}: not JSON: {shown}", hint='write one row per line: {"age": 31}'))
        else:
            yield number, value


def _parsed(line: str) -> Value:
    """Return the value of a line.

    Raises:
        UnicodeEncodeError: It holds bytes that are not UTF-8, or half of an escaped character.
        ValueError: It is not JSON.
    """
    line.encode()
    value = json.loads(line)
    if "\\ud" in line.lower():
        json.dumps(value, ensure_ascii=False).encode()
    return value


def json_tables(
    rows: Iterator[tuple[int, Value]], header: Sequence[str], name: str, bad: Callable[[DataError], None]
) -> Iterator[JsonTable]:
    """Yield rows as tables with these columns, so many at a time that they fit into memory.

    Args:
        rows: The number of each line and its value.
        header: The columns.
        name: What to call the stream in messages.
        bad: Called with the DataError of each line that is not a row.
    """
    while batch := list(islice(rows, _AT_ONCE)):
        kept = []
        for number, value in batch:
            if isinstance(value, Mapping):
                kept.append((number, value))
            else:
                bad(DataError(f"{name}:{number}: not a row of columns", hint='write an object: {"age": 31}'))
        if kept:
            columns = {column: _column([row.get(column) for _, row in kept]) for column in header}
            yield JsonTable(columns, [number for number, _ in kept], name)


def _column(cells: list[Value]) -> ArrowData:
    """Return an Arrow array of cells of one type; of several types, or of huge numbers, as text that is read as in a CSV file."""
    import pyarrow as pa

    try:
        return pa.chunked_array([pa.array(cells)])
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError):
        texts = [None if cell is None else cell if isinstance(cell, str) else json.dumps(cell) for cell in cells]
        return pa.chunked_array([pa.array(texts, pa.string())])
