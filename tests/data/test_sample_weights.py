"""The weight of a sample counts for each place that its label has."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from trainctl.components.labels import LabelKind, Labels, OutputLabels
from trainctl.data.sample_weights import spread

pytestmark = pytest.mark.tf

WEIGHT = tf.constant([1.0, 2.0])


def shape(y: tuple[int, ...], kind: LabelKind, label: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(spread(WEIGHT, tf.zeros(y), Labels({"": OutputLabels(kind, label)})).shape)


def test_weights_have_the_rank_of_the_losses() -> None:
    assert shape((2,), LabelKind.INDEX, ()) == (2,)
    assert shape((2, 5), LabelKind.INDEX, (5,)) == (2, 1)
    assert shape((2, 4, 4), LabelKind.INDEX, (4, 4)) == (2, 1, 1)
    assert shape((2, 4, 4, 3), LabelKind.INDEX, (4, 4)) == (2, 1, 1)  # one-hot in the batch
    assert shape((2, 3), LabelKind.MULTI_HOT, (3,)) == (2,)
    assert shape((2, 4, 4, 1), LabelKind.NUMBER, (4, 4, 1)) == (2, 1, 1)
    assert tuple(spread(WEIGHT, tf.zeros((2, 8, 8, 3)), None).shape) == (2, 1, 1)


def test_outputs_of_several_ranks_have_weights_of_their_own() -> None:
    labels = Labels({"mask": OutputLabels(LabelKind.INDEX, (4, 4)), "kind": OutputLabels(LabelKind.INDEX)})
    found = spread(WEIGHT, {"mask": tf.zeros((2, 4, 4)), "kind": tf.zeros(2)}, labels)
    assert {name: tuple(each.shape) for name, each in found.items()} == {"mask": (2, 1, 1), "kind": (2,)}
    same = Labels({"a": OutputLabels(LabelKind.INDEX), "b": OutputLabels(LabelKind.NUMBER)})
    assert spread(WEIGHT, {"a": tf.zeros(2), "b": tf.zeros(2)}, same) is WEIGHT


def test_a_weighted_loss_is_what_its_samples_are_worth() -> None:
    import keras

    truth, guess = np.zeros((2, 2, 2), int), np.full((2, 2, 2, 3), 1 / 3, "float32")
    guess[1] = [0.5, 0.25, 0.25]
    weight = spread(tf.constant([0.0, 2.0]), tf.constant(truth), Labels({"": OutputLabels(LabelKind.INDEX, (2, 2))}))
    loss = keras.losses.SparseCategoricalCrossentropy(reduction="sum")(truth, guess, weight)
    assert float(loss) == pytest.approx(2 * 4 * np.log(2), rel=1e-6)
