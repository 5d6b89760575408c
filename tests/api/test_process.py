"""A call from Python leaves the process as it was."""

from __future__ import annotations

import os
import random
import threading

import numpy as np
import pytest

from trainctl.api.process import quietly, watching
from trainctl.errors import TrainctlError, UsageError
from trainctl.events import Notice


def test_random_numbers_go_on_where_they_were() -> None:
    random.seed(3), np.random.seed(3)
    wanted = random.random(), np.random.rand()
    random.seed(3), np.random.seed(3)
    with quietly():
        random.seed(0), np.random.seed(0)
        random.random(), np.random.rand()
    assert (random.random(), np.random.rand()) == wanted


def test_file_descriptors_are_put_back_also_after_an_error() -> None:
    before = [os.fstat(number) for number in (1, 2)]
    with pytest.raises(ZeroDivisionError), quietly():
        raise ZeroDivisionError
    after = [os.fstat(number) for number in (1, 2)]
    assert [(each.st_dev, each.st_ino) for each in after] == [(each.st_dev, each.st_ino) for each in before]


def test_threads_take_turns() -> None:
    order: list[str] = []
    entered = threading.Event()

    def other() -> None:
        entered.set()
        with quietly():
            order.append("other")

    thread = threading.Thread(target=other)
    with quietly():
        thread.start()
        entered.wait(10)
        thread.join(0.2)
        order.append("first")
    thread.join(10)
    assert order == ["first", "other"]


def test_no_run_begins_within_a_run() -> None:
    with watching("quiet", None):
        with pytest.raises(UsageError, match="inside another run"), watching("quiet", None):
            raise AssertionError
        with quietly():  # what is no run may
            pass


def test_events_reach_the_callers_sink() -> None:
    seen: list[object] = []
    with watching("quiet", seen.append) as watch:
        watch(Notice(message="hello"))
    assert [each.message for each in seen] == ["hello"]


def test_an_error_says_in_the_traceback_what_to_do() -> None:
    with pytest.raises(TrainctlError) as caught, quietly():
        raise UsageError("no", hint="try yes")
    assert caught.value.__notes__ == ["help: try yes"]
