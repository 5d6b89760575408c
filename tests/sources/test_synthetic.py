"""Synthetic: the shapes and types that are asked for, the same for the same arguments, and something to learn."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from trainctl.components.context import DataContext
from trainctl.components.dataset import Dataset
from trainctl.sources.synthetic import Synthetic


def load(**arguments: Any) -> Dataset:
    return Synthetic.model_validate({"samples": 200, **arguments}).load(DataContext(emit=print))


def test_classes_stand_apart() -> None:
    data = load(classes=4)
    assert data.train.y.dtype.kind in "iu"
    assert (data.train.x.shape, data.train.x.dtype, data.train.y.dtype) == ((200, 16), np.float32, np.int64)
    assert np.bincount(data.train.y).tolist() == [50] * 4
    centres = np.stack([data.train.x[data.train.y == each].mean(axis=0) for each in range(4)])
    nearest = np.argmin(((data.train.x[:, None] - centres) ** 2).sum(axis=2), axis=1)
    assert (nearest == data.train.y).mean() > 0.8


def test_numbers_depend_on_the_input() -> None:
    data = load(classes=None, shape=[4], target_shape=[2])
    assert data.train.y.dtype == np.float32
    assert (data.train.y.shape, data.train.y.dtype) == ((200, 2), np.float32)
    guess = data.train.x @ np.linalg.lstsq(data.train.x, data.train.y)[0]
    assert np.corrcoef(guess[:, 0], data.train.y[:, 0])[0, 1] > 0.6


def test_bytes_and_tokens() -> None:
    images = load(shape=[5, 6, 1], dtype="uint8").train.x
    assert (images.shape, images.dtype) == ((200, 5, 6, 1), np.uint8)
    tokens = load(shape=[12], vocabulary=30).train.x
    assert (tokens.shape, tokens.dtype) == ((200, 12), np.int32)
    assert tokens.min() >= 1
    assert tokens.max() <= 29


def test_each_input_has_a_kind_of_its_own() -> None:
    shapes = {"text": [1], "tokens": [4], "image": [2, 2, 1], "numbers": [3]}
    x = load(shape=shapes, vocabulary={"tokens": 9}, dtype={"text": "string", "image": "uint8"}).train.x
    assert {name: value.dtype.kind for name, value in x.items()} == {
        "text": "O",
        "tokens": "i",
        "image": "u",
        "numbers": "f",
    }
    assert set(map(str, x["text"].ravel())) <= {f"word{number}" for number in range(20)}


def test_a_label_for_each_pixel() -> None:
    data = load(shape=[8, 8, 3], target_shape=[8, 8], classes=2)
    assert data.train.y.shape == (200, 8, 8)
    assert data.train.x[data.train.y == 1].mean() > data.train.x[data.train.y == 0].mean() + 1


def test_several_inputs_and_outputs() -> None:
    data = load(shape={"image": [4, 4, 1], "meta": [3]}, classes={"digit": 10, "age": None})
    assert {name: value.shape for name, value in data.train.x.items()} == {"image": (200, 4, 4, 1), "meta": (200, 3)}
    assert {name: value.dtype for name, value in data.train.y.items()} == {"digit": np.int64, "age": np.float32}
    assert len(data.train) == 200
    assert data.train.take(np.array([3, 5])).x["meta"].shape == (2, 3)


def test_the_same_arguments_make_the_same_data() -> None:
    np.testing.assert_array_equal(load().train.x, load().train.x)
    assert (load(seed=1).train.x != load().train.x).any()


@pytest.mark.parametrize("wrong", [{"samples": 1}, {"classes": 1}, {"shape": [0]}, {"vocabulary": 2}, {"shape": 3}])
def test_what_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Synthetic.model_validate(wrong)
