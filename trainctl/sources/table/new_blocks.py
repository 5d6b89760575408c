"""New rows of tables in blocks: for files larger than memory, and with the rows that cannot be read told apart."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trainctl.aliases import ArrowData, Data
from trainctl.components.new_inputs import NewFiles
from trainctl.errors import DataError
from trainctl.sources.reading.targets import Table
from trainctl.sources.table.delimited_blocks import TextBlocks
from trainctl.sources.table.new_rows import Columns, columns_of_inputs, inputs_of
from trainctl.sources.table.units import Units

if TYPE_CHECKING:
    from pathlib import Path

    from trainctl.sources.table.table import TableSpec

Bad = Callable[[DataError], None]
"""Told of each row that cannot be read; it raises the error where such rows are not to be skipped."""


@dataclass(frozen=True, slots=True)
class NewBlock:
    """Some new rows.

    Args:
        values: What the model takes: a mapping of its inputs' names to arrays (rows, 1).
        columns: The columns to carry along, as Arrow arrays.
    """

    values: Data
    columns: Mapping[str, ArrowData]


@dataclass(frozen=True, slots=True)
class _Slice:
    """Some rows of a table."""

    table: Table
    begin: int
    length: int

    @property
    def columns(self) -> Mapping[str, ArrowData]:
        """The columns by name."""
        return {name: column.slice(self.begin, self.length) for name, column in self.table.columns.items()}

    @property
    def name(self) -> str:
        """What to call the table in messages."""
        return self.table.name

    def place(self, row: int) -> str:
        """Where row `row` (from 0) stands."""
        return self.table.place(self.begin + row)

    def __len__(self) -> int:
        return self.length


def tables_of(spec: TableSpec, files: Sequence[Path], header: Sequence[str], bad: Bad) -> Iterator[Table]:
    """Yield the rows of all files in blocks.

    Args:
        spec: The source that reads them.
        files: The files.
        header: Their columns.
        bad: Told of each row with more or fewer cells than the header.

    Raises:
        DataError: There are no rows, or what `bad` raises.
    """
    blocks = spec.streamed(files)
    for number in range(len(blocks)):
        if isinstance(blocks, TextBlocks):
            yield from blocks.read_fitting(number, tuple(header), bad)
        else:
            yield blocks.read(number, tuple(header), ())


def new_blocks(
    tables: Iterator[Table],
    header: Sequence[str],
    new: NewFiles,
    kept: Sequence[str] | None,
    bad: Bad,
    separator: str | None = None,
) -> Iterator[NewBlock]:
    """Yield the rows of tables as the model's inputs, block by block, with columns to carry along.

    Args:
        tables: The rows.
        header: The columns of all of them.
        new: What the model takes.
        kept: The columns to carry along; `None` for all.
        bad: Told of each row that cannot be read.
        separator: The character between two cells, if there is one.

    Raises:
        DataError: A column is missing, or what `bad` raises.
    """
    columns, units = columns_of_inputs(header, new, separator), Units()
    names = tuple(header) if kept is None else tuple(kept)
    for table in tables:
        for part, values in _readable(_Slice(table, 0, len(table)), columns, new, units, bad):
            yield NewBlock(values, {name: column for name, column in part.columns.items() if name in names})


def _readable(part: _Slice, columns: Columns, new: NewFiles, units: Units, bad: Bad) -> Iterator[tuple[_Slice, Data]]:
    """Yield the stretches of rows that can be read, with their inputs; halves are tried until the row to blame is found."""
    try:
        values = inputs_of(part, columns, new)
        units.require(part, [columns[each.name] for each in new.inputs if each.dtype != "string"])
    except DataError as error:
        if len(part) == 1:
            bad(error)
            return
        half = len(part) // 2
        yield from _readable(_Slice(part.table, part.begin, half), columns, new, units, bad)
        yield from _readable(_Slice(part.table, part.begin + half, len(part) - half), columns, new, units, bad)
    else:
        yield part, values
