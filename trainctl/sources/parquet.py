"""Parquet: a table in typed columns."""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

from pydantic import Field

from trainctl.aliases import ArrowData
from trainctl.components.fields import InputFile
from trainctl.components.new_inputs import NewFiles
from trainctl.components.spec import SourceSpec, source
from trainctl.errors import DataError
from trainctl.sources.reading.inputs import existing_file, shown
from trainctl.sources.table.table import TableSpec
from trainctl.text import plural

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


_INDEX = re.compile(r"__index_level_\d+__")
"""What pandas calls an index without a name, which numbers the rows."""


@source("Parquet")
class Parquet(TableSpec):
    """A table from Parquet files.

    Numbers, booleans, dates and timestamps are what their columns' types say; text columns are parsed as in CSV
    files. One label column of text, booleans or whole numbers from 0 on means classes; other numbers, and several label
    columns, mean numbers to predict.

    From 256 MiB on (uncompressed) the files are read a row group at a time, in every epoch anew, with memory for a few of
    them only: write row groups of some 100,000 rows.

    Shapes:
        x: per column (n,): float64 with NaN for missing where numeric, boolean (0 or 1) or a date (days since
            1970-01-01); text with "" for missing where categorical or text.
        y: int64 (n,) class indices, or float32 (n,) or (n, labels) numbers.
    """

    suffix = ".parquet"
    reads = frozenset({".parquet"})

    path: InputFile = Field(
        description="A Parquet file, a folder (its *.parquet files) or a glob; all files must have the same columns.",
        examples=["trips.parquet"],
    )

    @property
    def location(self) -> str:
        """A file, a folder or a glob."""
        return self.path

    @classmethod
    def for_new(cls, new: NewFiles) -> SourceSpec | None:
        """Any Parquet files."""
        return cls(path=str(new.files[0]), label="label")

    def columns_of(self, file: Path) -> tuple[str, ...]:
        """The columns of `file`."""
        return tuple("" if _INDEX.fullmatch(name) else name for name in _opened(file).schema_arrow.names)

    def whole(self, files: Sequence[Path], columns: Sequence[str], numbers: Sequence[str] = ()) -> ParquetTable:
        """These columns of all files."""
        import pyarrow as pa

        tables = [_plain_columns(_opened(file).read(list(columns))) for file in files]
        try:
            whole = pa.concat_tables(tables, promote_options="permissive")
        except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
            raise DataError(
                f"{shown(files[0])} and {plural(len(files) - 1, 'other file')} have different columns: {error}",
                hint="use the same column types in all files",
            ) from error
        if not len(whole):
            raise DataError(f"{shown(files[0])} has no rows", hint="use a file with rows")
        return ParquetTable({name: whole[name] for name in columns}, tuple(files), tuple(map(len, tables)))

    def streamed(self, files: Sequence[Path]) -> RowGroups:
        """All files, a row group at a time."""
        return RowGroups(files)

    def size(self, files: Sequence[Path]) -> int:
        """The size of all columns uncompressed, in bytes."""
        metadata = [_opened(file).metadata for file in files]
        return sum(each.row_group(number).total_byte_size for each in metadata for number in range(each.num_row_groups))


@dataclass(frozen=True, slots=True)
class ParquetTable:
    """Columns of Parquet files.

    Args:
        columns: Arrow arrays by name.
        files: The files, one after the other.
        lengths: How many rows each of them has.
        before: Rows of the first file before the first of these.
    """

    columns: Mapping[str, ArrowData]
    files: tuple[Path, ...]
    lengths: tuple[int, ...]
    before: int = 0

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))

    @property
    def name(self) -> str:
        """What to call it in messages: the file, or the first of several."""
        more = len(self.files) - 1
        return shown(self.files[0]) + (f" and {plural(more, 'other file')}" if more else "")

    def place(self, row: int) -> str:
        """Where row `row` (from 0) stands: `trips.parquet, row 17`, rows of the file counted from 1."""
        ends = list(accumulate(self.lengths))
        index = bisect_right(ends, row)
        before = ends[index - 1] if index else -self.before
        return f"{shown(self.files[index])}, row {row - before + 1}"


class RowGroups:
    """Parquet files, a row group at a time.

    Args:
        files: Files with the same columns.
    """

    def __init__(self, files: Sequence[Path]) -> None:
        digest = hashlib.blake2b(digest_size=32)
        self._groups: list[tuple[Path, int, int]] = []
        for file in files:
            before, metadata = 0, _opened(file).metadata
            for number in range(metadata.num_row_groups):
                group = metadata.row_group(number)
                if group.num_rows:
                    self._groups.append((file, number, before))
                before += group.num_rows
            with file.open("rb") as content:
                digest.update(hashlib.file_digest(content, "blake2b").digest())
        self.fingerprint = digest.hexdigest()
        if not self._groups:
            raise DataError(f"{shown(files[0])} has no rows", hint="use a file with rows")

    def __len__(self) -> int:
        return len(self._groups)

    def read(self, number: int, columns: Sequence[str], numeric: Sequence[str]) -> ParquetTable:
        """Row group `number`."""
        file, group, before = self._groups[number]
        table = _plain_columns(_opened(file).read_row_group(group, list(columns)))
        return ParquetTable({name: table[name] for name in columns}, (file,), (len(table),), before)


def _opened(file: Path) -> ArrowData:
    import pyarrow as pa
    from pyarrow import parquet

    try:
        return parquet.ParquetFile(existing_file(file), pre_buffer=False)
    except (pa.ArrowInvalid, OSError) as error:
        raise DataError(f"{shown(file)} is not a Parquet file", setting="name another under path:") from error


def _plain_columns(table: ArrowData) -> ArrowData:
    """The table with categories as the texts they stand for, and one type of text."""
    import pyarrow as pa
    import pyarrow.types as types

    for number, field in enumerate(table.schema):
        kind = field.type.value_type if types.is_dictionary(field.type) else field.type
        kind = pa.string() if types.is_large_string(kind) else kind
        if kind != field.type:
            table = table.set_column(number, field.name, table[field.name].cast(kind))
    return table
