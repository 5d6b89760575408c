"""Text files: each is one text."""

from __future__ import annotations

import codecs
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from trainctl.aliases import Array, Data
from trainctl.components.dataset import Rows
from trainctl.errors import DataError
from trainctl.sources.files.walk import Examined
from trainctl.sources.reading.inputs import ANOTHER_ENCODING, AS_UTF8, shown, without_mark
from trainctl.text import plural

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def read_texts(files: Sequence[Path], encoding: str) -> Array:
    """Read the text of each file, str objects (n,), without the mark that may be before it.

    Raises:
        DataError: A file is in another encoding, or cannot be read.
    """
    import numpy as np

    texts = np.empty(len(files), object)
    texts[:] = [_read(file, encoding) for file in files]
    return texts


IN_MEMORY = 256 * 2**20
"""Bytes up to which texts are read at once."""


class TextFiles(Rows):
    """Texts read from files on demand, str objects (n,).

    Args:
        files: The files.
        encoding: Their encoding.
    """

    def __init__(self, files: Sequence[Path], encoding: str) -> None:
        super().__init__((len(files),), "object")
        self._files, self._encoding = files, encoding

    def __getitem__(self, indices: NDArray[np.int64]) -> Array:
        return read_texts([self._files[int(index)] for index in indices], self._encoding)

    def lengths(self, indices: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the sizes of the files in bytes, which are known without reading them."""
        import numpy as np

        return np.array([self._files[int(index)].stat().st_size for index in indices], np.int64)


def texts_of(files: Sequence[Path], encoding: str) -> Data:
    """Return the texts of files: an array, or rows that are read on demand where they are large."""
    large = sum(file.stat().st_size for file in files) > IN_MEMORY
    return TextFiles(files, encoding) if large else read_texts(files, encoding)


def examine_texts(files: Sequence[Path], encoding: str) -> Examined:
    """Find files that are in another encoding or cannot be read; and count those that are empty."""
    unreadable, empty = dict[Path, str](), 0
    for file in files:
        try:
            empty += not _read(file, encoding).strip()
        except DataError as error:
            unreadable[file] = error.message.removeprefix(f"{shown(file)} ")
    notes = (f"{plural(empty, 'text')} {'is' if empty == 1 else 'are'} empty",) if empty else ()
    return Examined(unreadable, notes)


def _read(file: Path, encoding: str) -> str:
    try:
        return file.read_text(encoding=without_mark(encoding))
    except UnicodeDecodeError as error:
        raise DataError(
            f"{shown(file)} is not {encoding.upper()} text", hint=AS_UTF8, setting=ANOTHER_ENCODING
        ) from error
    except OSError as error:
        raise DataError(f"{shown(file)} cannot be read: {error.strerror}", hint="check its permissions") from error


def holds_text(file: Path, encoding: str) -> bool:
    """Return whether the beginning of a file is text in `encoding`, without control characters."""
    decoder = codecs.getincrementaldecoder(without_mark(encoding))()
    try:
        with file.open("rb") as content:
            start = content.read(4096)
        text = decoder.decode(start, final=len(start) < 4096)
    except (UnicodeError, OSError):
        return False
    return bool(text.strip()) and not any(ord(each) < 32 and each not in "\t\n\r\f" for each in text)
