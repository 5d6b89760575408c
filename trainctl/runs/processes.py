"""A process of its own for each of several runs: what one leaves behind in TensorFlow never reaches the next."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

_PASSED_ON = (signal.SIGTERM, signal.SIGUSR1, signal.SIGUSR2)
"""Signals sent to one process alone; Ctrl-C and the end of the terminal reach the child as well."""


def fork() -> int | None:
    """Continue in a child with all that is imported; wait for it here.

    Only where TensorFlow is imported and nothing else was done with it: its threads and devices do not outlive a fork.

    Returns:
        In the child `None`; in the parent the child's exit code, of one that a signal killed 128 + the signal.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, _PASSED_ON)  # until there is someone to pass them on to
    pid = os.fork()
    if pid == 0:
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
        return None

    def wait() -> int:
        _, status = os.waitpid(pid, 0)
        return os.waitstatus_to_exitcode(status)

    return _waited(wait, lambda number: os.kill(pid, number), blocked)


def start(arguments: Sequence[str]) -> int:
    """Run trainctl with these arguments as a new process, and return its exit code as `fork` does."""
    sys.stdout.flush()
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    child = subprocess.Popen([sys.executable, "-P", "-m", "trainctl", *arguments])
    return _waited(child.wait, child.send_signal, blocked)


def _waited(wait: Callable[[], int], send: Callable[[int], None], blocked: Iterable[int]) -> int:
    with _passing_on(send):
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
        code = wait()
    return 128 - code if code < 0 else code


@contextmanager
def _passing_on(send: Callable[[int], None]) -> Iterator[None]:
    """Leave signals to the child, which ends as it should, while inside."""

    def pass_on(number: int, _frame: FrameType | None) -> None:
        send(number)

    before = {number: signal.signal(number, pass_on) for number in _PASSED_ON}
    before[signal.SIGINT] = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
