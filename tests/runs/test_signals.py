"""The first signal waits for the end of a step while steps run; otherwise, and a second time, it acts at once."""

from __future__ import annotations

import os
import signal
import threading
import time

import pytest

from trainctl.errors import RunDirError
from trainctl.runs import signals
from trainctl.runs.signals import Asked, StopRequest, listening, time_limit


def send(number: int) -> None:
    os.kill(os.getpid(), number)


@pytest.mark.parametrize(
    ("number", "status", "code"),
    [
        (signal.SIGINT, "interrupted", 130),
        (signal.SIGTERM, "terminated", 143),
        (signal.SIGHUP, "terminated", 143),
        (signal.SIGUSR1, "terminated", 143),
        (signal.SIGUSR2, "terminated", 143),
    ],
)
def test_before_the_first_step_it_acts_at_once(number: int, status: str, code: int) -> None:
    with listening() as stop, pytest.raises(KeyboardInterrupt):
        send(number)
    assert stop.ending[:2] == (status, code)


def test_nohup_is_heeded() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with listening() as stop:
            send(signal.SIGHUP)
        assert not stop.asked
    finally:
        signal.signal(signal.SIGHUP, before)


def test_within_a_step_it_waits_to_be_seen() -> None:
    with listening() as stop:
        stop.graceful = True
        stop.raise_if_asked()
        send(signal.SIGTERM)
        with pytest.raises(KeyboardInterrupt):
            stop.raise_if_asked()


def test_the_second_acts_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signals, "_ONE_REQUEST_SECONDS", 0)
    with listening() as stop:
        stop.graceful = True
        send(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            send(signal.SIGINT)


def test_what_comes_twice_at_once_is_one_request() -> None:
    """As `timeout` sends it, to the process and to its group, and as it comes to a child directly and through its parent."""
    with listening() as stop:
        stop.graceful = True
        send(signal.SIGTERM)
        send(signal.SIGTERM)
        assert stop.asked
        with pytest.raises(KeyboardInterrupt):
            send(signal.SIGINT)


def test_the_handlers_come_back() -> None:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    with listening():
        assert signal.getsignal(signal.SIGTERM) is not before[1]
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before


def test_elsewhere_than_in_the_main_thread_nothing_is_handled() -> None:
    found: list[StopRequest] = []

    def work() -> None:
        with listening() as stop:
            found.append(stop)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert found[0].signal_number is None


def test_a_signal_explains_what_it_breaks_but_not_the_disk() -> None:
    stop = StopRequest()
    assert not stop.explains(RuntimeError("OutOfRangeError REPLACED BY KeyboardInterrupt"))
    stop.signal_number = signal.SIGTERM
    assert stop.explains(RuntimeError("OutOfRangeError REPLACED BY KeyboardInterrupt"))
    assert not stop.explains(OSError(28, "No space left on device"))
    assert not stop.explains(RunDirError("the disk is full"))


def test_a_time_limit_pauses_what_listens() -> None:
    before = signal.getsignal(signal.SIGALRM)
    with time_limit(0.05, 75):
        time.sleep(0.1)  # it rings before the run listens, and rings again
        with listening() as request, pytest.raises(KeyboardInterrupt):
            time.sleep(5)
        assert request.ending == Asked("paused", 75, "--max-time")
    assert signal.getsignal(signal.SIGALRM) is before
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_a_time_limit_that_is_not_reached_changes_nothing() -> None:
    with time_limit(60), listening() as request:
        assert not request.asked
    with time_limit(None), listening() as request:
        assert not request.asked
