"""Large delimited text files with their columns of numbers read as numbers, which takes a third of the time.

What a column holds is still what its text tells: as soon as one cell is not plainly a number, all is read as text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trainctl.aliases import ArrowData
from trainctl.sources.reading.lookalikes import LOOKED_AT, codes_or_dates
from trainctl.sources.table.columns import LARGEST, NUMBER, count
from trainctl.sources.table.delimited import (
    WHITESPACE,
    Spelling,
    TextTable,
    cleaned,
    head_of,
    is_compressed,
    parsed,
    read_texts,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_LARGE = 4 * 2**20  # bytes from which on it is worth a look at the first rows
_BLOCK = 2 * 2**20


def read_typed(
    files: Sequence[Path],
    columns: Sequence[str],
    separator: str,
    missing: Sequence[str],
    spelling: Spelling,
    numbers: Sequence[str],
) -> TextTable:
    """The columns of all files, as `read_texts` reads them; of `numbers`, those that are plainly such as float64.

    Raises:
        DataError: As `read_texts`.
    """
    is_large = spelling.is_plain and separator != WHITESPACE and sum(file.stat().st_size for file in files) >= _LARGE
    table = None
    if is_large and numbers and not any(map(is_compressed, files)):
        table = _typed(files, columns, separator, missing, spelling, numbers)
    return table or read_texts(files, columns, separator, missing, spelling)


def _typed(
    files: Sequence[Path],
    columns: Sequence[str],
    separator: str,
    missing: Sequence[str],
    spelling: Spelling,
    numbers: Sequence[str],
) -> TextTable | None:
    """The columns; `None` where a cell or a row is not as it should be, which reading as text explains."""
    import pyarrow as pa

    try:
        first = cleaned(_first_rows(files[0], numbers, separator, spelling), numbers, missing)
        likely = [name for name in numbers if _is_of_numbers(first[name])]
        tables = []
        for file in files:
            names, lines, has_rows = head_of(file, separator, spelling)
            if not has_rows:
                return None
            tables.append(parsed(file, names, columns, separator, missing, likely, lines, spelling))
    except (pa.ArrowInvalid, UnicodeDecodeError):
        return None
    whole = pa.concat_tables(tables)
    if not likely or not all(_is_finite(whole[name]) for name in likely):
        return None
    cells = cleaned(whole, [name for name in columns if name not in likely], missing)
    ordered = {name: cells.get(name, whole[name]) for name in columns}
    return TextTable(tuple(files), tuple(map(len, tables)), ordered, separator, spelling)


def _first_rows(file: Path, columns: Sequence[str], separator: str, spelling: Spelling) -> ArrowData:
    """At least the first rows that are looked at for codes and dates, or all, as text."""
    import pyarrow as pa
    from pyarrow import csv

    names, lines, _ = head_of(file, separator, spelling)
    reader = csv.open_csv(
        file,
        csv.ReadOptions(column_names=names, skip_rows=lines, block_size=_BLOCK),
        csv.ParseOptions(delimiter=separator, newlines_in_values=True),
        csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()), include_columns=list(columns)),
    )
    batches, rows = [], 0
    while rows < LOOKED_AT:
        try:
            batches.append(reader.read_next_batch())
        except StopIteration:
            break
        rows += len(batches[-1])
    return pa.Table.from_batches(batches, reader.schema)


def _is_of_numbers(column: ArrowData) -> bool:
    """Whether the first cells of a column are numbers, and nothing else that is written with digits."""
    present = len(column) - column.null_count
    return present > 0 and count(column, NUMBER) == present and codes_or_dates(column) is None


def _is_finite(column: ArrowData) -> bool:
    import pyarrow.compute as pc

    spread = pc.min_max(pc.abs(column))
    largest = spread["max"].as_py()
    return largest is None or (largest <= LARGEST and not pc.any(pc.is_nan(column)).as_py())
