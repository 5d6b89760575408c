"""The logs as callbacks see them, and what is written down of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from trainctl.components.callbacks.shared.logs_keras import EpochLogs, NumberHistory, as_python, recorded, vector

pytestmark = pytest.mark.tf


def test_as_keras_hands_them_out() -> None:
    import keras

    logs = {"b": np.float32(0.5), "a": 1, "c": keras.ops.convert_to_tensor([1.0, 2.0]), "d": {"e": 2}, "f": None}
    found = as_python(logs)
    assert list(found) == ["a", "b", "c", "e", "f"]
    assert (found["a"], found["b"], found["e"], found["f"]) == (1.0, 0.5, 2.0, None)
    assert found["c"].tolist() == [1.0, 2.0]
    assert as_python(None) == {}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ([1, 2.5], [1.0, 2.5]),
        (np.array([1, 2]), [1.0, 2.0]),
        ([1, "a"], None),
        ([], None),
        ("ab", None),
        (np.zeros((2, 2)), None),
        ([0] * 1001, None),
        (1.0, None),
    ],
)
def test_a_list_of_numbers(value: Any, expected: list[float] | None) -> None:
    assert vector(value) == expected


def test_a_value_for_each_class_is_there_as_mean_and_by_name() -> None:
    logs = EpochLogs({"f1": np.array([0.2, 0.4])}, 0.01, ("cat", "dog"))
    assert logs.shared == {"f1": pytest.approx(0.3), "f1/cat": 0.2, "f1/dog": 0.4, "learning_rate": 0.01}
    assert EpochLogs({"f1": [0.2, 0.4]}, None).shared == {"f1": pytest.approx(0.3), "f1/0": 0.2, "f1/1": 0.4}


def test_what_keras_itself_would_give() -> None:
    logs = EpochLogs({"loss": 1.0, "f1": [0.2, 0.4]}, 0.01)
    assert logs.of_keras() == {"f1": [0.2, 0.4], "loss": 1.0}
    logs.shared["learning_rate"] = float("0.01")  # as a callback does that changes it
    logs.shared |= {"mine": "text", "nothing": None}
    assert logs.of_keras() == {
        "f1": [0.2, 0.4],
        "learning_rate": 0.01,
        "loss": 1.0,
        "mine": "text",
        "nothing": None,
    }


def test_what_is_written_down_are_numbers() -> None:
    logs = {"loss": 1.0, "n": np.float32(2), "list": [1, 2], "text": "x", "none": None, "array": np.zeros((2, 2))}
    assert recorded(logs) == {"loss": 1.0, "n": 2.0, "list/0": 1.0, "list/1": 2.0}


def test_keras_history_holds_what_a_snapshot_can_hold() -> None:
    history = NumberHistory()
    history.set_model(type("Model", (), {})())
    history.on_train_begin()
    history.on_epoch_end(0, {"loss": 1.0, "what": object()})
    assert history.history == {"loss": [1.0]}
