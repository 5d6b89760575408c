"""New rows of tables for a trained model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from trainctl.aliases import ArrowData, Data
from trainctl.components.dataset import ColumnKind
from trainctl.components.new_inputs import ModelInput, NewFiles
from trainctl.errors import DataError
from trainctl.sources.reading.targets import Table
from trainctl.sources.table.columns import NUMBER, count, is_text, kind_of, require, values
from trainctl.sources.table.input_names import inputs_by_column
from trainctl.text import nearest, one_of

_LEAVE_EMPTY = "or leave it empty"

_TEXT = "text"  # what a column of texts is called where it is not the only one


class RowReader(Protocol):
    """Reads tables, with the settings of a source."""

    @property
    def cell_separator(self) -> str | None:
        """The character between two cells, if there is one."""

    def common_header(self, files: Sequence[Path]) -> tuple[str, ...]:
        """Return the columns that all files have."""

    def whole(self, files: Sequence[Path], columns: Sequence[str]) -> Table:
        """These columns of all files."""


def read_rows(reader: RowReader, new: NewFiles) -> Data:
    """Read the columns of tables as the model's inputs: numbers with NaN for missing, text with "" for missing.

    Args:
        reader: Reads the files.
        new: The files, with the same columns, and what the model takes.

    Raises:
        DataError: A column is missing, or a cell is not what it was in training; names its place.
    """
    header = reader.common_header(new.files)
    if not takes_columns(header, new):
        if new.inputs[0].dtype == "string":
            return _texts(reader, new.files, header)
        return _matrix(reader.whole(new.files, header), header)
    columns = columns_of_inputs(header, new, reader.cell_separator)
    return inputs_of(reader.whole(new.files, tuple(columns.values())), columns, new)


Columns = Mapping[str, str]
"""The column for each of the model's inputs."""


def takes_columns(header: Sequence[str], new: NewFiles) -> bool:
    """Return whether the model takes columns by their names; one trained on arrays or texts takes any."""
    first = new.inputs[0]
    own = new.schema.input_names.get(first.name, first.name)
    return bool(new.schema.columns) or len(new.inputs) > 1 or own in header


def columns_of_inputs(header: Sequence[str], new: NewFiles, separator: str | None = None) -> Columns:
    """Return the column for each of the model's inputs.

    Args:
        header: The columns that there are.
        new: What the model takes.
        separator: The character between two cells, if there is one.

    Raises:
        DataError: One is missing.
    """
    own = new.schema.input_names
    named = {
        **_columns([each.name for each in new.inputs if each.name not in own], new.schema.columns or header),
        **own,
    }
    columns = {each.name: named[each.name] for each in new.inputs}
    absent = [column for column in columns.values() if column not in header]
    if absent:
        raise _lacks(new.files[0], absent[0], header, separator)
    return columns


def inputs_of(table: Table, columns: Columns, new: NewFiles) -> Data:
    """Return the rows of a table as the model's inputs: a mapping of their names to arrays (rows, 1).

    Raises:
        DataError: A cell is not what it was in training; names its place.
    """
    return {each.name: _column(table, columns[each.name], each, new.schema.columns) for each in new.inputs}


def _columns(inputs: Sequence[str], columns: Iterable[str]) -> dict[str, str]:
    """The column for each of the model's inputs; an input that stands for none of `columns` goes by its own name.

    Where all inputs are called as columns are, the model names these; else the encoder of all columns does.
    """
    names = list(columns)
    if set(inputs) <= set(names):
        return {name: name for name in inputs}
    by_input = {name: column for column, name in inputs_by_column(names).items()}
    return {name: by_input.get(name, name) for name in inputs}


def _lacks(file: Path, column: str, header: Sequence[str], separator: str | None) -> DataError:
    """Return the error for a missing column; its hint names the nearest one, or another separator."""
    close = nearest(column, header)
    hint = f"did you mean {close!r}?" if close else f"it has {one_of(header, 'and')}"
    marks = [mark for mark in (",", ";", "\t", "|") if len(header) == 1 and column in header[0].split(mark)]
    if separator and marks:
        hint = f"separate the cells with {separator!r}, as in training; the file seems to use {marks[0]!r}"
    return DataError(f"{file} has no column {column!r}", hint=hint)


def _texts(reader: RowReader, files: Sequence[Path], header: Sequence[str]) -> Data:
    """Return the column of texts, (rows,)."""
    name = header[0] if len(header) == 1 else _TEXT
    if name not in header:
        raise DataError(
            f"{files[0]} has the columns {one_of(header, 'and')}; which is the text?", hint=f"call it {_TEXT}"
        )
    table = reader.whole(files, (name,))
    return values(table.columns[name], name, ColumnKind.TEXT, table.place)


def _column(table: Table, name: str, wanted: ModelInput, kinds: Mapping[str, ColumnKind]) -> Data:
    """One input (rows, 1): what the column held in training, which the cells of a few new rows need not show."""
    column = table.columns[name]
    if wanted.dtype == "string":
        return values(column, name, ColumnKind.TEXT, table.place)[:, None]
    kind = _kind(column, name, kinds.get(name) or kind_of(column, name), table)
    require(column, name, kind, table.place, _LEAVE_EMPTY)
    return values(column, name, kind, table.place)[:, None].astype(wanted.dtype)


_OF_NUMBERS = {ColumnKind.NUMERIC, ColumnKind.BOOLEAN}


def _kind(column: ArrowData, name: str, learned: ColumnKind, table: Table) -> ColumnKind:
    """As what the column's cells are read, where in training they were `learned`.

    Raises:
        DataError: They are of another type, which a typed file tells.
    """
    if is_text(column):
        there = len(column) - column.null_count
        as_number = learned.is_words or (learned is ColumnKind.BOOLEAN and count(column, NUMBER) == there)
        return ColumnKind.NUMERIC if as_number else learned
    kind = kind_of(column, name)
    if kind is not learned and not (column.null_count == len(column) or {kind, learned} <= _OF_NUMBERS):
        raise DataError(
            f"{table.name}: column {name!r} is {kind} ({column.type}), but it was {learned} in training",
            hint="use the same type as in training",
        )
    return kind


def _matrix(table: Table, header: Sequence[str]) -> Data:
    """Return a table of numbers alone as one array (rows, columns)."""
    for name in header:
        column = table.columns[name]
        require(column, name, ColumnKind.NUMERIC, table.place, "or remove the column")
        if column.null_count:
            row = column.is_null().index(True).as_py()
            raise DataError(f"{table.place(row)}: column {name!r} has no value", hint="fill it in")
    import numpy as np

    numbers = [values(table.columns[name], name, ColumnKind.NUMERIC, table.place) for name in header]
    return np.stack(numbers, axis=1).astype("float32")
