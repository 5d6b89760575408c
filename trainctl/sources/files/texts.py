"""Text files: each is one text."""

from __future__ import annotations

import codecs
from collections.abc import Sequence
from pathlib import Path

from trainctl.aliases import Array
from trainctl.errors import DataError
from trainctl.sources.reading.inputs import ANOTHER_ENCODING, AS_UTF8, shown, without_mark


def read_texts(files: Sequence[Path], encoding: str) -> Array:
    """Read the text of each file, str objects (n,), without the mark that may be before it.

    Raises:
        DataError: A file is in another encoding, or cannot be read.
    """
    import numpy as np

    texts = np.empty(len(files), object)
    texts[:] = [_read(file, encoding) for file in files]
    return texts


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
