"""Whole files: written aside and renamed, so that a kill at any instant leaves the old one or the new one, never half."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from trainctl.text import nearest

ASIDE = ".saving-*"
"""What a kill leaves of a file that was being written."""


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yields a new path beside `path`, with the same suffix; what is written there replaces `path` at the end.

    Args:
        path: The final place; its folder exists. Where writing fails, what stands there is left as it was.

    Raises:
        OSError: The disk is full, or the folder is gone or cannot be written.
    """
    aside = path.with_name(f".saving-{os.getpid()}-{path.name}")
    try:
        yield aside
        _force(aside)
        aside.replace(path)
        with suppress(OSError):  # not every file system can, and the file is whole without
            _force(path.parent)
    finally:
        aside.unlink(missing_ok=True)


def write_whole(path: Path, content: bytes) -> None:
    """Write a file that is whole at any instant.

    Args:
        path: The final place; its folder exists.
        content: All of it.

    Raises:
        OSError: The disk is full or the folder is gone; what was at `path` is left as it was.
    """
    with replacing(path) as aside:
        aside.write_bytes(content)


def saved_atomically(path: Path, save: Callable[[str], object]) -> None:
    """Have `save` write under another name in the same folder, then rename it to `path`.

    Args:
        path: The final place; missing folders are made.
        save: Such as Keras's `model.save`; the temporary name keeps the suffix it decides by.

    Raises:
        OSError: The disk is full, or the folder cannot be written; what was at `path` is left as it was.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as aside:
        save(str(aside))


def hint_for_missing(path: Path, otherwise: str | None = None, pattern: str = "*") -> str | None:
    """Return what to do about a path at which there is nothing.

    Args:
        path: The path.
        otherwise: What to say where no name beside it is like its own.
        pattern: Which names beside it may be meant.

    Returns:
        The nearest name in the same folder, that the folder is missing too, or `otherwise`.
    """
    if not path.parent.is_dir():
        return "; ".join(filter(None, [f"the directory '{path.parent}' does not exist either", otherwise]))
    try:
        close = nearest(path.name, (entry.name for entry in path.parent.glob(pattern)))
    except OSError:  # a folder that may not be read
        return otherwise
    return f"did you mean '{close}'?" if close else otherwise


def is_regular(path: Path) -> bool:
    """Tell whether `path` is a file with content of its own: not a folder, a pipe or a device, which may never end."""
    return path.is_file()


def _force(path: Path) -> None:
    """Force a file's content, or a folder's names, to the disk: they are to survive a power failure too."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
