"""console.log: what TensorFlow and others print, kept off the screen."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from trainctl.files import open_own


@dataclass(frozen=True, slots=True)
class Streams:
    """The process's real stdout and stderr, reachable while everything else goes to console.log."""

    stdout: TextIO
    stderr: TextIO


@contextmanager
def captured(log: Path | None) -> Iterator[Streams]:
    """Send file descriptors 1 and 2 to `log` while inside; yields the real streams.

    TensorFlow writes its notices from C++, past `sys.stderr`, so the descriptors themselves are turned. What Python
    prints elsewhere, as in a notebook, is seen where it always is.

    Args:
        log: The file to append to; `None` discards.
    """
    streams = (sys.stdout, sys.stderr)
    for stream in streams:
        _flush(stream)
    how = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    target = open_own(log, how) if log is not None else os.open(os.devnull, how)
    kept = [os.dup(1), os.dup(2)]
    real = [
        _reopened(stream, number, at) for number, (stream, at) in enumerate(zip(streams, kept, strict=True), start=1)
    ]
    try:
        os.dup2(target, 1)
        os.dup2(target, 2)
        yield Streams(*real)
    finally:
        for number, (stream, ours, descriptor) in enumerate(zip(streams, real, kept, strict=True), start=1):
            _flush(stream)  # a full disk must not hide what happened
            _flush(ours)
            os.dup2(descriptor, number)
            os.close(descriptor)
        os.close(target)


def _flush(stream: TextIO) -> None:
    with suppress(OSError, ValueError):
        stream.flush()


def _reopened(stream: TextIO, number: int, descriptor: int) -> TextIO:
    """The stream itself where it writes elsewhere, as a notebook's does; else one that writes to `descriptor`."""
    try:
        if stream.fileno() != number:
            return stream
    except (OSError, ValueError):  # it has no descriptor
        return stream
    return open(  # a descriptor, which the caller closes
        descriptor, "w", encoding=stream.encoding or "utf-8", errors="replace", buffering=1, closefd=False
    )
