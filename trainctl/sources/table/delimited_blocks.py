"""Delimited text files in blocks of a few megabytes, cut between two rows: for files larger than memory."""

from __future__ import annotations

import hashlib
import io
import re
from dataclasses import dataclass, replace
from itertools import accumulate, chain, islice
from typing import TYPE_CHECKING, Any

from trainctl.aliases import ArrowData
from trainctl.errors import DataError
from trainctl.sources.reading.inputs import shown
from trainctl.sources.table.content import Content
from trainctl.sources.table.delimited import (
    PLAIN,
    WHITESPACE,
    Spelling,
    cleaned,
    head_of,
    misfit,
    numbered_rows,
    parsed,
    undecodable,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

BLOCK = 8 * 2**20
"""Bytes of a block, about."""

_LONGEST_ROW = 64 * 2**20


@dataclass(frozen=True, slots=True)
class _Cut:
    """Where a block stands: in which file, from which byte, how many bytes, and on which line it begins (from 1)."""

    content: Content
    begin: int
    length: int
    line: int

    @property
    def file(self) -> Path:
        """The file, as it is called."""
        return self.content.file


@dataclass(frozen=True, slots=True)
class TextBlock:
    """One block's columns.

    Args:
        columns: Arrow arrays by name; null where a cell is missing.
        cut: Where it stands.
        separator: The character between cells.
        spelling: How the file writes characters and numbers.
    """

    columns: Mapping[str, ArrowData]
    cut: _Cut
    separator: str
    spelling: Spelling = PLAIN

    @property
    def name(self) -> str:
        """The file, for messages."""
        return shown(self.cut.file)

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))

    def place(self, row: int) -> str:
        """Where row `row` (from 0) of the block stands: `titanic.csv:17`, lines counted from 1."""
        text = io.StringIO(_bytes(self.cut).decode(self.spelling.codec, "replace"), newline="")
        rows = numbered_rows(text, self.cut.file, self.separator, self.spelling)
        line, _, _ = next(islice(rows, row, None))
        return f"{shown(self.cut.file)}:{self.cut.line - 1 + line}"


