"""Ctrl-C, the end of `--max-time`, SIGTERM, SIGHUP (the terminal's end), and SIGUSR1 and SIGUSR2, with which SLURM warns of the end of a job.

The first is a request while steps run, and immediate otherwise; the second is always immediate.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, NamedTuple

from trainctl.errors import RunDirError


class Asked(NamedTuple):
    """How a run ends that was asked to stop: its status, its exit code, and by what."""

    status: str
    exit_code: int
    by: str


_ASKED: dict[signal.Signals, Asked] = {
    signal.SIGINT: Asked("interrupted", 130, "Ctrl-C"),
    signal.SIGTERM: Asked("terminated", 143, "SIGTERM"),
    signal.SIGHUP: Asked("terminated", 143, "SIGHUP: its terminal was closed"),
    signal.SIGUSR1: Asked("terminated", 143, "SIGUSR1"),
    signal.SIGUSR2: Asked("terminated", 143, "SIGUSR2"),
}

_ONE_REQUEST_SECONDS = 0.3  # less than between two of a person's, who means the second


def asked_by(number: int) -> Asked:
    """Return what a signal asks for."""
    return _ASKED[signal.Signals(number)]


class StopRequest:
    """What was asked for by signal. While `graceful`, a first signal waits to be seen at the end of a step.

    The same signal a moment later is the same request: it was sent to several processes, one of which passed it on.

    One that comes while the last words of a run are written cuts nothing short; a run that consists of several heeds it
    before the next of them begins.
    """

    def __init__(self) -> None:
        self.signal_number: int | None = None
        self._heard = 0.0
        self._late: int | None = None
        self.graceful = False
        self.finishing = False

    def handle(self, number: int, _frame: FrameType | None) -> None:
        """Handle a signal."""
        if self.finishing:
            self._late = number  # the last words are being written, which takes no time
            return
        now = time.monotonic()
        if number == self.signal_number and now - self._heard < _ONE_REQUEST_SECONDS:
            return
        first = self.signal_number is None
        self.signal_number, self._heard = number, now
        if not (self.graceful and first):
            raise KeyboardInterrupt

    @property
    def asked(self) -> bool:
        """Whether a signal came."""
        return self.signal_number is not None

    @property
    def ending(self) -> Asked:
        """How a run ends that stops now; as by Ctrl-C where no signal came, but a `KeyboardInterrupt`."""
        return asked_by(self.signal_number or signal.SIGINT)

    def explains(self, error: BaseException) -> bool:
        """Return whether `error` was caused by the signal: C++ renames Python's interrupt.

        What is wrong with the disk is not explained: then the run may not have been kept.
        """
        return self.asked and not isinstance(error, RunDirError | OSError)

    def raise_if_asked(self) -> None:
        """Stop here, where a step has ended, if a signal asked for it."""
        if self.asked:
            raise KeyboardInterrupt

    def raise_if_late(self) -> None:
        """Stop here, between two runs, if a signal asked for it while the last words of the first were written."""
        if self._late is not None:
            self.signal_number = self._late
            raise KeyboardInterrupt


@contextmanager
def time_limit(seconds: float | None, exit_code: int = 0) -> Iterator[None]:
    """Stop a run inside after `seconds` as a signal does, with the status `paused` and `exit_code`; `None` is no limit.

    The alarm is the process's own, and so there is one limit. One that rings before a run listens rings again.
    """
    if seconds is None:
        yield
        return
    _ASKED[signal.SIGALRM] = Asked("paused", exit_code, "--max-time")
    before = signal.signal(signal.SIGALRM, lambda *_: signal.setitimer(signal.ITIMER_REAL, _AGAIN_SECONDS))
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        del _ASKED[signal.SIGALRM]


_AGAIN_SECONDS = 0.1


@contextmanager
def listening(request: StopRequest | None = None) -> Iterator[StopRequest]:
    """Handle the signals while inside; elsewhere than in the main thread, where Python cannot, do nothing.

    Args:
        request: What a run listens to already that this one is part of; it handles the signals.
    """
    if request is not None:
        yield request
        return
    request = StopRequest()
    if threading.current_thread() is not threading.main_thread():
        yield request
        return
    with handled(request.handle):
        yield request


@contextmanager
def handled(handle: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    """Have each signal that asks for an end call `handle` while inside.

    SIGHUP stays ignored where it is: `nohup` means a run to outlive its terminal.
    """
    heard = [each for each in _ASKED if each != signal.SIGHUP or signal.getsignal(each) != signal.SIG_IGN]
    before: dict[int, Any] = {number: signal.signal(number, handle) for number in heard}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
