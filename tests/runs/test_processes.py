"""Each of several runs has a process of its own, whose exit code and signals are passed on."""

from __future__ import annotations

import os
import signal

import pytest

from trainctl.runs import processes


def end(code: int | signal.Signals) -> int:
    """Fork, let the child end so, and return what the parent is told."""
    told = processes.fork()
    if told is None:
        if isinstance(code, signal.Signals):
            os.kill(os.getpid(), code)
        os._exit(code)
    return told


@pytest.mark.parametrize(("code", "expected"), [(0, 0), (8, 8), (signal.SIGKILL, 137)])
def test_the_exit_code_is_that_of_the_child(code: int | signal.Signals, expected: int) -> None:
    assert end(code) == expected


def test_a_signal_to_the_parent_alone_reaches_the_child() -> None:
    before = signal.getsignal(signal.SIGUSR1)
    told = processes.fork()
    if told is None:
        signal.alarm(60)  # it would end the child
        signal.signal(signal.SIGUSR1, lambda *_: os._exit(143))
        os.kill(os.getppid(), signal.SIGUSR1)
        signal.pause()
    assert told == 143
    assert signal.getsignal(signal.SIGUSR1) == before


def test_a_new_process_runs_the_program() -> None:
    assert processes.start(["explain"]) == 2
