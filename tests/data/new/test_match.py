"""New inputs in the types that the model takes; what does not fit is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from trainctl.components.new_inputs import ModelInput
from trainctl.data.new.match import match_inputs
from trainctl.errors import DataError

pytestmark = pytest.mark.tf

FILE = Path("new.npy")


def matched(values: Any, shape: tuple[int | None, ...] = (2,), dtype: str = "float32") -> Any:
    return match_inputs(values, [ModelInput("x", shape, dtype)], FILE)


@pytest.mark.parametrize(
    ("values", "shape", "dtype"),
    [
        (np.zeros((3, 2)), (2,), "float32"),
        (np.zeros((3, 2), np.uint8), (2,), "float32"),
        (np.zeros((3, 28, 28)), (28, 28, 1), "float32"),
        (np.zeros((3, 4, 1)), (4,), "float32"),
        (np.zeros((3, 7, 5)), (None, 5), "float32"),
    ],
)
def test_what_fits_stays(values: Any, shape: tuple[int | None, ...], dtype: str) -> None:
    assert matched(values, shape, dtype) is values


def test_whole_numbers_become_the_models_type() -> None:
    found = matched(np.array([[1.0, 2.0]]), dtype="int32")
    assert (found.dtype, found.tolist()) == (np.int32, [[1, 2]])


@pytest.mark.parametrize(
    ("values", "dtype", "match"),
    [
        (np.zeros((0, 2)), "float32", "no samples"),
        (np.zeros((3, 5)), "float32", "shape"),
        (np.array([["a", "b"]]), "float32", "text"),
        (np.array([[1.5, 2.0]]), "int32", "whole numbers"),
        (np.array([[300, 2]]), "uint8", "whole numbers"),
        (np.zeros((3, 2)), "string", "numbers"),
    ],
)
def test_what_does_not_is_refused_by_name(values: Any, dtype: str, match: str) -> None:
    with pytest.raises(DataError, match=match) as error:
        matched(values, dtype=dtype)
    assert "new.npy" in str(error.value)


def test_one_sample_alone_has_a_hint() -> None:
    with pytest.raises(DataError) as error:
        matched(np.zeros(2))
    assert "newaxis" in str(error.value.hint)


def test_each_input_has_an_array() -> None:
    inputs = [ModelInput("a", (1,), "float32"), ModelInput("b", (1,), "float32")]
    values = {"b": np.ones((2, 1)), "a": np.zeros((2, 1)), "c": np.zeros(2)}
    assert list(match_inputs(values, inputs, FILE)) == ["a", "b"]
    with pytest.raises(DataError, match="takes b"):
        match_inputs({"a": np.zeros((2, 1))}, inputs, FILE)


def test_text_becomes_a_tensor() -> None:
    found = matched(np.array(["one", "two"]), (1,), "string")
    assert found.shape == (2, 1)
    assert found.numpy()[0, 0] == b"one"
