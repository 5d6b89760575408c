"""A process of its own for each of several runs: what one leaves behind in TensorFlow never reaches the next."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from types import FrameType
from typing import NamedTuple

from trainctl.runs.signals import Asked, asked_by, handled


class Ended(NamedTuple):
    """How a child ended.

    Args:
        exit_code: Its exit code; of one that a signal killed 128 + the signal.
        asked: What the first signal that came to this process meanwhile asked for; `None` if none came.
    """

    exit_code: int
    asked: Asked | None = None


def fork() -> Ended | None:
    """Continue in a child with all that is imported; wait for it here.

    Only where TensorFlow is imported and nothing else was done with it: its threads and devices do not outlive a fork.

    Returns:
        In the child `None`; in the parent how the child ended.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    relay = _Relay()
    with handled(relay.handle):
        pid = os.fork()
        if pid:
            return relay.wait(
                lambda: os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), lambda number: os.kill(pid, number)
            )
    for number in relay.heard[:1]:  # before the child had its own handlers again
        signal.raise_signal(number)
    return None


def start(arguments: Sequence[str]) -> Ended:
    """Run trainctl with these arguments as a new process, and return how it ended."""
    sys.stdout.flush()
    relay = _Relay()
    with handled(relay.handle):
        child = subprocess.Popen([sys.executable, "-P", "-m", "trainctl", *arguments])
        return relay.wait(child.wait, child.send_signal)


class _Relay:
    """Passes signals on to the child, which ends as it should.

    The terminal, a group's or a container's end send them to the child as well, which takes both for one
    (`StopRequest.handle`).
    """

    def __init__(self) -> None:
        self.heard: list[int] = []
        self._send: Callable[[int], None] = lambda _: None

    def handle(self, number: int, _frame: FrameType | None) -> None:
        """Handle a signal."""
        self.heard.append(number)
        with suppress(ProcessLookupError):  # the child has just ended
            self._send(number)

    def wait(self, wait: Callable[[], int], send: Callable[[int], None]) -> Ended:
        """Wait for the child, which has begun."""
        self._send = send
        for number in self.heard[:1]:  # before there was someone to pass it on to
            send(number)
        code = wait()
        return Ended(128 - code if code < 0 else code, asked_by(self.heard[0]) if self.heard else None)
