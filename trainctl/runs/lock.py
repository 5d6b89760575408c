"""The lock of a run directory: held by the process that runs it, given back by the kernel however that process ends."""

from __future__ import annotations

import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from trainctl.errors import RunDirError
from trainctl.runs.directory import RunDirectory


@contextmanager
def locked(directory: RunDirectory) -> Iterator[None]:
    """Hold the run's lock while inside.

    Raises:
        RunDirError: Another process holds it, or the file cannot be made.
    """
    try:
        descriptor = os.open(directory.lock, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise RunDirError(f"cannot write {directory.lock}: {error.strerror}") from error
    try:
        if not _taken(descriptor):
            who = os.read(descriptor, 200).decode(errors="replace").strip() or "another process"
            raise RunDirError(f"the run {directory.path} is being run by {who}",
                              hint="wait for it or stop it; trainctl resume --fork NAME goes on beside it")  # fmt: skip
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"process {os.getpid()} on {socket.gethostname()}\n".encode(), 0)
        yield
    finally:
        os.close(descriptor)


def is_held(directory: RunDirectory) -> bool | None:
    """Whether a process on this machine runs it; `None` where nobody can tell: there is no lock file."""
    try:
        descriptor = os.open(directory.lock, os.O_RDONLY)
    except OSError:
        return None
    try:
        return not _taken(descriptor, fcntl.LOCK_SH)
    finally:
        os.close(descriptor)


def _taken(descriptor: int, kind: int = fcntl.LOCK_EX) -> bool:
    """Whether the lock could be taken; on a file system without locks it always can."""
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True
