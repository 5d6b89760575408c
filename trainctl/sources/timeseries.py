"""Timeseries: windows over a table whose rows follow each other in time."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import Field

from trainctl.aliases import Array
from trainctl.components.context import DataContext
from trainctl.components.dataset import ColumnKind, Dataset, Samples
from trainctl.components.fields import InputFile, Positive, Separator, Text, Texts
from trainctl.components.spec import SourceSpec, source
from trainctl.errors import DataError
from trainctl.events import Notice
from trainctl.sources.csv import CSV
from trainctl.sources.parquet import Parquet
from trainctl.sources.reading.inputs import existing_files
from trainctl.sources.reading.windows import Windows
from trainctl.sources.table.columns import kind_of, require, values
from trainctl.sources.table.missing_column import absent
from trainctl.text import one_of, plural

if TYPE_CHECKING:
    from trainctl.sources.reading.targets import Table
    from trainctl.sources.table.table import TableSpec

_GAP = 1.5  # times what rows are apart mostly: months are not all of one length


@source("Timeseries")
class Timeseries(SourceSpec):
    """Windows over a table whose rows follow each other in time: from the last `window` rows, the next `horizon` values.

    With `group`, each series in the table has windows of its own. A split takes the last windows to test on and those
    before to validate on; windows that would share a row with another split are left out. Numbers reach the model as they
    are: its first layer is a Normalization.

    Shapes:
        x: float32 (n, window, features).
        y: float32 (n,), or (n, horizon) where `horizon` is more than 1.
    """

    path: InputFile = Field(description="A CSV or Parquet file, a folder or a glob of them.", examples=["weather.csv"])
    target: Text = Field(description="The column to predict.", examples=["temperature"])
    window: Positive = Field(description="Rows that the model sees.", examples=[24])
    horizon: Positive = Field(default=1, description="Rows after the window whose target is predicted.")
    stride: Positive = Field(default=1, description="Rows between the starts of two windows.")
    features: Texts | None = Field(
        default=None,
        description="The numeric columns that the model sees; null = all numeric columns, including the target.",
    )
    time: Text | None = Field(default=None, description="The column to sort the rows by; null = already sorted.")
    group: Text | None = Field(
        default=None,
        description="The column that identifies several series, such as `store`; no window spans two series.",
    )
    missing: Texts | None = Field(
        default=None,
        description="For CSV files, cells that mean a missing value, besides empty ones; null = NA, NaN, null, N/A …",
    )
    separator: Separator = Field(
        default=",", min_length=1, max_length=1, description="For CSV files, the character between two cells."
    )

    def look(self) -> None:
        """The files exist, and their columns hold the target, the features, the time and the group."""
        self._columns()

    def load(self, context: DataContext) -> Dataset:
        """All windows, in the order of time.

        Raises:
            DataError: No such file or column, too few rows, or a cell that is missing or no number.
        """
        import numpy as np

        table_spec, columns = self._columns()
        table = table_spec.whole(existing_files(self.path, table_spec.suffix), columns)
        features = self.features or tuple(name for name in columns if self._is_feature(table, name))
        moment = np.arange(len(table), dtype=float) if self.time is None else _filled(table, self.time)
        names, series = self._series(table)
        order = np.lexsort((moment, series))
        if self.time is not None:
            self._tell_times(table, moment[order], series[order], order, context)
        rows = np.stack([_filled(table, name) for name in features], axis=1).astype(np.float32)[order]
        target = _filled(table, self.target).astype(np.float32)[order]
        begins, owner = self._windows(table, names, series, context)
        last = moment[order][begins + self.window + self.horizon - 1]
        in_time = np.argsort(last, kind="stable")
        begins, owner = begins[in_time], owner[in_time]
        y = target[begins[:, None] + self.window + np.arange(self.horizon)]
        samples = Samples(Windows(rows, begins, self.window), y[:, 0] if self.horizon == 1 else y)
        content = hashlib.blake2b(rows.tobytes() + target.tobytes(), digest_size=32).hexdigest()
        return Dataset(samples, ordered=True, overlap=self._overlap(owner), fingerprint=content)

    def _series(self, table: Table) -> tuple[list[str], Array]:
        """The names of the series, and to which each row belongs, int64 (rows,)."""
        import numpy as np

        if self.group is None:
            return [""], np.zeros(len(table), np.int64)
        cells = values(table.columns[self.group], self.group, ColumnKind.CATEGORICAL, table.place)
        absent = np.flatnonzero(cells == "")
        if len(absent):
            raise DataError(
                f"{table.place(int(absent[0]))}: column {self.group!r} (group) has no value",
                hint="every row must belong to a series; fill in the value",
            )
        names, series = np.unique(cells.astype(str), return_inverse=True)
        return names.tolist(), series

    def _windows(self, table: Table, names: list[str], series: Array, context: DataContext) -> tuple[Array, Array]:
        """The row at which each window begins, of rows in order of their series, and the series of each window."""
        import numpy as np

        lengths = np.bincount(series, minlength=len(names))
        counts = np.maximum((lengths - self.window - self.horizon) // self.stride + 1, 0)
        if not counts.any():
            what = (
                f"{table.name} has" if self.group is None else f"{table.name}: the longest series of {self.group!r} has"
            )
            raise DataError(
                f"{what} {plural(int(lengths.max()), 'row')}, too few for a window of {self.window} and a horizon of "
                f"{self.horizon}",
                hint="use more rows, or a shorter window",
            )
        short = [name for name, count in zip(names, counts, strict=True) if not count]
        if short:
            listed = one_of([*short[:10], "…"] if len(short) > 10 else short, "and")
            message = f"{table.name}: {len(short):,} of {len(names):,} series have too few rows for a window: {listed}"
            context.emit(Notice(message=message, loud=True))
        firsts = np.cumsum(lengths) - lengths
        parts = [first + np.arange(count) * self.stride for first, count in zip(firsts, counts, strict=True)]
        return np.concatenate(parts).astype(np.int64), np.repeat(np.arange(len(names)), counts)

    def _overlap(self, owner: Array) -> int:
        """How many windows after one at most share a row with it; series take turns as their times do.

        Args:
            owner: The series of each window, in the order of time.
        """
        import numpy as np

        reach = -(-(self.window + self.horizon - 1) // self.stride)  # windows of the same series
        order = np.argsort(owner, kind="stable")  # the windows of one series after the other, each in the order of time
        counts = np.bincount(owner)
        last = np.repeat(np.cumsum(counts) - 1, counts)  # for each window, where that of its series stands
        after = np.minimum(np.arange(len(order)) + reach, last)
        return int((order[after] - order).max())

    def _tell_times(self, table: Table, moments: Array, series: Array, order: Array, context: DataContext) -> None:
        """Notices of times that stand twice in a series, and of gaps between two rows of it."""
        import numpy as np

        apart = np.where(np.diff(series) == 0, np.diff(moments), np.nan)
        twice = np.flatnonzero(apart == 0) + 1
        if len(twice):
            of_series = (
                ""
                if self.group
                else "; if the table holds several series, set group to the column that identifies them"
            )
            context.emit(
                Notice(
                    message=f"{table.place(int(order[twice[0]]))}: column {self.time!r} has the time of the row "
                    f"before ({plural(len(twice), 'row')} in all){of_series}",
                    loud=True,
                )
            )
        steps = apart[apart > 0]
        usual = np.median(steps) if len(steps) else np.inf
        gaps = np.flatnonzero(apart > _GAP * usual) + 1
        if len(gaps):
            context.emit(
                Notice(
                    message=f"{table.place(int(order[gaps[0]]))}: a gap in column {self.time!r} before this row "
                    f"({plural(len(gaps), 'gap')} in all): windows span it",
                    loud=True,
                )
            )

    def _columns(self) -> tuple[TableSpec, tuple[str, ...]]:
        """How to read the files, and which of their columns."""
        spec = self._table_spec()
        files = existing_files(self.path, spec.suffix)
        header = spec.common_header(files)
        asked = {"target": (self.target,), "features": self.features or (), "time": self.time, "group": self.group}
        named = {field: (names,) if isinstance(names, str) else names or () for field, names in asked.items()}
        for field, names in named.items():
            for name in names:
                if name not in header:
                    raise absent(field, name, header, files[0])
        wanted = header if self.features is None else [name for names in named.values() for name in names]
        return spec, tuple(dict.fromkeys(wanted))

    def _table_spec(self) -> TableSpec:
        folder = Path(self.path)
        is_parquet = folder.suffix.lower() == ".parquet" or (
            folder.is_dir() and any(each.suffix == ".parquet" for each in folder.iterdir())
        )
        if is_parquet:
            return Parquet(path=self.path, label=self.target)
        return CSV(path=self.path, label=self.target, missing=self.missing, separator=self.separator)

    def _is_feature(self, table: Table, name: str) -> bool:
        return name not in {self.time, self.group} and kind_of(table.columns[name], name) is ColumnKind.NUMERIC


def _filled(table: Table, name: str) -> Array:
    """The column's numbers, or days of a date, float64.

    Raises:
        DataError: A cell is missing or no number; names its place.
    """
    import numpy as np

    kind = kind_of(table.columns[name], name)
    if kind.is_words:
        raise DataError(f"{table.name}: column {name!r} holds {kind} values, not numbers", hint="name another column")
    require(table.columns[name], name, kind, table.place, "or name other features:")
    numbers = values(table.columns[name], name, kind, table.place)
    gaps = np.flatnonzero(np.isnan(numbers))
    if len(gaps):
        raise DataError(
            f"{table.place(int(gaps[0]))}: column {name!r} has no value ({plural(len(gaps), 'row')} in all)",
            hint="fill the gaps; a window cannot skip rows",
        )
    return numbers
