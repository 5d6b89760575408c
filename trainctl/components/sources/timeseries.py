"""Timeseries: windows over a table whose rows follow each other in time."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import Field

from trainctl.components.base import SourceSpec, source
from trainctl.components.columns import kind_of, require, values
from trainctl.components.context import DataContext
from trainctl.components.dataset import ColumnKind, Dataset, LabelKind, Samples
from trainctl.components.fields import InputFile, Positive, Text, Texts
from trainctl.components.inputs import existing_files, shown
from trainctl.components.sources.csv import CSV
from trainctl.components.sources.parquet import Parquet
from trainctl.components.windows import Windows
from trainctl.errors import DataError
from trainctl.words import nearest, plural

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trainctl.components.table import TableSpec
    from trainctl.components.targets import Table


@source("Timeseries")
class Timeseries(SourceSpec):
    """Windows over a table whose rows follow each other in time: from the last `window` rows, the next `horizon` values.

    A split takes the last windows to test on and those before to validate on; windows that would share a row with
    another split are left out. Numbers reach the model as they are: its first layer is a Normalization.

    Shapes:
        x: float32 (n, window, features).
        y: float32 (n,), or (n, horizon) where `horizon` is more than 1.
    """

    path: InputFile = Field(description="A CSV or Parquet file, a folder or a glob of them.", examples=["weather.csv"])
    target: Text = Field(description="The column to predict.", examples=["temperature"])
    window: Positive = Field(description="Rows that the model sees.", examples=[24])
    horizon: Positive = Field(default=1, description="Rows after the window whose target is predicted.")
    stride: Positive = Field(default=1, description="Rows between the beginnings of two windows.")
    features: Texts | None = Field(
        default=None,
        description="The numeric columns that the model sees; null: all numeric ones, the target included.",
    )
    time: Text | None = Field(default=None, description="The column to sort the rows by; null: they are in order.")

    def look(self) -> None:
        """The files exist, and their columns hold the target, the features and the time."""
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
        order = np.arange(len(table)) if self.time is None else np.argsort(_filled(table, self.time), kind="stable")
        rows = np.stack([_filled(table, name) for name in features], axis=1).astype(np.float32)[order]
        target = _filled(table, self.target).astype(np.float32)[order]
        count = (len(rows) - self.window - self.horizon) // self.stride + 1
        if count < 1:
            raise DataError(
                f"{table.name} has {plural(len(rows), 'row')}, too few for a window of {self.window} and a horizon of "
                f"{self.horizon}",
                hint="use more rows, or a shorter window",
            )
        begins = np.arange(count, dtype=np.int64) * self.stride
        y = target[begins[:, None] + self.window + np.arange(self.horizon)]
        samples = Samples(Windows(rows, begins, self.window), y[:, 0] if self.horizon == 1 else y)
        shared = -(-(self.window + self.horizon - 1) // self.stride)
        content = hashlib.blake2b(rows.tobytes() + target.tobytes(), digest_size=32).hexdigest()
        return Dataset(samples, LabelKind.NUMBERS, ordered=True, overlap=shared, fingerprint=content)

    def _columns(self) -> tuple[TableSpec, tuple[str, ...]]:
        """How to read the files, and which of their columns."""
        spec = self._table_spec()
        files = existing_files(self.path, spec.suffix)
        header = spec.common_header(files)
        time = () if self.time is None else (self.time,)
        for field, names in (("target", (self.target,)), ("features", self.features or ()), ("time", time)):
            for name in names:
                if name not in header:
                    close = nearest(name, header)
                    raise DataError(
                        f"{shown(files[0])} has no column {name!r} ({field})",
                        hint=f"did you mean {close!r}?" if close else f"its columns: {', '.join(header)}",
                    )
        wanted = header if self.features is None else (*self.features, self.target, *time)
        return spec, tuple(dict.fromkeys(wanted))

    def _table_spec(self) -> TableSpec:
        folder = Path(self.path)
        is_parquet = folder.suffix.lower() == ".parquet" or (
            folder.is_dir() and any(each.suffix == ".parquet" for each in folder.iterdir())
        )
        return (Parquet if is_parquet else CSV)(path=self.path, label=self.target)

    def _is_feature(self, table: Table, name: str) -> bool:
        return name != self.time and kind_of(table.columns[name], name) is ColumnKind.NUMERIC


def _filled(table: Table, name: str) -> NDArray[Any]:
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
            hint="fill the gaps: a window cannot leave a row out",
        )
    return numbers
