"""The label columns of a table: their raw values, and what they mean over a whole table or over its blocks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from trainctl.aliases import Array, ArrowData, Data
from trainctl.components.dataset import ColumnKind
from trainctl.errors import DataError
from trainctl.sources.table.amounts import form_of, plain_cells
from trainctl.sources.table.columns import NUMBER, WHOLE, count, is_text, matches, require, values
from trainctl.text import one_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class Table(Protocol):
    """Columns of one length, as Arrow arrays."""

    @property
    def columns(self) -> Mapping[str, Data]:
        """The columns by name."""

    @property
    def name(self) -> str:
        """What to call it in messages."""

    def place(self, row: int) -> str:
        """Where row `row` (from 0) stands: `titanic.csv:17`."""

    def __len__(self) -> int: ...


def labeled(table: Table, labels: Sequence[str]) -> Array:
    """Whether each row has all of its labels, bool (n,); NaN, which stands in typed files, is none."""
    import numpy as np
    import pyarrow.compute as pc

    absent = [np.asarray(pc.is_null(table.columns[name], nan_is_null=True)) for name in labels]
    rows: Array = ~np.logical_or.reduce(absent)
    return rows


def raw_labels(table: Table, labels: Sequence[str], rows: Array, *, as_text: bool = False) -> Array:
    """The labels of `rows` as they stand there: text, bool, int64 or float64; (n,), or (n, labels) of several columns.

    Raises:
        DataError: Text among numbers; names its place.
    """
    import numpy as np

    if as_text:
        return _texts(table, labels[0], rows)
    columns = [_raw(table, name, rows) for name in labels]
    return columns[0] if len(columns) == 1 else np.stack(columns, axis=1)


def _texts(table: Table, name: str, rows: Array) -> Array:
    """The labels of one column as text, also where a cell looks like a number."""
    import pyarrow as pa

    return _array(table.columns[name].cast(pa.string()).filter(pa.array(rows))).astype(str)


def _raw(table: Table, name: str, rows: Array) -> Array:
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.types as types

    column = table.columns[name]
    chosen = column.filter(pa.array(rows))
    if not is_text(column):
        if types.is_floating(column.type) or types.is_decimal(column.type):
            return _array(chosen.cast(pa.float64()))
        return _array(chosen)
    form = form_of(chosen)
    if form is not None and form.kind is ColumnKind.NUMERIC:
        return _array(plain_cells(chosen, ColumnKind.NUMERIC).cast(pa.float64()))
    if 2 * count(chosen, NUMBER) < len(chosen):
        return _array(chosen).astype(str)
    if pc.all(matches(chosen, WHOLE)).as_py():
        return _array(chosen.cast(pa.int64()))
    require(column, name, ColumnKind.NUMERIC, table.place, "or list it under missing:")
    numbers: Array = values(column, name, ColumnKind.NUMERIC, table.place)[rows]
    return numbers


def _array(column: ArrowData) -> Array:
    import pyarrow as pa

    array: Array = column.to_numpy(zero_copy_only=False) if isinstance(column, pa.Array) else column.to_numpy()
    return array


def none_labeled(table_name: str, labels: Sequence[str]) -> DataError:
    """The error for a table without any label."""
    return DataError(
        f"{table_name}: no row has a label in column {one_of(map(repr, labels), 'and')}",
        hint="name another under label:",
        field="label",
    )
