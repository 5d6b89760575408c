"""CSV: a table in text files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from trainctl.components.fields import InputFile
from trainctl.components.new_inputs import NewFiles
from trainctl.components.spec import SourceSpec, source
from trainctl.sources.table.delimited import (
    Spelling,
    TextTable,
    default_missing,
    is_compressed,
    read_header,
)
from trainctl.sources.table.delimited_blocks import TextBlocks
from trainctl.sources.table.spelling import SpellingFields
from trainctl.sources.table.table import TableSpec
from trainctl.sources.table.typed_texts import read_typed

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


_UNPACKED = 5  # times the size of a compressed file


@source("CSV")
class CSV(SpellingFields, TableSpec):
    """A table from CSV files, whose first line names the columns; `.csv.gz`, `.csv.bz2`, `.csv.zst` are unpacked.

    A column is numeric where at least half of its cells are numbers, a date where at least half are (`2026-01-31`,
    `2026-01-31 12:30`), boolean where all are true or false (yes/no, y/n, t/f, on/off), text where cells have more than three words
    and most differ, categorical otherwise. Every cell then has to be that, or missing. One label column of text,
    booleans or whole numbers from 0 on means classes; other numbers, and several label columns, mean numbers to predict.

    `features: {city: {encode: target}, price: {transform: log}, age: {bins: 5}, x: {clip: [0, 10]}, "*": auto}` says how columns
    are encoded. Kinds: numeric (number), categorical (category), boolean (bool), date (datetime), text, auto. Options: `kind`;
    `encode`: one_hot, target or frequency, with `smooth`; `transform`: log or log1p; `bins`; `clip`.

    From 256 MiB on the files are read in blocks, in every epoch anew, with memory for a few blocks only (compressed
    ones are unpacked onto disk, in TMPDIR, first); what the columns hold is then told from the first block.

    Shapes:
        x: per column (n,): float64 with NaN for missing where numeric, boolean (0 or 1) or a date (days since
            1970-01-01); text with "" for missing where categorical or text.
        y: int64 (n,) class indices, or float32 (n,) or (n, labels) numbers.
    """

    suffix = ".csv"
    reads = frozenset({".csv"})

    path: InputFile = Field(
        description="A CSV file, a folder (its *.csv files) or a glob; all files must have the same columns.",
        examples=["titanic.csv"],
    )

    @property
    def location(self) -> str:
        """A file, a folder or a glob."""
        return self.path

    @property
    def cell_separator(self) -> str | None:
        """The character between two cells."""
        return self.separator

    @classmethod
    def for_new(cls, new: NewFiles) -> SourceSpec | None:
        """CSV files of the usual form."""
        return cls(path=str(new.files[0]), label="label")

    def columns_of(self, file: Path) -> tuple[str, ...]:
        """The columns of `file`; one without a name is ""."""
        return read_header(file, self.separator, self._spelling)

    def whole(self, files: Sequence[Path], columns: Sequence[str], numbers: Sequence[str] = ()) -> TextTable:
        """These columns of all files, as text, or as numbers where `numbers` plainly are."""
        return read_typed(files, columns, self.separator, self._missing, self._spelling, numbers)

    def streamed(self, files: Sequence[Path]) -> TextBlocks:
        """All files in blocks."""
        return TextBlocks(files, self.separator, self._missing, self._spelling)

    def size(self, files: Sequence[Path]) -> int:
        """The files' sizes, in bytes; of compressed files, what they may be unpacked."""
        return sum(file.stat().st_size * (_UNPACKED if is_compressed(file) else 1) for file in files)

    @property
    def _missing(self) -> tuple[str, ...]:
        return default_missing() if self.missing is None else self.missing

    @property
    def _spelling(self) -> Spelling:
        header = not self.names if self.header is None else self.header
        return Spelling(
            self.encoding,
            self.decimal,
            self.thousands,
            header,
            self.names or (),
            self.dates,
            self.skip,
            self.comment,
        )
