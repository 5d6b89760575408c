"""console.log: what TensorFlow and others print, kept off the screen."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from trainctl import masking
from trainctl.files import open_own
from trainctl.masking import is_active

_PATIENCE_SECONDS = 1


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
    Secrets do not reach `log`: where there are any, a process is in between.

    Args:
        log: The file to append to; `None` discards.
    """
    streams = (sys.stdout, sys.stderr)
    for stream in streams:
        _flush(stream)
    how = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    target = open_own(log, how) if log is not None else os.open(os.devnull, how)
    pump: subprocess.Popen[bytes] | None = None
    if log is not None and is_active():
        pump, target = _masking_pump(target)
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
        if pump is not None:
            _settle(pump)


def _masking_pump(log: int) -> tuple[subprocess.Popen[bytes], int]:
    """Start a process that writes into `log` what comes through the pipe it gives, without secrets; takes over `log`.

    It is a process of its own because a thread could not take what C++ prints while it holds Python's lock, and because
    the last lines before a crash are the ones that matter.
    """
    reader, writer = os.pipe()
    secrets, secrets_in = os.pipe()
    try:
        pump = subprocess.Popen(
            [sys.executable, "-I", "-S", masking.__file__, str(secrets)],
            stdin=reader,
            stdout=log,
            stderr=subprocess.DEVNULL,
            pass_fds=[secrets],
            start_new_session=True,  # Ctrl-C in the terminal is not for it
        )
    finally:
        for descriptor in (reader, secrets, log):
            os.close(descriptor)
    with os.fdopen(secrets_in, "wb") as file:
        file.write(json.dumps(masking.shown_forms()).encode())
    return pump, writer


def _settle(pump: subprocess.Popen[bytes]) -> None:
    """Wait until the log is written; a child of ours that lives on may keep the pipe open."""
    try:
        pump.wait(_PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        threading.Thread(target=pump.wait, daemon=True).start()


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
