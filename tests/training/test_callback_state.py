"""What callbacks remember comes back, for Keras's own and for those that say it themselves."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest

from trainctl.training.callback_failure import CallbackFailure
from trainctl.training.callback_state import load_state, state_of

pytestmark = pytest.mark.tf


class Remembering(keras.callbacks.Callback):
    def __init__(self) -> None:
        super().__init__()
        self.seen = np.zeros(2)

    def state_dict(self) -> dict[str, Any]:
        return {"seen": self.seen}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.seen = state["seen"]


def test_a_callback_says_it_itself() -> None:
    first, second = Remembering(), Remembering()
    first.seen += 3
    load_state(second, state_of(first))
    assert second.seen.tolist() == [3, 3]


def test_a_subclass_of_keras_own_remembers_as_that_does() -> None:
    class Mine(keras.callbacks.EarlyStopping):
        """Nothing new."""

    first, second = Mine(min_delta=0.1, mode="min"), Mine(min_delta=0.1, mode="min")
    for callback in (first, second):
        callback.on_train_begin()
    first._set_monitor_op()
    first.wait, first.best = 2, 0.5
    load_state(second, state_of(first))
    assert (second.wait, second.best) == (2, 0.5)
    assert second.monitor_op is None  # Keras makes it, and changes the sign of min_delta with it
    second._set_monitor_op()
    assert second.min_delta == first.min_delta


def test_others_remember_nothing() -> None:
    assert state_of(keras.callbacks.LambdaCallback()) == {}
    assert state_of(keras.callbacks.TerminateOnNaN()) == {}


def test_who_fails_to_remember_is_named() -> None:
    first, second = Remembering(), Remembering()
    with pytest.raises(CallbackFailure, match=r"^Remembering failed in load_state_dict: KeyError: 'seen'") as caught:
        load_state(second, {})
    assert isinstance(caught.value.error, KeyError)
    first.state_dict = lambda: 1  # type: ignore[assignment,method-assign,return-value]
    with pytest.raises(CallbackFailure, match=r"^Remembering failed in state_dict: TypeError"):
        state_of(first)


def test_what_it_remembers_is_a_copy() -> None:
    """It is written while training goes on, and the callback with it."""
    mine = Mine()
    kept = state_of(mine)
    mine.seen.append(5)
    mine.counts += 1
    assert kept["seen"] == [{"a": 1}]
    assert kept["counts"].tolist() == [0, 0]


class Mine(keras.callbacks.Callback):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[Any] = [{"a": 1}]
        self.counts = np.zeros(2)

    def state_dict(self) -> dict[str, Any]:
        return {"seen": self.seen, "counts": self.counts}
