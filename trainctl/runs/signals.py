"""Ctrl-C and SIGTERM: the first is a request while steps run, and immediate otherwise; the second is always immediate."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any


class StopRequest:
    """What was asked for by signal. While `graceful`, a first signal waits to be seen at the end of a step."""

    def __init__(self) -> None:
        self.signal_number: int | None = None
        self.graceful = False
        self.finishing = False

    def handle(self, number: int, _frame: FrameType | None) -> None:
        """The signal handler."""
        if self.finishing:
            return  # the last words are being written, which takes no time; another signal must not cut them short
        first = self.signal_number is None
        self.signal_number = number
        if not (self.graceful and first):
            raise KeyboardInterrupt

    @property
    def asked(self) -> bool:
        """Whether a signal came."""
        return self.signal_number is not None

    def raise_if_asked(self) -> None:
        """Stop here, where a step has ended, if a signal asked for it."""
        if self.asked:
            raise KeyboardInterrupt


@contextmanager
def listening() -> Iterator[StopRequest]:
    """Handle SIGINT and SIGTERM while inside; elsewhere than in the main thread, where Python cannot, do nothing."""
    request = StopRequest()
    if threading.current_thread() is not threading.main_thread():
        yield request
        return
    before: dict[int, Any] = {
        number: signal.signal(number, request.handle) for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield request
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
