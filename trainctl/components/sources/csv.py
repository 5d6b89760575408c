"""CSV: a table in text files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from pydantic import Field, model_validator

from trainctl.components.base import SourceSpec, source
from trainctl.components.dataset import ColumnKind, Dataset, Samples
from trainctl.components.delimited import TextTable, default_missing, read_header, read_texts
from trainctl.components.fields import InputFile, Text, Texts
from trainctl.components.inputs import existing_files, shown
from trainctl.components.labels import understood
from trainctl.errors import DataError
from trainctl.events import Notice
from trainctl.words import nearest, one_of, plural

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from trainctl.components.context import DataContext

NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"
WHOLE = r"^[+-]?\d{1,18}$"


@source("CSV")
class CSV(SourceSpec):
    """A table from CSV files: UTF-8 text, the first line names the columns.

    A column is numeric where at least half of its cells are numbers, categorical otherwise; dates and booleans are
    categorical. In a numeric column every cell has to be a number or missing. One label column of text, booleans or
    whole numbers from 0 on means classes; other numbers, and several label columns, mean numbers to predict.

    Shapes:
        x: per column (n,): float64 with NaN for missing where numeric, text with "" for missing where categorical.
        y: int64 (n,) class indices, or float32 (n,) or (n, labels) numbers.
    """

    path: InputFile = Field(
        description="A CSV file, a folder (its *.csv files) or a glob; several files have the same columns.",
        examples=["titanic.csv"],
    )
    label: Text | Texts = Field(description="The column to predict, or a list of numeric ones.", examples=["survived"])
    features: dict[str, ColumnKind] | Texts | None = Field(
        default=None,
        description="The columns to learn from: a list, or a mapping to `numeric` or `categorical`; null: all others.",
    )
    missing: Texts | None = Field(
        default=None, description="Cells that mean a missing value, besides empty ones; null: NA, NaN, null, N/A …"
    )
    separator: Text = Field(default=",", min_length=1, max_length=1, description="The character between two cells.")

    @model_validator(mode="after")
    def _label_is_no_feature(self) -> Self:
        if not self.labels:
            raise ValueError("label: names no column")
        both = [name for name in self.labels if name in (self.features or ())]
        if both:
            raise ValueError(f"the label {both[0]!r} is also among the features")
        return self

    @property
    def labels(self) -> tuple[str, ...]:
        """The label columns."""
        return (self.label,) if isinstance(self.label, str) else self.label

    def look(self) -> None:
        """The files exist, have the same header, and it names the label and the features."""
        files = existing_files(self.path, ".csv")
        self._features(self._header(files), files[0])

    def load(self, context: DataContext) -> Dataset:
        """The rows of all files; those without a label are left out, with a notice.

        Raises:
            DataError: No such file or column, no rows, rows that do not fit the header, or text among numbers.
        """
        import numpy as np

        files = existing_files(self.path, ".csv")
        header = self._header(files, context)
        features = self._features(header, files[0])
        missing = default_missing() if self.missing is None else self.missing
        table = read_texts(files, tuple(dict.fromkeys((*features, *self.labels))), self.separator, missing)
        kinds = {name: self._kind(table, name) for name in features}
        labelled = self._labelled(table, context)
        x = {name: _values(table, name, kind)[labelled] for name, kind in kinds.items()}
        columns = [_label(table, name, labelled) for name in self.labels]
        [y], kind, names = understood([columns[0] if len(columns) == 1 else np.stack(columns, axis=1)])
        return Dataset(Samples(x, y), kind, class_names=names, columns=kinds)

    def _header(self, files: Sequence[Path], context: DataContext | None = None) -> tuple[str, ...]:
        first, *others = ((file, read_header(file, self.separator)) for file in files)
        for file, header in others:
            differing = sorted(set(first[1]) ^ set(header))
            if differing:
                raise DataError(
                    f"{shown(file)} and {shown(first[0])} do not have the same columns: "
                    f"only one of them has {one_of(map(repr, differing), 'and')}",
                    hint="give them the same header, or name fewer files under path:",
                )
        if "" in first[1] and context is not None:
            message = f"{shown(first[0])}: column {first[1].index('') + 1} has no name and is left out"
            context.emit(Notice(message=message))
        return tuple(name for name in first[1] if name)

    def _features(self, header: tuple[str, ...], file: Path) -> tuple[str, ...]:
        for field, names in (("label", self.labels), ("features", self.features or ())):
            for name in names:
                if name not in header:
                    raise _absent(field, name, header, file)
        chosen = tuple(self.features) if self.features is not None else _without(header, self.labels)
        if not chosen:
            raise DataError(f"{shown(file)} has no column to learn from besides the label", hint=_listed(header))
        return chosen

    def _kind(self, table: TextTable, name: str) -> ColumnKind:
        declared = self.features.get(name) if isinstance(self.features, dict) else None
        if declared is ColumnKind.CATEGORICAL or (declared is None and not _mostly_numbers(table, name)):
            return ColumnKind.CATEGORICAL
        _require_numbers(table, name, "list it under missing:, or declare the column categorical under features:")
        return ColumnKind.NUMERIC

    def _labelled(self, table: TextTable, context: DataContext) -> NDArray[Any]:
        import numpy as np

        present = [np.asarray(table.columns[name].is_valid()) for name in self.labels]
        rows: NDArray[Any] = np.logical_and.reduce(present)
        absent = int((~rows).sum())
        label = one_of(map(repr, self.labels), "and")
        if absent == len(table):
            raise DataError(
                f"{table.name}: no row has a label in column {label}", hint="name another under label:", field="label"
            )
        if absent:
            context.emit(Notice(message=f"{table.name}: {plural(absent, 'row')} without label {label} left out"))
        return rows


def _absent(field: str, name: str, header: tuple[str, ...], file: Path) -> DataError:
    close = nearest(name, header)
    start = f"did you mean {close!r}? " if close else ""
    return DataError(f"{shown(file)} has no column {name!r} ({field})", hint=start + _listed(header), field=field)


def _listed(header: tuple[str, ...]) -> str:
    more = ["…"] if len(header) > 20 else []
    return f"its columns: {', '.join([*header[:20], *more])}"


def _without(names: tuple[str, ...], left_out: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in names if name not in left_out)


def _matches(column: Any, pattern: str) -> Any:
    import pyarrow.compute as pc

    return pc.match_substring_regex(column, pattern)


def _mostly_numbers(table: TextTable, name: str) -> bool:
    """Whether at least half of the cells that are there are numbers; so also where none is there."""
    import pyarrow.compute as pc

    column = table.columns[name]
    numbers = pc.sum(_matches(column, NUMBER)).as_py() or 0
    return bool(2 * numbers >= len(column) - column.null_count)


def _require_numbers(table: TextTable, name: str, otherwise: str) -> None:
    import pyarrow.compute as pc

    column = table.columns[name]
    row = pc.index(_matches(column, NUMBER), value=False).as_py()
    if row >= 0:
        raise DataError(
            f"{table.place(row)}: column {name!r}: {column[row].as_py()!r} is not a number",
            hint=f"correct the cell, {otherwise}",
        )


def _values(table: TextTable, name: str, kind: ColumnKind) -> NDArray[Any]:
    """float64 with NaN for missing, or text objects with "" for missing."""
    import pyarrow as pa
    import pyarrow.compute as pc

    column = table.columns[name]
    column = pc.fill_null(column, "") if kind is ColumnKind.CATEGORICAL else column.cast(pa.float64())
    values: NDArray[Any] = column.to_numpy()
    return values


def _label(table: TextTable, name: str, labelled: NDArray[Any]) -> NDArray[Any]:
    """The labels of the rows that have one: int64, float64 or text."""
    import pyarrow as pa
    import pyarrow.compute as pc

    column = table.columns[name].filter(pa.array(labelled))
    labels: NDArray[Any]
    if not _mostly_numbers(table, name):
        labels = column.to_numpy().astype(str)
    elif pc.all(_matches(column, WHOLE)).as_py():
        labels = column.cast(pa.int64()).to_numpy()
    else:
        _require_numbers(table, name, "or list it under missing:")
        labels = column.cast(pa.float64()).to_numpy()
    return labels