class TextBlocks:
    """Delimited text files in blocks.

    Args:
        files: Files with the same header.
        separator: The character between cells.
        missing: Texts that mean a missing value, besides the empty one.
        spelling: How the files write characters and numbers.

    Raises:
        DataError: No rows at all, a row that does not end, or an encoding in which line ends are more than a byte.
    """

    def __init__(
        self, files: Sequence[Path], separator: str, missing: Sequence[str], spelling: Spelling = PLAIN
    ) -> None:
        if '"\n'.encode(spelling.encoding.removesuffix("-sig")) != b'"\n':
            raise DataError(
                f"{shown(files[0])}: files in {spelling.encoding.upper()} cannot be read in blocks",
                hint="save them as UTF-8, or set stream: false",
            )
        self._separator, self._missing, self._spelling = separator, missing, spelling
        heads = {file: head_of(file, separator, spelling) for file in files}
        self._names = {file: names for file, (names, _, _) in heads.items()}
        digest = hashlib.blake2b(digest_size=32)
        rows = _whole_rows(
            (" " if separator == WHITESPACE else separator).encode(spelling.encoding.removesuffix("-sig"))
        )
        contents = [(Content(file), heads[file][1]) for file in files]
        self._cuts = [cut for content, lines in contents for cut in _cuts(content, lines, rows, digest)]
        self.fingerprint = digest.hexdigest()
        if not self._cuts:
            raise DataError(f"{shown(files[0])} has a header but no rows", hint="add rows below it")

    def __len__(self) -> int:
        return len(self._cuts)

    def read(self, number: int, columns: Sequence[str], numeric: Sequence[str]) -> TextBlock:
        """Block `number`; `numeric` columns come as numbers where all of their cells are such, else as text.

        Raises:
            DataError: A row with more or fewer cells than the header.
        """
        return self._read(self._cuts[number], columns, numeric)

    def read_fitting(
        self, number: int, columns: Sequence[str], bad: Callable[[DataError], None]
    ) -> Iterator[TextBlock]:
        """Yield block `number` as text, in pieces between the rows with more or fewer cells than the header.

        Args:
            number: The block.
            columns: Which to read.
            bad: Told of each such row; it raises the error where these are not to be left out.

        Raises:
            DataError: It is in another encoding, or what `bad` raises.
        """
        cut = self._cuts[number]
        try:
            whole = [self._read(cut, columns, ())]
        except DataError as error:
            whole = []
            try:
                text = _bytes(cut).decode(self._spelling.codec)
            except UnicodeDecodeError:
                raise error from None
        yield from whole or (self._read(each, columns, ()) for each in self._fitting(cut, text, bad))

    def _fitting(self, cut: _Cut, text: str, bad: Callable[[DataError], None]) -> Iterator[_Cut]:
        """Yield the stretches of a block whose rows fit the header."""
        lines, width = io.StringIO(text, newline="").readlines(), len(self._names[cut.file])
        codec = self._spelling.encoding.removesuffix("-sig")
        ends = [0, *accumulate(len(line.encode(codec)) for line in lines)]
        start = 1
        rows = numbered_rows(io.StringIO(text, newline=""), cut.file, self._separator, self._spelling)
        for begin, end, row in chain(rows, [(len(lines) + 1, len(lines) + 1, [])]):
            if len(row) == width:
                continue
            if row:
                one = io.StringIO("".join(lines[begin - 1 : end]), newline="")
                bad(misfit(one, cut.file, cut.line + begin - 1, self._separator, width, "", self._spelling))
            if "".join(lines[start - 1 : begin - 1]).strip():
                length = ends[begin - 1] - ends[start - 1]
                yield replace(cut, begin=cut.begin + ends[start - 1], length=length, line=cut.line + start - 1)
            start = end + 1

    def _read(self, cut: _Cut, columns: Sequence[str], numeric: Sequence[str]) -> TextBlock:
        import pyarrow as pa

        names = self._names[cut.file]
        content = self._in_utf8(cut)
        try:
            table = parsed(content, names, columns, self._separator, self._missing, numeric, spelling=self._spelling)
        except pa.ArrowInvalid as error:
            if numeric:
                return self._read(cut, columns, ())
            raise self._read_error(cut, content, len(names), str(error)) from error
        texts = [name for name in columns if name not in numeric]
        cells = cleaned(table, texts, self._missing, self._spelling)
        return TextBlock({name: cells.get(name, table[name]) for name in columns}, cut, self._separator, self._spelling)

    def _in_utf8(self, cut: _Cut) -> bytes:
        content = _bytes(cut)
        if self._spelling.encoding == "utf-8":
            return content
        try:
            return content.decode(self._spelling.codec).encode()
        except UnicodeDecodeError as error:
            raise undecodable(cut.file, cut.line + content.count(b"\n", 0, error.start), self._spelling) from error

    def _read_error(self, cut: _Cut, content: bytes, width: int, message: str) -> DataError:
        try:
            text = content.decode()
        except UnicodeDecodeError as error:
            line = cut.line + content.count(b"\n", 0, error.start)
            return undecodable(cut.file, line, self._spelling)
        rows = io.StringIO(text, newline="")
        return misfit(rows, cut.file, cut.line, self._separator, width, message, self._spelling)


def _bytes(cut: _Cut) -> bytes:
    return cut.content.read(cut.begin, cut.length)


def _cuts(content: Content, header: int, rows: re.Pattern[bytes], digest: Any) -> Iterator[_Cut]:
    """Yield the blocks of a file after the `header` lines; `rows` matches as many whole rows as there are."""
    begin, line, rest = content.after(header), 1 + header, b""
    digest.update(content.read(0, begin))
    while True:
        more = content.read(begin + len(rest), BLOCK)
        digest.update(more)
        chunk = rest + more
        length = _end_of(rows, chunk) if more else len(chunk)
        rest = chunk[length:]
        if length and chunk[:length].strip():
            yield _Cut(content, begin, length, line)
        if len(rest) > _LONGEST_ROW:
            raise DataError(
                f"{shown(content.file)}:{line + chunk.count(chr(10).encode(), 0, length)}: a quote is opened here and never closed",
                hint='close it, or double a quote inside a cell: ""',
            )
        begin += length
        line += chunk.count(b"\n", 0, length)
        if not more:
            return


def _whole_rows(separator: bytes) -> re.Pattern[bytes]:
    """Return the pattern of as many whole rows as there are, in which a quote counts only where a cell begins with it."""
    stop = re.escape(separator)
    plain = rb"(?:(?!" + stop + rb")[^\n])*+" if len(separator) > 1 else rb"[^" + stop + rb"\n]*+"
    cell = rb'(?:"(?:[^"]++|"")*+"' + plain + rb'|(?!")' + plain + rb")"
    return re.compile(rb"(?:(?:" + cell + stop + rb")*+" + cell + rb"\n)*+")


def _end_of(rows: re.Pattern[bytes], chunk: bytes) -> int:
    """Return where the last whole row of `chunk`, which begins with a row, ends; 0 where there is none."""
    if b'"' not in chunk:
        return chunk.rfind(b"\n") + 1
    found = rows.match(chunk)
    return found.end() if found else 0
