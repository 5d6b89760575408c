"""What CSV and Parquet have in common: which columns, what they hold, and whether they are read whole or in blocks."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Protocol, Self

from pydantic import Field, model_validator

from trainctl.aliases import Array, Data
from trainctl.components.dataset import ColumnKind, Dataset, Samples
from trainctl.components.fields import Boolean, Text, Texts
from trainctl.components.label_values import LabelValues
from trainctl.components.new_inputs import NewFiles, NewInputs
from trainctl.components.spec import SourceSpec
from trainctl.errors import DataError
from trainctl.events import Notice, Phase, PhaseStarted
from trainctl.sources.reading.blocks import Block, BlockRows, Blocks
from trainctl.sources.reading.inputs import existing_files, shown
from trainctl.sources.reading.lookalikes import lookalike
from trainctl.sources.reading.targets import Table, labeled, none_labeled, raw_labels
from trainctl.sources.table.columns import is_text, is_untyped, kind_of, require, values
from trainctl.sources.table.new_rows import read_rows
from trainctl.text import nearest, one_of, plural

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from trainctl.components.context import DataContext

STREAMED_FROM = 256 * 2**20
"""Bytes from which on a table is read in blocks unless told otherwise."""

_SEPARATORS = (";", "\t", "|", ",")

_DECLARE = "list it under missing:, or declare the column categorical under features:"


class Streamed(Protocol):
    """A table that is read in blocks."""

    @property
    def fingerprint(self) -> str:
        """Another one for other content."""

    def __len__(self) -> int:
        """How many blocks there are."""

    def read(self, number: int, columns: Sequence[str], numeric: Sequence[str]) -> Table:
        """Block `number`; `numeric` columns may come as numbers where they are text."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which columns are read, and for what.

    Args:
        features: The columns to learn from.
        labels: The columns to predict.
        weight: The column that says how much each row counts.
        extra: Further columns, to split by.
    """

    features: tuple[str, ...]
    labels: tuple[str, ...]
    weight: str | None
    extra: tuple[str, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """All of them, each once."""
        weight = () if self.weight is None else (self.weight,)
        return tuple(dict.fromkeys((*self.features, *self.labels, *weight, *self.extra)))


class TableSpec(SourceSpec):
    """A table in files: `path`, `label` and `features`."""

    suffix: ClassVar[str]

    label: Text | Texts = Field(description="The column to predict, or a list of numeric ones.", examples=["survived"])
    features: dict[str, ColumnKind] | Texts | None = Field(
        default=None,
        description="The columns to learn from: a list, or a mapping of columns to kinds; null = all others.",
    )
    stream: Boolean | None = Field(
        default=None,
        description="Whether to read in blocks, for files larger than memory; null = from 256 MiB on.",
    )

    @model_validator(mode="after")
    def _label_is_no_feature(self) -> Self:
        if not self.labels:
            raise ValueError("label must name a column")
        both = [name for name in self.labels if name in (self.features or ())]
        if both:
            raise ValueError(f"the label {both[0]!r} is also among the features")
        return self

    @property
    def labels(self) -> tuple[str, ...]:
        """The label columns."""
        return (self.label,) if isinstance(self.label, str) else self.label

    @property
    @abstractmethod
    def location(self) -> str:
        """A file, a folder or a glob."""

    @property
    def cell_separator(self) -> str | None:
        """The character between two cells, where there is one."""
        return None

    def read_new(self, new: NewFiles) -> NewInputs:
        """The columns that the model takes, read as in training.

        Raises:
            DataError: A column is missing, or a cell is not what it was in training; names its place.
        """
        return NewInputs(read_rows(self, new))

    @abstractmethod
    def header(self, file: Path) -> tuple[str, ...]:
        """The columns of `file`; one without a name is ""."""

    @abstractmethod
    def whole(self, files: Sequence[Path], columns: Sequence[str]) -> Table:
        """These columns of all files."""

    @abstractmethod
    def streamed(self, files: Sequence[Path]) -> Streamed:
        """All files in blocks."""

    @abstractmethod
    def size(self, files: Sequence[Path]) -> int:
        """How much there is to read, in bytes."""

    def look(self) -> None:
        """The files exist, have the same columns, and these hold the label and the features."""
        files = existing_files(self.location, self.suffix)
        self._wanted(self.common_header(files), files[0], None)

    def load(self, context: DataContext) -> Dataset:
        """The rows of all files; those without a label are left out, with a notice.

        Raises:
            DataError: No such file or column, no rows, or a cell that is not what its column holds.
        """
        files = existing_files(self.location, self.suffix)
        header = self.common_header(files, context)
        wanted = self._wanted(header, files[0], context)
        streams = self.stream if self.stream is not None else self.size(files) >= STREAMED_FROM
        if streams:
            return self._in_blocks(self.streamed(files), wanted, context)
        table = self.whole(files, wanted.columns)
        kinds = self._kinds(table, wanted, context)
        rows = labeled(table, self.labels)
        self._tell_unlabeled(table.name, len(table) - int(rows.sum()), len(table), context)
        block = _arrays(table, wanted, kinds, rows)
        samples = Samples(
            {name: block[name] for name in wanted.features},
            raw_labels(table, self.labels, rows),
            None if wanted.weight is None else block[_WEIGHT],
            {name: block[name] for name in wanted.extra},
        )
        return Dataset(
            samples,
            columns={name: kinds[name] for name in wanted.features},
            label_names=self.labels,
        )

    def _in_blocks(self, table: Streamed, wanted: Wanted, context: DataContext) -> Dataset:
        """The rows, read again whenever they are wanted; here only the labels are looked at."""
        import numpy as np

        first = table.read(0, wanted.columns, ())
        kinds = self._kinds(first, wanted, context)
        numeric = tuple(name for name, kind in kinds.items() if kind is ColumnKind.NUMERIC)
        context.emit(PhaseStarted(phase=Phase.SCANNING, subject=first.name))
        sizes, absent = [], 0

        found = LabelValues()
        for number in range(len(table)):
            block = table.read(number, self.labels, ())
            rows = labeled(block, self.labels)
            sizes.append(int(rows.sum()))
            absent += len(rows) - sizes[-1]
            found.add(raw_labels(block, self.labels, rows))
        dtype = found.dtype
        self._tell_unlabeled(first.name, absent, sum(sizes) + absent, context)

        def load(number: int) -> Block:
            block = table.read(number, wanted.columns, numeric)
            rows = labeled(block, self.labels)
            return {
                **_arrays(block, wanted, kinds, rows),
                _LABEL: raw_labels(block, self.labels, rows).astype(dtype),
            }

        blocks = Blocks(np.array(sizes, np.int64), load)
        columns = {name: kinds[name] for name in wanted.features}
        samples = _block_samples(blocks, wanted, kinds, dtype)
        return Dataset(
            samples,
            columns=columns,
            fingerprint=table.fingerprint,
            label_values=found,
            label_names=self.labels,
        )

    def common_header(self, files: Sequence[Path], context: DataContext | None = None) -> tuple[str, ...]:
        """The columns with a name; others are left out, with a notice where there is a context.

        Raises:
            DataError: The files do not have the same columns.
        """
        first, *others = ((file, self.header(file)) for file in files)
        for file, header in others:
            differing = sorted(set(first[1]) ^ set(header))
            if differing:
                raise DataError(
                    f"{shown(file)} and {shown(first[0])} do not have the same columns: "
                    f"only one of them has {one_of(map(repr, differing), 'and')}",
                    hint="use the same header in all files",
                    setting="name fewer files under path:",
                )
        if "" in first[1] and context is not None:
            message = f"{shown(first[0])}: column {first[1].index('') + 1} has no name and is not used"
            context.emit(Notice(message=message))
        return tuple(name for name in first[1] if name)

    def _wanted(self, header: tuple[str, ...], file: Path, context: DataContext | None) -> Wanted:
        weight, extra = (context.weight, context.columns) if context is not None else (None, ())
        if context is not None and context.kinds is not None and weight not in header:
            weight = None
        asked = [("label", self.labels), ("features", tuple(self.features or ())), ("sample_weight", (weight,))]
        for field, names in (*asked, ("split_by_group or split_by_time", extra)):
            for name in names:
                if name is not None and name not in header:
                    raise absent(field, name, header, file)
        for field, names in (("sample_weight", (weight,)), ("split_by_group or split_by_time", extra)):
            both = [name for name in names if name in self.labels]
            if both:
                raise DataError(
                    f"{shown(file)}: {both[0]!r} is the label, and cannot be the column of {field}",
                    hint="name another column: " + _listed(header),
                )
        others = tuple(name for name in header if name not in {*self.labels, weight, *extra})
        chosen = tuple(dict.fromkeys(self.features)) if self.features is not None else others
        if not chosen:
            raise DataError(f"{shown(file)} has no feature columns besides the label", hint=_listed(header))
        return Wanted(chosen, self.labels, weight, extra)

    def _kinds(self, table: Table, wanted: Wanted, context: DataContext) -> dict[str, ColumnKind]:
        """What each column but the labels holds: as declared, or as in the data to train on, or as its cells tell."""
        declared = self.features if isinstance(self.features, dict) else {}
        known = context.kinds or {}
        kinds = {}
        for name in wanted.columns:
            if name in self.labels:
                continue
            column = table.columns[name]
            kind = declared.get(name) or (known.get(name) if is_untyped(column) else None) or kind_of(column, name)
            require(column, name, kind, table.place, _DECLARE)
            kinds[name] = kind
        if context.kinds is None:
            self._tell_lookalikes(table, kinds, context)
        return kinds

    def _tell_lookalikes(self, table: Table, kinds: Mapping[str, ColumnKind], context: DataContext) -> None:
        declared = self.features if isinstance(self.features, dict) else {}
        for name, column in table.columns.items():
            if name in declared or not is_text(column) or not (kinds.get(name) or kind_of(column, name)).is_words:
                continue
            found = lookalike(column, can_be_told="decimal" in type(self).model_fields)
            if found is not None:
                what, remedy = found
                otherwise = "" if name in self.labels else ", or declare it categorical under features"
                message = f"column {name!r} looks like {what}, but is treated as categories: {remedy}{otherwise}"
                context.emit(Notice(message=message, loud=True))

    def _tell_unlabeled(self, name: str, absent: int, total: int, context: DataContext) -> None:
        if absent == total:
            raise none_labeled(name, self.labels)
        if absent:
            label = one_of(map(repr, self.labels), "and")
            context.emit(Notice(message=f"{name}: {plural(absent, 'row')} without label {label} skipped"))


_WEIGHT, _LABEL = "(weight)", "(label)"  # beside the columns' own names


def _arrays(table: Table, wanted: Wanted, kinds: Mapping[str, ColumnKind], rows: Array) -> dict[str, Data]:
    """The values of features and further columns in the labeled rows, and the weights."""
    arrays = {}
    for name, kind in kinds.items():
        require(table.columns[name], name, kind, table.place, _DECLARE)
        arrays[name] = values(table.columns[name], name, kind, table.place)[rows]
    if wanted.weight is not None:
        arrays[_WEIGHT] = _weights(table, wanted.weight, kinds[wanted.weight], rows)
    return arrays


def _weights(table: Table, name: str, kind: ColumnKind, rows: Array) -> Array:
    """How much each labeled row counts, float32.

    Raises:
        DataError: A weight is missing, negative or no number; names its place.
    """
    import numpy as np

    if kind not in {ColumnKind.NUMERIC, ColumnKind.BOOLEAN}:
        raise DataError(f"column {name!r} (data: sample_weight) is {kind}, not numbers", hint="name another column")
    weights = values(table.columns[name], name, kind, table.place)
    wrong = np.flatnonzero(rows & ~(weights >= 0))
    if len(wrong):
        row = int(wrong[0])
        what = "is missing" if np.isnan(weights[row]) else f"is {weights[row]:g}"
        raise DataError(
            f"{table.place(row)}: the sample weight in column {name!r} {what}",
            hint="weights must be 0 or more; fill it in",
        )
    chosen: Array = weights[rows].astype(np.float32)
    return chosen


def _block_samples(blocks: Blocks, wanted: Wanted, kinds: Mapping[str, ColumnKind], dtype: str) -> Samples:
    def column(name: str) -> BlockRows:
        return BlockRows(blocks, name, dtype="object" if kinds[name].is_words else "float64")

    shape = () if len(wanted.labels) == 1 else (len(wanted.labels),)
    return Samples(
        {name: column(name) for name in wanted.features},
        BlockRows(blocks, _LABEL, shape, dtype),
        None if wanted.weight is None else BlockRows(blocks, _WEIGHT, dtype="float32"),
        {name: column(name) for name in wanted.extra},
    )


def absent(field: str, name: str, header: tuple[str, ...], file: Path) -> DataError:
    """The error for a column that is not there: `field` names it, the file has those of `header`."""
    between = next((each for each in _SEPARATORS if name in _parted(header, each)), None)
    if between is not None:
        shows = between if between != "\t" else "\\t"
        hint = f"is it separated by '{shows}'? Then write separator: \"{shows}\""
        return DataError(f"{shown(file)} has no column {name!r} ({field})", hint=hint, field=field)
    close = nearest(name, header)
    start = f"did you mean {close!r}? " if close else ""
    return DataError(f"{shown(file)} has no column {name!r} ({field})", hint=start + _listed(header), field=field)


def _parted(header: tuple[str, ...], separator: str) -> set[str]:
    """The names of the columns if `separator` stood between them."""
    return {name.strip(' "') for each in header for name in each.split(separator)}


def _listed(header: tuple[str, ...]) -> str:
    more = ["…"] if len(header) > 20 else []
    return f"its columns: {', '.join([*header[:20], *more])}"
