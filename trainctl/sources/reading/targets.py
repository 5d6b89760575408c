"""The label columns of a table: their raw values, and what they mean over a whole table or over its blocks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from trainctl.aliases import Array, ArrowData, Data
from trainctl.components.dataset import ColumnKind, LabelKind
from trainctl.errors import DataError
from trainctl.sources.reading.labels import infer_labels
from trainctl.sources.table.columns import NUMBER, WHOLE, count, is_text, matches, require, values
from trainctl.text import one_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


MAX_CLASSES = 10_000


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


def labelled(table: Table, labels: Sequence[str]) -> Array:
    """Whether each row has all of its labels, bool (n,); NaN, which stands in typed files, is none."""
    import numpy as np
    import pyarrow.compute as pc

    absent = [np.asarray(pc.is_null(table.columns[name], nan_is_null=True)) for name in labels]
    rows: Array = ~np.logical_or.reduce(absent)
    return rows


def raw_labels(table: Table, labels: Sequence[str], rows: Array) -> Array:
    """The labels of `rows` as they stand there: text, bool, int64 or float64; (n,), or (n, labels) of several columns.

    Raises:
        DataError: Text among numbers; names its place.
    """
    import numpy as np

    columns = [_raw(table, name, rows) for name in labels]
    return columns[0] if len(columns) == 1 else np.stack(columns, axis=1)


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


@dataclass(frozen=True, slots=True)
class Meaning:
    """What the labels of a table that is read in blocks mean.

    Args:
        kind: Classes or numbers.
        names: The texts of the classes, sorted; empty for whole numbers and for numbers.
        classes: How many classes there are; 0 of numbers.
    """

    kind: LabelKind
    names: tuple[str, ...] = ()
    classes: int = 0

    @classmethod
    def of(cls, blocks: Iterable[Array], name: str) -> Meaning:
        """The meaning of raw labels, block after block.

        Raises:
            DataError: The labels of one block are text and those of another are not, or there are too many classes.
        """
        import numpy as np

        names: set[str] = set()
        kinds, lowest, highest, one = "", 0, 0, True
        for raw in blocks:
            kinds += raw.dtype.kind if len(raw) else ""
            one = one and raw.ndim == 1
            if raw.dtype.kind in "UOb":
                names.update(np.unique(raw.astype(str)).tolist())
            elif len(raw) and raw.dtype.kind in "iu":
                lowest, highest = min(lowest, int(raw.min())), max(highest, int(raw.max()))
            if len(names) > MAX_CLASSES:
                raise DataError(
                    f"column {name!r} has more than {MAX_CLASSES:,} different values, too many for classes",
                    hint="name another column under label:",
                )
        if names and set(kinds) - set("UOb"):
            raise DataError(f"column {name!r} mixes numbers and text", hint="correct the cells")
        if names:
            return cls(LabelKind.CLASSES, tuple(sorted(names)), len(names))
        if one and set(kinds) <= set("iu") and lowest >= 0:
            return cls(LabelKind.CLASSES, classes=highest + 1)
        return cls(LabelKind.NUMBERS)

    def of_block(self, raw: Array) -> Array:
        """The labels as trainctl keeps them: int64 class indices, or float32 numbers."""
        import numpy as np

        if self.names:
            return np.searchsorted(np.array(self.names), raw.astype(str)).astype(np.int64)
        return raw.astype(np.int64 if self.kind is LabelKind.CLASSES else np.float32)


def meaning(raw: Array) -> tuple[Array, LabelKind, tuple[str, ...]]:
    """The labels of a whole table as trainctl keeps them, what they are, and the texts of the classes."""
    [y], kind, names = infer_labels([raw])
    return y, kind, names


def none_labelled(table_name: str, labels: Sequence[str]) -> DataError:
    """The error for a table without any label."""
    return DataError(
        f"{table_name}: no row has a label in column {one_of(map(repr, labels), 'and')}",
        hint="name another under label:",
        field="label",
    )
