"""Delimited text files: their header, their columns as text, and the line on which a row stands.

Everything is read as text first. Types are then decided over all files at once, and every error can name a line.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from bisect import bisect_right
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import accumulate, islice
from typing import TYPE_CHECKING, TextIO

from trainctl.aliases import ArrowData, Data
from trainctl.errors import DataError
from trainctl.sources.reading.inputs import ANOTHER_ENCODING, AS_UTF8, COMPRESSIONS, existing_file, shown, without_mark
from trainctl.sources.table.dates import in_order
from trainctl.sources.table.header import appears_twice
from trainctl.text import plural

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Spelling:
    """How files write characters and numbers.

    Args:
        encoding: The encoding, by Python's name for it.
        decimal: What stands before the fraction of a number.
        thousands: What may stand between groups of three digits.
        header: Whether the first line names the columns.
        names: The names of the columns, in place of those of the file.
        dates: What stands first in dates such as 05/06/2020; `None` where they are not read.
        skip: Lines at the beginning of a file that are no part of the table.
        comment: What other lines begin with that are no part of it.
    """

    encoding: str = "utf-8"
    decimal: str = "."
    thousands: str | None = None
    header: bool = True
    names: tuple[str, ...] = ()
    dates: str | None = None
    skip: int = 0
    comment: str | None = None

    @property
    def is_plain(self) -> bool:
        """Whether cells and lines are as Arrow reads them."""
        return (self.encoding, self.decimal, self.thousands, self.dates, self.comment) == (
            "utf-8",
            ".",
            None,
            None,
            None,
        )

    @property
    def codec(self) -> str:
        """The encoding that also takes off the mark that spreadsheets put first."""
        return without_mark(self.encoding)

    def plain(self, column: ArrowData) -> ArrowData:
        """The text column with each cell that is a number or a date in this spelling as Python would write it."""
        import pyarrow.compute as pc

        if self.dates is not None:
            column = in_order(column, self.dates)
        if self.decimal == "." and self.thousands is None:
            return column
        grouped = rf"\d{{1,3}}({re.escape(self.thousands)}\d{{3}})+|" if self.thousands else ""
        number = rf"^[+-]?({grouped}\d+)({re.escape(self.decimal)}\d*)?([eE][+-]?\d+)?$"
        digits = pc.replace_substring(column, self.thousands, "") if self.thousands else column
        return pc.if_else(
            pc.match_substring_regex(column, number), pc.replace_substring(digits, self.decimal, "."), column
        )


WHITESPACE = "whitespace"
"""As a separator: any number of blanks."""

PLAIN = Spelling()
"""UTF-8, and numbers as Python writes them."""


@dataclass(frozen=True, slots=True)
class TextTable:
    """Columns of text from one or more files, one after the other.

    Args:
        files: The files.
        lengths: How many rows each of them has.
        columns: Arrow string arrays by name; null where a cell is missing.
        separator: The character between cells.
        spelling: How the files write characters and numbers.
    """

    files: tuple[Path, ...]
    lengths: tuple[int, ...]
    columns: Mapping[str, ArrowData]
    separator: str
    spelling: Spelling = PLAIN

    def __len__(self) -> int:
        return sum(self.lengths)

    @property
    def name(self) -> str:
        """What to call it in messages: the file, or the first of several."""
        more = len(self.files) - 1
        return shown(self.files[0]) + (f" and {plural(more, 'other file')}" if more else "")

    def place(self, row: int) -> str:
        """Where row `row` (from 0) stands: `titanic.csv:17`, lines counted from 1."""
        ends = list(accumulate(self.lengths))
        index = bisect_right(ends, row)
        before = ends[index - 1] if index else 0
        line, _, _ = next(
            islice(_rows(self.files[index], self.separator, self.spelling), self.spelling.header + row - before, None)
        )
        return f"{shown(self.files[index])}:{line}"


def read_header(path: str | Path, separator: str = ",", spelling: Spelling = PLAIN) -> tuple[str, ...]:
    """The names of the columns, without the blanks around them; a column without a name is "".

    Raises:
        DataError: No such file, an empty one, one in another encoding, or a name that stands twice.
    """
    return head_of(existing_file(path), separator, spelling)[0]


def read_texts(
    files: Sequence[Path], columns: Sequence[str], separator: str, missing: Sequence[str], spelling: Spelling = PLAIN
) -> TextTable:
    """The columns of all files, blanks around the cells taken off.

    Args:
        files: Files that all have these columns.
        columns: Which to read.
        separator: The character between cells.
        missing: Texts that mean a missing value, besides the empty one.
        spelling: How the files write characters and numbers.

    Raises:
        DataError: A row with more or fewer cells than the header, text in another encoding, or no rows at all.
    """
    import pyarrow as pa

    tables = [_read(file, columns, separator, spelling) for file in files]
    whole = pa.concat_tables(tables)
    if not len(whole):
        raise DataError(f"{shown(files[0])} has a header but no rows", hint="add rows below it")
    cells = cleaned(whole, columns, missing, spelling)
    return TextTable(tuple(files), tuple(map(len, tables)), cells, separator, spelling)


def cleaned(
    table: ArrowData, columns: Sequence[str], missing: Sequence[str], spelling: Spelling = PLAIN
) -> dict[str, Data]:
    """The text columns of an Arrow table, blanks around the cells taken off, null where missing, numbers as Python writes them."""
    import pyarrow as pa
    import pyarrow.compute as pc

    absent = pa.array(["", *missing], pa.string())
    cells = {}
    for name in columns:
        column = pc.utf8_trim_whitespace(table[name])
        cells[name] = spelling.plain(pc.if_else(pc.is_in(column, value_set=absent), None, column))
    return cells


def default_missing() -> tuple[str, ...]:
    """The texts that Arrow takes for a missing value, such as NA, NaN and null."""
    from pyarrow.csv import ConvertOptions

    return tuple(ConvertOptions().null_values)


def _read(file: Path, columns: Sequence[str], separator: str, spelling: Spelling) -> ArrowData:
    import pyarrow as pa

    names, lines, has_rows = head_of(file, separator, spelling)
    if not has_rows:
        return pa.table({name: pa.array([], pa.string()) for name in columns})
    try:
        return parsed(file, names, columns, separator, skip=lines, spelling=spelling)
    except UnicodeDecodeError as error:
        raise undecodable(file, _undecodable(file, spelling), spelling) from error
    except pa.ArrowInvalid as error:
        with _opened(file, spelling) as text:
            raise misfit(text, file, 1, separator, len(names), str(error), spelling, skip=spelling.skip) from error


def parsed(
    content: Path | bytes,
    names: Sequence[str],
    columns: Sequence[str],
    separator: str,
    missing: Sequence[str] = (),
    numeric: Sequence[str] = (),
    skip: int = 0,
    spelling: Spelling = PLAIN,
) -> ArrowData:
    """An Arrow table of `columns`: float64 where `numeric`, with null for `missing`; text as it stands elsewhere.

    Args:
        content: A file, or some of its rows in UTF-8.
        names: All columns, in the order of the cells.
        columns: Which to keep.
        separator: The character between cells.
        missing: Texts that mean a missing number.
        numeric: Columns of numbers.
        skip: Lines before the first row.
        spelling: How the file writes characters and numbers.

    Raises:
        pyarrow.ArrowInvalid: A row does not fit the names, or a number is none.
        UnicodeDecodeError: The file is in another encoding.
    """
    import pyarrow as pa

    if separator == WHITESPACE or spelling.comment is not None:
        content, separator = _rewritten(content, separator, spelling), "\t" if separator == WHITESPACE else separator
    try:
        return _parsed(content, names, columns, separator, missing, numeric, skip, spelling, block_size=None)
    except pa.ArrowInvalid:
        size = len(content) if isinstance(content, bytes) else content.stat().st_size * _UNPACKED
        if numeric or size <= _ARROWS_BLOCK:
            raise
        return _parsed(  # a row longer than a block of Arrow's, or one that fits nowhere
            content, names, columns, separator, missing, numeric, skip, spelling, block_size=min(size + 1, 2**31 - 1)
        )


_ARROWS_BLOCK = 2**20
_LONGEST_CELL = 2**30  # characters
_UNPACKED = 20  # times the size of a compressed file, at most, that its longest row may have


def _parsed(
    content: Path | bytes,
    names: Sequence[str],
    columns: Sequence[str],
    separator: str,
    missing: Sequence[str],
    numeric: Sequence[str],
    skip: int,
    spelling: Spelling,
    *,
    block_size: int | None,
) -> ArrowData:
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    in_utf8 = isinstance(content, bytes) or spelling.encoding == "utf-8"
    types = {name: pa.float64() if name in numeric else pa.string() for name in names}
    return arrow_csv.read_csv(
        pa.BufferReader(content) if isinstance(content, bytes) else content,
        read_options=arrow_csv.ReadOptions(
            column_names=names, skip_rows=skip, block_size=block_size, encoding="utf8" if in_utf8 else spelling.codec
        ),
        parse_options=arrow_csv.ParseOptions(delimiter=separator, newlines_in_values=True),
        convert_options=arrow_csv.ConvertOptions(
            column_types=types,
            include_columns=columns,
            strings_can_be_null=False,
            null_values=["", *missing],
            decimal_point=spelling.decimal,
        ),
    )


def head_of(file: Path, separator: str, spelling: Spelling) -> tuple[tuple[str, ...], int, bool]:
    """The names, how many lines they take, and whether a row follows."""
    rows = _rows(file, separator, spelling)
    _, lines, first = next(rows, (0, 0, []))
    if not first:
        raise DataError(f"{shown(file)} is empty", hint="the first line must name the columns")
    if spelling.names and len(spelling.names) != len(first):
        raise DataError(
            f"{shown(file)} has {plural(len(first), 'column')}, but names: gives {len(spelling.names)}",
            hint="give a name for each column",
            field="names",
        )
    if not spelling.header:
        names = spelling.names or tuple(f"column_{number}" for number in range(1, len(first) + 1))
        return names, spelling.skip, True
    names = spelling.names or tuple(name.strip() for name in first)
    counts = Counter(names)  # a stranger's table may have 200,000 columns
    twice = next((name for name in names if name and counts[name] > 1), None)
    if twice is not None:
        raise appears_twice(file, twice, names)
    return names, lines, next(rows, None) is not None


def _rows(file: Path, separator: str, spelling: Spelling) -> Iterator[tuple[int, int, list[str]]]:
    """Each row that is not blank, with the lines on which it begins and ends; the header is the first."""
    try:
        with _opened(file, spelling) as text:
            yield from numbered_rows(text, file, separator, spelling, spelling.skip)
    except OSError as error:
        raise DataError(f"{shown(file)} cannot be read: {error}") from error


def numbered_rows(
    text: TextIO, file: Path, separator: str, spelling: Spelling, skip: int = 0
) -> Iterator[tuple[int, int, list[str]]]:
    """Yield each row of a text that is not blank, with the lines (from 1) on which it begins and ends.

    Args:
        text: The text.
        file: Where it is from.
        separator: The character between cells.
        spelling: How the file writes characters, and what lines are comments.
        skip: Lines before the rows.

    Raises:
        DataError: It is in another encoding, or no CSV.
    """
    try:
        csv.field_size_limit(_LONGEST_CELL)  # Python's own is 128 KiB
        lines = _lines(islice(text, skip, None), separator, spelling)
        reader = csv.reader(lines, delimiter="\t" if separator == WHITESPACE else separator)
        line = skip + 1
        for row in reader:
            if row:
                yield line, skip + reader.line_num, row
            line = skip + reader.line_num + 1
    except UnicodeError:  # of UTF-16 without its mark it is not the one of decoding
        raise undecodable(file, _undecodable(file, spelling), spelling) from None
    except csv.Error as error:
        raise DataError(f"{shown(file)} cannot be read: {error}") from error


@contextmanager
def _opened(file: Path, spelling: Spelling) -> Iterator[TextIO]:
    """The text of a file, unpacked where its name says that it is compressed."""
    if not is_compressed(file):
        with file.open(encoding=spelling.codec, newline="") as text:
            yield text
        return
    import pyarrow as pa

    with pa.input_stream(str(file), compression="detect") as stream:
        yield io.TextIOWrapper(stream, encoding=spelling.codec, newline="")


def is_compressed(file: Path) -> bool:
    """Return whether the name of a file says that it is compressed."""
    return file.suffix.lower() in COMPRESSIONS


_BLANKS = re.compile(r'[ \t]+(?=(?:[^"]*"[^"]*")*[^"]*$)')


def _tabbed(line: str) -> str:
    """The line with a tab in the place of the blanks between two cells; those within quotes stay."""
    return _BLANKS.sub("\t", line.strip()) + "\n"


def _lines(text: Iterable[str], separator: str, spelling: Spelling) -> Iterator[str]:
    """The lines as they are parsed: comments are blank, so that lines keep their numbers, and tabs stand for blanks."""
    found = iter(text) if spelling.comment is None else _without_comments(text, spelling.comment)
    return map(_tabbed, found) if separator == WHITESPACE else found


def _without_comments(text: Iterable[str], comment: str) -> Iterator[str]:
    """The lines, blank where they begin with `comment` and not within the quotes of a cell."""
    within = False
    for line in text:
        if not within and line.startswith(comment):
            yield "\n"
            continue
        within ^= line.count('"') % 2 == 1
        yield line


def _rewritten(content: Path | bytes, separator: str, spelling: Spelling) -> bytes:
    """Rows as UTF-8 in the way that Arrow parses them."""
    if isinstance(content, bytes):
        return "".join(_lines(io.StringIO(content.decode(), newline=""), separator, spelling)).encode()
    with _opened(content, spelling) as text:
        skipped = list(islice(text, spelling.skip))
        return "".join([*skipped, *_lines(text, separator, spelling)]).encode()


def undecodable(file: Path, line: int, spelling: Spelling) -> DataError:
    """The error for a file that is in another encoding."""
    with file.open("rb") as content:
        is_wide = content.read(2) in {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE}
    setting = "set encoding: utf-16, as which it begins" if is_wide else ANOTHER_ENCODING
    return DataError(f"{shown(file)}:{line} is not {spelling.encoding.upper()} text", hint=AS_UTF8, setting=setting)


def _undecodable(file: Path, spelling: Spelling) -> int:
    with file.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            try:
                line.decode(spelling.encoding)
            except UnicodeDecodeError:
                return number
    return 1


def misfit(
    text: TextIO,
    file: Path,
    line: int,
    separator: str,
    width: int,
    message: str,
    spelling: Spelling = PLAIN,
    skip: int = 0,
) -> DataError:
    """What is wrong with the first row that does not fit the header, or Arrow's own words where every row does.

    Args:
        text: The rows.
        file: Where they are from.
        line: The line on which they begin.
        separator: The character between cells.
        width: How many cells the header has.
        message: Arrow's own words.
        spelling: How the file writes characters.
        skip: Lines before the rows.
    """
    for begin, _, row in numbered_rows(text, file, separator, spelling, skip):
        if len(row) != width:
            return DataError(
                f"{shown(file)}:{line - 1 + begin} has {plural(len(row), 'cell')}, the header has {width}",
                hint=f"quote cells that contain a {separator!r}",
                setting="set separator, or skip where the first lines are no part of the table"
                if width < len(row)
                else "set separator",
            )
    return DataError(f"{shown(file)} cannot be read: {message}")
