"""New rows of tables for a trained model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from trainctl.aliases import ArrowData, Data, Value
from trainctl.components.dataset import ColumnKind
from trainctl.data.encoder import inputs_by_column
from trainctl.errors import DataError
from trainctl.sources.csv import CSV
from trainctl.sources.parquet import Parquet
from trainctl.sources.table.columns import NUMBER, count, is_text, kind_of, require, values
from trainctl.text import nearest, one_of

if TYPE_CHECKING:
    from pathlib import Path

    from trainctl.backend import keras
    from trainctl.components.spec import SourceSpec
    from trainctl.sources.reading.targets import Table
    from trainctl.sources.table.table import TableSpec

_LEAVE_EMPTY = "or leave it empty"

_TEXT = "text"  # what a column of texts is called where it is not the only one


def rows(model: keras.Model, files: Sequence[Path], source: SourceSpec, recorded: Mapping[str, Value]) -> Data:
    """The columns of tables as the model's inputs: numbers with NaN for missing, text with "" for missing.

    Args:
        model: The model: its inputs' names and types tell what is wanted.
        files: CSV or Parquet files, with the same columns.
        source: What it was trained on: a CSV's separator and missing values hold for new rows too.
        recorded: What run.json tells of that data.

    Raises:
        DataError: A column is missing, or a cell is not what it was in training; names its place.
    """
    reader = _reader(files[0], source)
    header = reader.common_header(files)
    known = (recorded.get("details") or {}).get("columns") or {}
    first = model.inputs[0]
    if not known and len(model.inputs) == 1 and first.name not in header:  # of arrays and texts: any column will do
        if first.dtype == "string":
            return _texts(reader, files, header)
        return _matrix(reader.whole(files, header), header)
    columns = _columns([tensor.name for tensor in model.inputs], known or header)
    absent = [column for column in columns.values() if column not in header]
    if absent:
        raise _lacks(files[0], absent[0], header, reader)
    table = reader.whole(files, tuple(columns.values()))
    kinds = {name: ColumnKind(facts["kind"]) for name, facts in known.items()}
    return {tensor.name: _column(table, columns[tensor.name], tensor, kinds) for tensor in model.inputs}


def _columns(inputs: Sequence[str], columns: Iterable[str]) -> dict[str, str]:
    """The column for each of the model's inputs; an input that stands for none of `columns` goes by its own name.

    Where all inputs are called as columns are, the model names these; else the encoder of all columns does.
    """
    names = list(columns)
    if set(inputs) <= set(names):
        return {name: name for name in inputs}
    by_input = {name: column for column, name in inputs_by_column(names).items()}
    return {name: by_input.get(name, name) for name in inputs}


def _lacks(file: Path, column: str, header: Sequence[str], reader: TableSpec) -> DataError:
    """The error for a column that is not there; its hint names the nearest, or what else stands between the cells."""
    close = nearest(column, header)
    hint = f"did you mean {close!r}?" if close else f"it has {one_of(header, 'and')}"
    marks = [mark for mark in (",", ";", "\t", "|") if len(header) == 1 and column in header[0].split(mark)]
    if isinstance(reader, CSV) and marks:
        hint = f"put {reader.separator!r} between its cells, as in training; there seems to be {marks[0]!r}"
    return DataError(f"{file} has no column {column!r}", hint=hint)


def _reader(file: Path, source: SourceSpec) -> TableSpec:
    """What reads files such as this one: the source itself, where it is of their kind."""
    if file.suffix.lower() == ".parquet":
        return Parquet(path=str(file), label="label")
    return source if isinstance(source, CSV) else CSV(path=str(file), label="label")


def _texts(reader: TableSpec, files: Sequence[Path], header: Sequence[str]) -> Data:
    """The column of texts, (rows,)."""
    name = header[0] if len(header) == 1 else _TEXT
    if name not in header:
        raise DataError(
            f"{files[0]} has the columns {one_of(header, 'and')}; which is the text?", hint=f"call it {_TEXT}"
        )
    table = reader.whole(files, (name,))
    return values(table.columns[name], name, ColumnKind.TEXT, table.place)


def _column(table: Table, name: str, tensor: keras.KerasTensor, kinds: Mapping[str, ColumnKind]) -> Data:
    """One input (rows, 1): what the column held in training, which the cells of a few new rows need not show."""
    column = table.columns[name]
    if tensor.dtype == "string":
        return values(column, name, ColumnKind.TEXT, table.place)[:, np.newaxis]
    kind = _kind(column, name, kinds.get(name) or kind_of(column, name), table)
    require(column, name, kind, table.place, _LEAVE_EMPTY)
    return values(column, name, kind, table.place)[:, np.newaxis].astype(tensor.dtype)


_OF_NUMBERS = {ColumnKind.NUMERIC, ColumnKind.BOOLEAN}


def _kind(column: ArrowData, name: str, learnt: ColumnKind, table: Table) -> ColumnKind:
    """As what the column's cells are read, where in training they were `learnt`.

    Raises:
        DataError: They are of another type, which a typed file tells.
    """
    if is_text(column):
        there = len(column) - column.null_count
        as_number = learnt.is_words or (learnt is ColumnKind.BOOLEAN and count(column, NUMBER) == there)
        return ColumnKind.NUMERIC if as_number else learnt
    kind = kind_of(column, name)
    if kind is not learnt and not (column.null_count == len(column) or {kind, learnt} <= _OF_NUMBERS):
        raise DataError(
            f"{table.name}: column {name!r} is {kind} ({column.type}), but it was {learnt} in training",
            hint="write it as it was",
        )
    return kind


def _matrix(table: Table, header: Sequence[str]) -> Data:
    """A table of numbers alone as one array (rows, columns)."""
    for name in header:
        column = table.columns[name]
        require(column, name, ColumnKind.NUMERIC, table.place, "or leave the column out")
        if column.null_count:
            row = column.is_null().index(True).as_py()
            raise DataError(f"{table.place(row)}: column {name!r} has no value", hint="fill it in")
    numbers = [values(table.columns[name], name, ColumnKind.NUMERIC, table.place) for name in header]
    return np.stack(numbers, axis=1).astype("float32")
