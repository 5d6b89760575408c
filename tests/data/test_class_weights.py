"""Class weights: by index or name, or balanced."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from trainctl.data.class_weights import class_weights, weighing
from trainctl.errors import BuildError

pytestmark = pytest.mark.tf

LABELS = np.array([0, 0, 0, 1])


def test_none() -> None:
    assert class_weights(None, LABELS, 2, ()) is None


def weights(*args: Any) -> list[float]:
    found = class_weights(*args)
    assert found is not None
    return [round(float(each), 5) for each in found]


def test_balanced_classes_count_the_same_in_sum() -> None:
    assert weights("balanced", LABELS, 2, ()) == [0.66667, 2.0]
    assert weights("balanced", LABELS, 3, ())[2] == 0.0
    assert weights("balanced", np.eye(2)[LABELS], None, ()) == [0.66667, 2.0]


def test_by_index_and_by_name() -> None:
    assert weights({"0": 2.0, "1": 5.0}, LABELS, 2, ()) == [2.0, 5.0]
    assert weights({"dog": 5.0}, LABELS, 2, ("cat", "dog")) == [1.0, 5.0]


@pytest.mark.parametrize("labels", [LABELS, LABELS[:, None].astype(np.float32), np.eye(2, dtype=np.float32)[LABELS]])
def test_a_batch_is_weighed_by_its_classes_and_its_own_weights(labels: Any) -> None:
    weigh = weighing(np.array([1.0, 3.0], np.float32))
    assert np.asarray(weigh(0, tf.constant(labels))[2]).tolist() == [1, 1, 1, 3]
    assert np.asarray(weigh(0, tf.constant(labels), tf.constant([2.0, 1, 1, 2]))[2]).tolist() == [2, 1, 1, 6]


@pytest.mark.parametrize(
    ("wanted", "classes", "message", "hint"),
    [
        ({"dogg": 1.0}, 2, "unknown class 'dogg'", "did you mean dog?"),
        ({"7": 1.0}, 2, "unknown class '7'", "there are cat and dog"),
        ("balanced", None, "the labels are numbers", "remove fit.class_weight"),
    ],
)
def test_what_is_no_class(wanted: Any, classes: int | None, message: str, hint: str) -> None:
    with pytest.raises(BuildError, match=message) as caught:
        class_weights(wanted, LABELS, classes, ("cat", "dog"))
    assert caught.value.hint == hint


@pytest.mark.parametrize("shape", [(2, 3), (2, 2, 2)])
def test_each_place_of_a_mask_is_weighed_by_its_class_and_its_samples_weight(shape: tuple[int, ...]) -> None:
    y = np.arange(np.prod(shape)).reshape(shape) % 2
    weigh = weighing(np.array([1.0, 3.0], np.float32))
    np.testing.assert_array_equal(weigh(0, tf.constant(y))[2], np.where(y, 3, 1))
    each = np.array([1.0, 10.0], np.float32)
    of_sample = each.reshape(2, *[1] * (len(shape) - 1))
    np.testing.assert_array_equal(weigh(0, tf.constant(y), tf.constant(each))[2], np.where(y, 3, 1) * of_sample)
