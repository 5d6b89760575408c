"""Each of several runs has a process of its own, whose exit code and signals are passed on."""

from __future__ import annotations

import os
import signal
import time

import pytest

from trainctl.runs import processes
from trainctl.runs.processes import Ended
from trainctl.runs.signals import listening


def end(code: int | signal.Signals) -> int:
    """Fork, let the child end so, and return the exit code that the parent is told."""
    told = processes.fork()
    if told is None:
        if isinstance(code, signal.Signals):
            os.kill(os.getpid(), code)
        os._exit(code)
    return told.exit_code


@pytest.mark.parametrize(("code", "expected"), [(0, 0), (8, 8), (signal.SIGKILL, 137)])
def test_the_exit_code_is_that_of_the_child(code: int | signal.Signals, expected: int) -> None:
    assert end(code) == expected


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGUSR1])
@pytest.mark.parametrize("reaches_both", [False, True])
def test_a_signal_to_the_parent_reaches_the_child_once(number: signal.Signals, reaches_both: bool) -> None:
    before = signal.getsignal(number)
    told = processes.fork()
    if told is None:
        signal.alarm(60)  # it would end the child
        with listening() as stop:
            stop.graceful = True
            if reaches_both:  # as Ctrl-C does
                os.kill(os.getpid(), number)
            os.kill(os.getppid(), number)
            code = 3
            try:
                while not stop.asked:
                    time.sleep(0.01)
                time.sleep(0.2)  # a second request would end it
            except KeyboardInterrupt:
                code = 4
        os._exit(code)
    assert (told.exit_code, told.asked is not None) == (3, True)
    assert signal.getsignal(number) == before


def test_a_new_process_runs_the_program() -> None:
    assert processes.start(["explain"]) == Ended(2)
