"""The lock of a run: its directory, locked by the process that runs it, given back by the kernel however that ends."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

from trainctl.errors import RunDirError
from trainctl.runs.failure import in_directory
from trainctl.runs.layout import RunDirectory

_TRIES, _PAUSE_SECONDS = 10, 0.03


@contextmanager
def locked(directory: RunDirectory) -> Iterator[None]:
    """Hold the run's lock while inside. On a file system without locks, go without.

    Raises:
        RunDirError: Another process holds it, or the directory is gone.
    """
    descriptor = _opened(directory)
    try:
        if not _taken(descriptor):
            raise RunDirError(
                f"another process is running {directory.path}",
                hint="wait for it, stop it, or continue in a new run with trainctl resume RUN --fork NAME",
            )
        yield
    finally:
        os.close(descriptor)


def is_held(directory: RunDirectory) -> bool | None:
    """Return whether a process runs it; `None` if no one can tell, on a file system without locks."""
    descriptor = _opened(directory)
    try:
        taken = _try(descriptor, fcntl.LOCK_SH)
        return None if taken is None else not taken
    finally:
        os.close(descriptor)


def _taken(descriptor: int) -> bool:
    """Take the lock, or find none to take; `trainctl runs` holds it for a moment while it looks, which is waited for."""
    for tried in range(_TRIES):
        if tried:
            time.sleep(_PAUSE_SECONDS)
        if _try(descriptor, fcntl.LOCK_EX) is not False:
            return True
    return False


def _opened(directory: RunDirectory) -> int:
    with in_directory(directory.path, "open"):
        return os.open(directory.path, os.O_RDONLY)


def _try(descriptor: int, kind: int) -> bool | None:
    """Return whether the lock could be taken; `None` if the file system has none."""
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return None
    return True
