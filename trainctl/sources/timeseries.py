"""Timeseries: windows over a table whose rows follow each other in time."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from trainctl.aliases import Array, Data
from trainctl.components.context import DataContext
from trainctl.components.dataset import Dataset, Samples
from trainctl.components.fields import Boolean, InputFile, Positive, Sizes, Text, Texts
from trainctl.components.new_inputs import NewFiles, NewInputs
from trainctl.components.spec import source
from trainctl.notices import Phase, PhaseStarted
from trainctl.sources.csv import CSV
from trainctl.sources.parquet import Parquet
from trainctl.sources.reading.inputs import existing_files
from trainctl.sources.reading.scratch import NumbersOnDisk, pieces
from trainctl.sources.reading.targets import Table
from trainctl.sources.reading.windows import Following, Stretches, Windows
from trainctl.sources.table.missing_column import require_columns
from trainctl.sources.table.series import (
    Channel,
    Series,
    channels_of,
    learned_channels,
    numeric_columns,
    read_series,
    tell_short,
    tell_unseen,
)
from trainctl.sources.table.spelling import SpellingFields
from trainctl.sources.table.table import Streamed, TableSpec, Whole


@source("Timeseries")
class Timeseries(SpellingFields):
    """Windows over a table whose rows follow each other in time: from the last `window` rows, the next `horizon` values.

    With `time`, rows are sorted by it, and no window spans a gap; without, they follow each other as in the files. With
    `group`, each series in the table has windows of its own. A row without a value ends a window like a gap. A split takes
    the last windows to test on and those before to validate on; windows that would share a row with another split are left
    out. Numbers reach the model as they are, so that its first layer should be a Normalization; booleans are 0 and 1, and a
    column of categories that `features` names is a 0/1 for each, such as `town=Bonn`.

    A table of less than 256 MiB is held in memory, in about three times the size of its files. From then on, or with
    `stream: true`, files are read in blocks, and their numbers are kept as float32 in a file in TMPDIR; what stays in memory
    is some 50 bytes a row, however many columns there are. What the columns hold is then told from the first block.

    Times may be written as `2026-01-31 12:30`, `31.01.2026 12:30:00`, `1/31/2026 9:30 PM`, `20260131`, `2026-01`, or as numbers;
    otherwise `time_format` says how. `predict` reads new rows, and predicts after each window of them.

    Shapes:
        x: float32 (n, window, features).
        y: float32 (n,); (n, values) where several values or targets are predicted; (n, values, targets) where both are.
    """

    reads = frozenset({".csv", ".parquet"})
    is_ordered: ClassVar[bool] = True

    path: InputFile = Field(description="A CSV or Parquet file, a folder or a glob of them.", examples=["weather.csv"])
    target: Text | Annotated[Texts, Field(min_length=1)] = Field(
        description="The column to predict, or several.", examples=["temperature"]
    )
    window: Positive = Field(description="Rows that the model sees.", examples=[24])
    horizon: Positive | Annotated[Sizes, Field(min_length=1)] = Field(
        default=1,
        description="How many values are predicted, one after the other; or a list of how many rows ahead each of them is, "
        "such as [1, 24, 72].",
    )
    offset: Positive = Field(
        default=1,
        description="How many rows ahead of the window's last row the first predicted value is; 1 = the next row. With "
        "horizon: 1, offset: 72 the value 72 rows ahead.",
    )
    stride: Positive = Field(default=1, description="Rows between the starts of two windows.")
    sampling_rate: Positive = Field(
        default=1, description="Rows from one that the model sees to the next; 6 = every sixth row, `window` of them."
    )
    features: Texts | None = Field(
        default=None,
        description="The columns that the model sees, of numbers, booleans or a few categories; null = all of numbers and "
        "booleans, including the target.",
    )
    time: Text | Texts | None = Field(
        default=None,
        description="The column to sort the rows by, or several, such as a date and a time of day; null = already sorted.",
        examples=["date"],
    )
    time_format: Text | None = Field(
        default=None,
        description="How times are written, for strptime, such as %d.%m.%Y %H:%M:%S; null = as they look.",
        examples=["%d.%m.%Y %H:%M:%S"],
    )
    gaps: Literal["break", "span"] | None = Field(
        default=None,
        description="Where rows are more than 1.5 times as far apart in time as usual: break = no window spans it; span = "
        "windows are counted in rows alone; null = break, unless that left fewer than half of the windows.",
    )
    group: Text | None = Field(
        default=None,
        description="The column that identifies several series, such as `store`; no window spans two series.",
    )
    stream: Boolean | None = Field(
        default=None,
        description="Whether to read in blocks and to keep the numbers on disk, for files larger than memory; null = from "
        "256 MiB on.",
    )

    @model_validator(mode="after")
    def _one_way_to_look_ahead(self) -> Self:
        if self.offset > 1 and not isinstance(self.horizon, int):
            raise ValueError("offset is for a horizon that is a number; a list says itself how many rows ahead each is")
        if self.dates is not None and self.time_format is not None:
            raise ValueError("dates and time_format both say how times are written; set one of them")
        if not self.times and (self.gaps or self.time_format):
            raise ValueError(f"{'gaps' if self.gaps else 'time_format'} needs the column of times; set time")
        return self

    @property
    def ahead(self) -> tuple[int, ...]:
        """How many rows after the window's last one each predicted value is."""
        if isinstance(self.horizon, int):
            return tuple(range(self.offset, self.offset + self.horizon))
        return self.horizon

    @property
    def targets(self) -> tuple[str, ...]:
        """The columns to predict."""
        return (self.target,) if isinstance(self.target, str) else self.target

    @property
    def times(self) -> tuple[str, ...]:
        """The columns of times."""
        return (self.time,) if isinstance(self.time, str) else self.time or ()

    @property
    def prediction_names(self) -> tuple[str, ...]:
        """The target of each number, and how many rows ahead it is where there are several: `sales_1`, `sales_3`."""
        if len(self.ahead) == 1:
            return self.targets
        return tuple(f"{name}_{rows}" for rows in self.ahead for name in self.targets)

    @property
    def seen(self) -> int:
        """Rows from the first that the model sees to the last."""
        return (self.window - 1) * self.sampling_rate + 1

    @property
    def span(self) -> int:
        """Rows from the first that the model sees to the last that is predicted."""
        return self.seen + max(self.ahead)

    def look(self, context: DataContext) -> None:
        """The files exist, and their columns hold the target, the features, the time and the group."""
        self._columns(self._table_spec(self.path))

    def load(self, context: DataContext) -> Dataset:
        """All windows, in the order of time.

        Raises:
            DataError: No such file or column, too few rows, or a cell that is no number or no time.
        """
        spec = self._table_spec(self.path)
        files, columns = existing_files(self.path, spec.suffix), self._columns(spec, context.learned)
        streams = spec.streams(files)
        table: Streamed = spec.streamed(files) if streams else Whole(spec.whole(files, columns, columns))
        first = table.read(0, columns, ())
        if streams:
            context.emit(PhaseStarted(phase=Phase.SCANNING, subject=first.name))
        seen = self._seen(table, first, columns, context)
        channels = tuple(dict.fromkeys((*seen, *map(Channel, self.targets))))
        series = read_series(table, channels, self.times, self.time_format, self.group, on_disk=streams)
        stretches = series.stretches(self.gaps, self.span, self.stride, context)
        begins, owner = self._windows(series, stretches, context)
        targets = {name: channels.index(Channel(name)) for name in self.targets}
        windows = Windows(series.numbers, begins, self.window, self.sampling_rate, len(seen))
        return Dataset(
            Samples(windows, self._labels(series.numbers, begins, targets, context)),
            label_names=self.targets if len(self.targets) > 1 else (),
            ordered=True,
            overlap=self._overlap(owner),
            fingerprint=_fingerprint(series.numbers, range(len(seen)), [*targets.values()]),
            learned={channel.name: float(place) for place, channel in enumerate(seen)},
            latest=tuple(seen.index(each) for each in map(Channel, self.targets) if each in seen),
        )

    def _seen(self, table: Streamed, first: Table, columns: Sequence[str], context: DataContext) -> tuple[Channel, ...]:
        """What the model sees of the columns; of data to validate or test on, what it sees of the data to train on."""
        seen = learned_channels(context.learned, columns)
        if seen:
            found = channels_of(table, first, dict.fromkeys(each.column for each in seen))
            tell_unseen(first.name, found, seen, context)
            return seen
        is_whole = len(table) == 1
        features = self.features or numeric_columns(first, columns, self.times, self.group, context, is_whole=is_whole)
        return channels_of(table, first, features)

    def _labels(
        self, numbers: Array | NumbersOnDisk, begins: Array, targets: Mapping[str, int], context: DataContext
    ) -> Data:
        """The labels, in memory where the numbers are; of each target, where outputs of the model learn them by their names.

        Args:
            numbers: The rows.
            begins: The row at which each window begins.
            targets: The column of each target.
            context: Says what the outputs learn.
        """
        after = [self.seen - 1 + each for each in self.ahead]

        def following(columns: Sequence[int]) -> Data:
            labels = Following(numbers, begins, after, columns)
            return labels if isinstance(numbers, NumbersOnDisk) else labels.whole()

        learned = {name for names in context.outputs.values() for name in names}
        if learned and learned <= {*targets}:
            return {name: following([column]) for name, column in targets.items()}
        return following([*targets.values()])

    def read_new(self, new: NewFiles) -> NewInputs:
        """All windows of new rows, series after series; the last one ends with the last row.

        Raises:
            DataError: A column is missing, there are too few rows, or a cell is no number or no time; names its place.
        """
        spec = self._table_spec(str(new.files[0]))
        learned = new.schema.learned
        header = spec.common_header(new.files)
        channels = learned_channels(learned, header) or [*map(Channel, self.features or self.targets)]
        features = tuple(dict.fromkeys(channel.column for channel in channels))
        asked = {"features": features, "time": self.times, "group": (self.group,) if self.group else ()}
        require_columns(asked, header, new.files[0])
        columns = tuple(dict.fromkeys(name for names in asked.values() for name in names))
        streams = spec.streams(new.files)
        table: Streamed = spec.streamed(new.files) if streams else Whole(spec.whole(new.files, columns))
        series = read_series(table, channels, self.times, self.time_format, self.group, on_disk=streams)
        stretches = series.stretches(self.gaps, self.seen, self.stride, None)
        begins, _ = stretches.begins(self.seen, self.stride, to_the_end=True)
        if not len(begins):
            raise series.too_short(stretches, f"a window of {self._words(self.seen)}")
        return NewInputs(Windows(series.numbers, begins, self.window, self.sampling_rate))

    def _windows(self, series: Series, stretches: Stretches, context: DataContext) -> tuple[Array, Array]:
        """The row at which each window begins, and the number of its stretch; in the order of time."""
        import numpy as np

        begins, owner = stretches.begins(self.span, self.stride)
        if not len(begins):
            ahead = f"a horizon of {max(self.ahead)}"
            raise series.too_short(stretches, f"a window of {self._words(self.seen)} and {ahead}")
        tell_short(series, begins, context)
        last = series.moment[begins + self.span - 1]
        if (last[1:] >= last[:-1]).all():
            return begins, owner
        in_time = np.argsort(last, kind="stable")
        return begins[in_time], owner[in_time]

    def _words(self, rows: int) -> str:
        return str(rows) if rows == self.window else f"{self.window} (every {self.sampling_rate} rows: {rows} rows)"

    def _overlap(self, owner: Array) -> int:
        """How many windows after one at most share a row with it; stretches take turns as their times do.

        Args:
            owner: The stretch of each window, in the order of time.
        """
        import numpy as np

        reach = -(-(self.span - 1) // self.stride)  # windows of the same stretch
        if (owner[1:] >= owner[:-1]).all():  # one stretch after the other: nothing to hold for each window
            return int(np.minimum(reach, np.bincount(owner) - 1).max())
        order = np.argsort(owner, kind="stable")  # the windows of a stretch after each other, each in the order of time
        counts = np.bincount(owner)
        last = np.repeat(np.cumsum(counts) - 1, counts)  # for each window, where that of its stretch stands
        after = np.minimum(np.arange(len(order)) + reach, last)
        return int((order[after] - order).max())

    def _columns(self, spec: TableSpec, learned: Mapping[str, float] = MappingProxyType({})) -> tuple[str, ...]:
        """Which columns of the files are read; `learned` is what the model sees of them, where that is known."""
        files = existing_files(self.path, spec.suffix)
        header = spec.common_header(files)
        features = tuple(each.column for each in learned_channels(learned, header)) or self.features
        named = {"target": self.target, "features": features, "time": self.time, "group": self.group}
        require_columns(named, header, files[0])
        group = (self.group,) if self.group else ()
        wanted = header if features is None else [*self.targets, *features, *self.times, *group]
        return tuple(dict.fromkeys(wanted))

    def _table_spec(self, path: str) -> TableSpec:
        """How to read the files."""
        folder = Path(path)
        is_parquet = folder.suffix.lower() == ".parquet" or (
            folder.is_dir() and any(each.suffix == ".parquet" for each in folder.iterdir())
        )
        if is_parquet:
            return Parquet(path=path, label=self.target, stream=self.stream)
        return CSV(path=path, label=self.target, stream=self.stream, **self.spelling_fields)


def _fingerprint(numbers: Array | NumbersOnDisk, *parts: Sequence[int]) -> str:
    """BLAKE2b of some columns of all rows, then of others, in hexadecimal."""
    digest = hashlib.blake2b(digest_size=32)
    for columns in parts:
        for piece in pieces(numbers):
            digest.update(piece[:, [*columns]].tobytes())
    return digest.hexdigest()
