"""Functions of keras.ops in a saved model, and indexing, as steps of `Op`."""

from __future__ import annotations

from typing import Any

import pytest

from trainctl.drafts.notes import Note
from trainctl.drafts.operations import Step, operation
from trainctl.drafts.tensors import Tensor

X = Tensor("x", 0, 0, (None, 6, 4))
ALL = {"class_name": "__slice__", "config": {"start": None, "stop": None, "step": None}}


def call(function: str, /, *args: Any, **config: Any) -> Any:
    return operation({"module": "keras.src.ops.numpy", "class_name": function, "config": config}, args, {})


def part(start: int | None, stop: int | None, step: int | None = None) -> Any:
    return {"class_name": "__slice__", "config": {"start": start, "stop": stop, "step": step}}


def test_arguments_by_name_and_tensors_in_their_places() -> None:
    assert call("Mean", X, axis=1, keepdims=False, name="mean") == [Step("mean", {"axis": 1}, (X,))]
    assert call("Subtract", 1, X) == [Step("subtract", {"x1": 1}, (X,))]
    assert call("Where", X, 0.0, X) == [Step("where", {"x1": 0.0}, (X,), {"x2": X})]
    assert call("Concatenate", [X, X], axis=-1) == [Step("concatenate", {"axis": -1}, (X, X))]


@pytest.mark.parametrize(
    ("key", "steps"),
    [
        ([ALL, 0], [Step("take", {"indices": 0, "axis": 1}, (X,))]),
        ([ALL, part(0, 2)], [Step("split", {"indices_or_sections": [2], "axis": 1}, (X,), part=0)]),
        ([ALL, part(-2, None)], [Step("split", {"indices_or_sections": [4], "axis": 1}, (X,), part=1)]),
        ([ALL, part(None, None, 3)], [Step("take", {"indices": [0, 3], "axis": 1}, (X,))]),
        ([ALL, None], [Step("expand_dims", {"axis": 1}, (X,))]),
        ([ALL, ALL], [Step("identity", {}, (X,))]),
    ],
)
def test_an_index(key: Any, steps: list[Step]) -> None:
    assert call("GetItem", X, key) == steps


def test_what_no_function_does_is_noted() -> None:
    assert isinstance(call("GetItem", X, [part(0, 2)]), Note)
    assert isinstance(call("Frobnicate", X), Note)
