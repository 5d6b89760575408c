"""The file behind `--plot`: its ending says what is written, and it is checked before the work that it shows."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from trainctl.errors import RunDirError, UsageError
from trainctl.text import one_of

ENDINGS = (".png", ".svg", ".pdf")


def require_picture(path: Path | None) -> None:
    """Refuse a file that is not a picture, or whose folder does not exist; without one nothing is drawn.

    Raises:
        UsageError: Its ending is another.
        RunDirError: There is no such folder.
    """
    if path is None:
        return
    if path.suffix.lower() not in ENDINGS:
        raise UsageError(f"--plot writes a file ending in {one_of(ENDINGS)}, received '{path}'")
    if not path.parent.is_dir():
        raise _unwritable(path, os.strerror(2))


@contextmanager
def drawn(path: Path) -> Iterator[None]:
    """Draw inside; a file that cannot be written is an error of the output.

    Raises:
        RunDirError: It cannot be written.
    """
    try:
        yield
    except OSError as error:
        raise _unwritable(path, error.strerror or str(error)) from error


def _unwritable(path: Path, reason: str) -> RunDirError:
    return RunDirError(f"{path} cannot be written: {reason}", hint="name another file: --plot FILE")
