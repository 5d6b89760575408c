"""What CSV and Parquet have in common: which columns, what they hold, and whether they are read whole or in blocks."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Protocol, Self

from pydantic import Field, model_validator

from trainctl.aliases import Array, ArrowData
from trainctl.components.column_options import OTHERS, Column, ColumnOptions
from trainctl.components.dataset import ColumnKind, Dataset, Samples
from trainctl.components.fields import Boolean, Text, Texts
from trainctl.components.label_values import LabelValues
from trainctl.components.new_inputs import NewFiles, NewInputs
from trainctl.components.spec import SourceSpec
from trainctl.errors import DataError
from trainctl.notices import Notice, Phase, PhaseStarted
from trainctl.sources.reading.blocks import Block, Blocks
from trainctl.sources.reading.inputs import existing_files, shown
from trainctl.sources.reading.lookalikes import amounts_taken, case_variants, lookalike, missing_words
from trainctl.sources.reading.targets import Table, labeled, none_labeled, raw_labels
from trainctl.sources.table.block_values import (
    DECLARE,
    WEIGHT,
    Wanted,
    block_samples,
    by_output,
    label_name,
    labeled_values,
)
from trainctl.sources.table.columns import is_text, is_untyped, kind_of, require
from trainctl.sources.table.header import MOST_COLUMNS, too_wide
from trainctl.sources.table.missing_column import listed_columns, require_columns
from trainctl.sources.table.new_rows import read_rows
from trainctl.sources.table.units import Units
from trainctl.text import one_of, plural

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from trainctl.components.context import DataContext

STREAMED_FROM = 256 * 2**20
"""Bytes from which on a table is read in blocks unless told otherwise."""


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
class Whole:
    """A table that is read already, as a single block.

    Args:
        table: The table.
    """

    table: Table
    fingerprint: str = ""

    def __len__(self) -> int:
        return 1

    def read(self, number: int, columns: Sequence[str], numeric: Sequence[str]) -> Table:
        """The table, with all of its columns."""
        return self.table


class TableSpec(SourceSpec):
    """A table in files: `path`, `label` and `features`."""

    suffix: ClassVar[str]

    label: Text | Texts = Field(description="The column to predict, or a list of numeric ones.", examples=["survived"])
    label_separator: Text | None = Field(
        default=None,
        description="What stands between the classes in a cell of the label column, such as `;` in `red;blue`; null = "
        "each cell is one class.",
        examples=[";"],
    )
    features: dict[str, Column] | Texts | None = Field(
        default=None,
        description="The columns to learn from: a list, or a mapping of columns to kinds (numeric, categorical, boolean, date, "
        "text, auto) or options ({encode: target}, {transform: log}, {bins: 5}, {clip: [0, 100]}); '*' = all others; null = all.",
    )
    exclude: Texts = Field(
        default=(),
        description="Columns that are not used, such as a row number, where all others are.",
        examples=[["id"]],
    )
    stream: Boolean | None = Field(
        default=None,
        description="Whether to read in blocks, for files larger than memory; null = from 256 MiB on.",
    )

    @model_validator(mode="after")
    def _label_is_no_feature(self) -> Self:
        if not self.labels:
            raise ValueError("label must name a column")
        if self.label_separator is not None and len(self.labels) > 1:
            raise ValueError("label_separator needs one label column, not several")
        both = [name for name in self.labels if name in (self.features or ())]
        if both:
            raise ValueError(f"the label {both[0]!r} is also among the features")
        both = [name for name in self.exclude if name in {*self.labels, *(self.features or ())}]
        if both:
            raise ValueError(f"the column {both[0]!r} is excluded, but also named as a feature or label")
        return self

    @property
    def labels(self) -> tuple[str, ...]:
        """The label columns."""
        return (self.label,) if isinstance(self.label, str) else self.label

    def options(self, name: str) -> ColumnOptions:
        """What is said of a column; of one that is not named, what is said of all others."""
        said = self.features if isinstance(self.features, dict) else {}
        return said.get(name) or said.get(OTHERS) or ColumnOptions()

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
    def columns_of(self, file: Path) -> tuple[str, ...]:
        """The columns of `file`; one without a name is ""."""

    @abstractmethod
    def whole(self, files: Sequence[Path], columns: Sequence[str], numbers: Sequence[str] = ()) -> Table:
        """These columns of all files; `numbers` may come as numbers where they are text."""

    @abstractmethod
    def streamed(self, files: Sequence[Path]) -> Streamed:
        """All files in blocks."""

    @abstractmethod
    def size(self, files: Sequence[Path]) -> int:
        """How much there is to read, in bytes."""

    def streams(self, files: Sequence[Path]) -> bool:
        """Whether the files are read in blocks."""
        return self.stream if self.stream is not None else self.size(files) >= STREAMED_FROM

    def look(self, context: DataContext) -> None:
        """The files exist, have the same columns, and these hold the label, the features, the weights and the groups."""
        files = existing_files(self.location, self.suffix)
        self._wanted(self.common_header(files), files[0], context)
        self._outputs(context)

    def load(self, context: DataContext) -> Dataset:
        """The rows of all files; those without a label are left out, with a notice.

        Raises:
            DataError: No such file or column, no rows, or a cell that is not what its column holds.
        """
        files = existing_files(self.location, self.suffix)
        header = self.common_header(files, context)
        wanted = self._wanted(header, files[0], context)
        if self.streams(files):
            return self._in_blocks(self.streamed(files), wanted, context)
        table = self.whole(files, wanted.columns, self._may_be_numbers(wanted.columns, context))
        kinds = self._kinds(table, wanted, context)
        rows = labeled(table, self.labels)
        self._tell_unlabeled(table.name, len(table) - int(rows.sum()), len(table), context)
        block = labeled_values(table, wanted, kinds, rows)
        samples = Samples(
            {name: block[name] for name in wanted.features},
            by_output(self._raw_labels(table, rows, self._outputs(context))),
            None if wanted.weight is None else block[WEIGHT],
            {name: block[name] for name in wanted.extra},
        )
        return Dataset(
            samples,
            columns={name: kinds[name] for name in wanted.features},
            options={name: self.options(name) for name in wanted.features},
            label_names=self._outputs(context).get("", ()),
            label_separator=self.label_separator,
        )

    def unlabeled(self, context: DataContext) -> Dataset:
        """All columns, as far as there is a look at data without a label; of a large table, those of its first block.

        Raises:
            DataError: No such file, no rows, or a cell that is not what its column holds.
        """
        import numpy as np

        files = existing_files(self.location, self.suffix)
        header = self.common_header(files, context)
        if len(header) > MOST_COLUMNS:
            raise too_wide(files[0], len(header))
        wanted = Wanted(header, (), None, ())
        if self.size(files) >= STREAMED_FROM:
            table = self.streamed(files).read(0, header, ())
            context.emit(Notice(message=f"{table.name} is large: these are its first {plural(len(table), 'row')}"))
        else:
            table = self.whole(files, header, header)
        kinds = self._kinds(table, wanted, context)
        rows = np.ones(len(table), bool)
        return Dataset(
            Samples(labeled_values(table, wanted, kinds, rows), np.zeros(len(table), np.float32)), columns=kinds
        )

    def _may_be_numbers(self, columns: Sequence[str], context: DataContext) -> list[str]:
        """The columns that may be numbers as far as it is known before they are read, without the labels."""
        known = {**(context.kinds or {}), **{name: held for name in columns if (held := self.options(name).held)}}
        return [
            name
            for name in columns
            if name not in self.labels and known.get(name, ColumnKind.NUMERIC) is ColumnKind.NUMERIC
        ]

    def _outputs(self, context: DataContext) -> Mapping[str, tuple[str, ...]]:
        """The label columns of each output of the model; "" is the only one.

        Raises:
            DataError: An output learns a column that is not among them.
        """
        outputs = context.outputs
        if not {name for names in outputs.values() for name in names} & {*self.labels}:
            return {"": self.labels}
        for output, names in outputs.items():
            for name in names:
                if name not in self.labels:
                    raise DataError(
                        f"the output {output or 'of the model'} learns the column {name!r}, which is not among the labels",
                        hint=f"add it: label: [{', '.join(dict.fromkeys([*self.labels, name]))}]",
                        field="label",
                    )
        return outputs

    def _raw_labels(self, table: Table, rows: Array, outputs: Mapping[str, tuple[str, ...]]) -> dict[str, Array]:
        as_text = self.label_separator is not None
        return {output: raw_labels(table, names, rows, as_text=as_text) for output, names in outputs.items()}

    def _in_blocks(self, table: Streamed, wanted: Wanted, context: DataContext) -> Dataset:
        """The rows, read again whenever they are wanted; here only the labels are looked at."""
        import numpy as np

        first = table.read(0, wanted.columns, ())
        kinds = self._kinds(first, wanted, context)
        numeric = tuple(name for name, kind in kinds.items() if kind is ColumnKind.NUMERIC)
        context.emit(PhaseStarted(phase=Phase.SCANNING, subject=first.name))
        sizes, absent = [], 0

        outputs, units = self._outputs(context), Units()
        found = {output: LabelValues(self.label_separator) for output in outputs}
        for number in range(len(table)):
            block = table.read(number, self.labels, ())
            rows = labeled(block, self.labels)
            sizes.append(int(rows.sum()))
            absent += len(rows) - sizes[-1]
            for output, raw in self._raw_labels(block, rows, outputs).items():
                found[output].add(raw)
            units.require(block, () if self.label_separator else self.labels)
        dtypes = {output: each.dtype for output, each in found.items()}
        self._tell_unlabeled(first.name, absent, sum(sizes) + absent, context)
        units.require(first, numeric)

        def load(number: int) -> Block:
            block = table.read(number, wanted.columns, numeric)
            rows = labeled(block, self.labels)
            labels = self._raw_labels(block, rows, outputs)
            features = labeled_values(block, wanted, kinds, rows)
            units.require(block, numeric)
            return {
                **features,
                **{label_name(output): raw.astype(dtypes[output]) for output, raw in labels.items()},
            }

        blocks = Blocks(np.array(sizes, np.int64), load)
        columns = {name: kinds[name] for name in wanted.features}
        samples = block_samples(blocks, wanted, kinds, outputs, dtypes)
        return Dataset(
            samples,
            columns=columns,
            options={name: self.options(name) for name in columns},
            fingerprint=table.fingerprint,
            label_values=found.get(""),
            label_names=outputs.get("", ()),
            label_separator=self.label_separator,
        )

    def common_header(self, files: Sequence[Path], context: DataContext | None = None) -> tuple[str, ...]:
        """The columns with a name; others are left out, with a notice where there is a context.

        Raises:
            DataError: The files do not have the same columns.
        """
        first, *others = ((file, self.columns_of(file)) for file in files)
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

    def _wanted(self, header: tuple[str, ...], file: Path, context: DataContext) -> Wanted:
        is_other = context.kinds is not None  # data to validate or test on
        weight = None if is_other and context.weight not in header else context.weight
        extra = tuple(context.columns)
        roles = {**({} if weight is None else {weight: "data.sample_weight"}), **context.columns}
        own = {"label": self.label, "features": self.features, "exclude": self.exclude}
        require_columns(own, header, file, roles)
        both = next((name for name in roles if name in self.labels), None)
        if both is not None:
            field = roles[both].removeprefix("data.")
            raise DataError(
                f"{shown(file)}: {both!r} is the label, and cannot be the column of {field}",
                hint="name another column: " + listed_columns(header),
                path=roles[both],
            )
        others = tuple(name for name in header if name not in {*self.labels, *self.exclude, weight, *extra})
        named = tuple(dict.fromkeys(self.features)) if self.features is not None else (OTHERS,)
        chosen = others if OTHERS in named else named
        if len(chosen) > MOST_COLUMNS:
            raise too_wide(file, len(chosen))
        if not chosen:
            raise DataError(f"{shown(file)} has no feature columns besides the label", hint=listed_columns(header))
        return Wanted(chosen, self.labels, weight, extra)

    def _kinds(self, table: Table, wanted: Wanted, context: DataContext) -> dict[str, ColumnKind]:
        """What each column but the labels holds: as declared, or as in the data to train on, or as its cells tell."""
        known = context.kinds or {}
        kinds = {}
        for name in wanted.columns:
            if name in self.labels:
                continue
            column = table.columns[name]
            kind = self.options(name).held or (known.get(name) if is_untyped(column) else None) or kind_of(column, name)
            require(column, name, kind, table.place, DECLARE)
            kinds[name] = kind
        if context.kinds is None:
            self._tell_lookalikes(table, kinds, context)
        return kinds

    def _tell_lookalikes(self, table: Table, kinds: Mapping[str, ColumnKind], context: DataContext) -> None:
        """Tell what columns of text were taken for, where that may not be what they are."""
        for name, column in table.columns.items():
            if self.options(name).held is not None or not is_text(column):
                continue
            kind = kinds.get(name) or kind_of(column, name)
            said = (
                self._words_taken(column, name)
                if kind.is_words
                else amounts_taken(column, name, kind, name in self.labels)
            )
            if said is not None:
                is_loud = kind.is_words or (kind in {ColumnKind.DATE, ColumnKind.BOOLEAN} and name in self.labels)
                context.emit(Notice(message=f"column {name!r} {said}", loud=is_loud))

    def _words_taken(self, column: ArrowData, name: str) -> str | None:
        can_be_told = "decimal" in type(self).model_fields
        found = lookalike(column, can_be_told=can_be_told)
        if found is None:
            return (missing_words(column) if can_be_told else None) or case_variants(column)
        what, remedy = found
        otherwise = "" if name in self.labels else ", or declare it categorical under features"
        return f"looks like {what}, but is treated as categories: {remedy}{otherwise}"

    def _tell_unlabeled(self, name: str, absent: int, total: int, context: DataContext) -> None:
        if absent == total:
            raise none_labeled(name, self.labels)
        if absent:
            label = one_of(map(repr, self.labels), "and")
            context.emit(Notice(message=f"{name}: {plural(absent, 'row')} without label {label} skipped"))
