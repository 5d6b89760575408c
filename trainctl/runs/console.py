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

    TensorFlow writes its notices from C++, past `sys.stderr`, so the descriptors themselves are turned.

    Args:
        log: The file to append to; `None` discards.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    how = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    target = open_own(log, how) if log is not None else os.open(os.devnull, how)
    real = [_duplicate(1), _duplicate(2)]
    try:
        os.dup2(target, 1)
        os.dup2(target, 2)
        yield Streams(*real)
    finally:
        for number, (stream, ours) in enumerate(zip((sys.stdout, sys.stderr), real, strict=True), start=1):
            with suppress(OSError, ValueError):  # a full disk must not hide what happened
                stream.flush()
            with suppress(OSError, ValueError):
                ours.flush()
            os.dup2(ours.fileno(), number)
            ours.close()
        os.close(target)


def _duplicate(descriptor: int) -> TextIO:
    stream = (sys.stdout, sys.stderr)[descriptor - 1]
    return os.fdopen(os.dup(descriptor), "w", encoding=stream.encoding or "utf-8", errors="replace", buffering=1)
