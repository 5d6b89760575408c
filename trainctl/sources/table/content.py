"""The bytes of a table's file from any place on: of a compressed file, those of a copy that is unpacked once."""

from __future__ import annotations

import os
import tempfile
import weakref
from pathlib import Path

from trainctl.errors import DataError
from trainctl.sources.reading.inputs import shown
from trainctl.sources.reading.scratch import is_full, unnamed_file
from trainctl.sources.table.delimited import is_compressed

_PIECE = 2**20  # bytes unpacked at once


class Content:
    """A file that is read from any place on.

    A compressed one is unpacked into a file without a name, which is gone with the process however that ends.

    Args:
        file: The file.

    Raises:
        DataError: It cannot be unpacked.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        self._unpacked = _unpacked(file) if is_compressed(file) else None
        if self._unpacked is not None:
            weakref.finalize(self, os.close, self._unpacked)

    def read(self, begin: int, length: int) -> bytes:
        """Return up to `length` bytes from byte `begin` on."""
        if self._unpacked is not None:
            return os.pread(self._unpacked, length, begin)
        with self.file.open("rb") as content:
            content.seek(begin)
            return content.read(length)

    def after(self, lines: int) -> int:
        """Return the byte at which the line after the first `lines` begins."""
        begin = 0
        while lines:
            piece = self.read(begin, _PIECE)
            ends = piece.count(b"\n")
            if not piece:
                return begin
            if ends < lines:
                lines, begin = lines - ends, begin + len(piece)
                continue
            place = -1
            for _ in range(lines):
                place = piece.index(b"\n", place + 1)
            return begin + place + 1
        return begin


def _unpacked(file: Path) -> int:
    """Return the descriptor of a file without a name that holds what `file` unpacks to."""
    import pyarrow as pa

    number = unnamed_file()
    try:
        with pa.input_stream(str(file), compression="detect") as stream, open(number, "wb", closefd=False) as copy:
            while piece := stream.read(_PIECE):
                copy.write(piece)
    except (OSError, pa.ArrowInvalid) as error:
        os.close(number)
        if is_full(error):
            raise DataError(
                f"{shown(file)} cannot be unpacked: {tempfile.gettempdir()} is full",
                hint="set TMPDIR to a folder with more space, or unpack the file yourself",
            ) from error
        raise DataError(
            f"{shown(file)} cannot be unpacked: {error}", hint="is it damaged? Compress it again"
        ) from error
    return number
