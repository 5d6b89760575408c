"""Class weights: by index or name, or balanced; for every kind of label that has classes, and for no other."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from trainctl.components.labels import LabelKind, OutputLabels
from trainctl.config.model.needs import Takes
from trainctl.data.class_weights import class_weights, require_places, unweighed, weighing
from trainctl.errors import BuildError

pytestmark = pytest.mark.tf

ROWS = np.array([0, 0, 0, 1])


def index(*shape: int, classes: int = 2, **more: Any) -> OutputLabels:
    return OutputLabels(LabelKind.INDEX, shape, classes, lowest=0, highest=classes - 1, is_whole=True, **more)


def other(kind: LabelKind, *shape: int) -> OutputLabels:
    return OutputLabels(kind, shape, shape[-1] if shape else None, lowest=0, highest=1, is_whole=True)


TWO, NAMED, ONE_HOT = index(), index(names=("cat", "dog")), other(LabelKind.ONE_HOT, 2)


def weights(wanted: Any, rows: Any, labels: OutputLabels, takes: Takes = Takes.INDEX) -> list[float]:
    found = class_weights(wanted, rows, labels, takes)
    assert found is not None
    return [round(float(each), 5) for each in found]


def test_none() -> None:
    assert class_weights(None, ROWS, TWO, Takes.INDEX) is None


SIGNED = OutputLabels(LabelKind.NUMBER, (), lowest=-1, highest=1, is_whole=True)


def test_labels_of_minus_one_and_one_are_two_classes_for_a_hinge() -> None:
    rows = np.array([-1, -1, -1, 1])
    assert weights("balanced", rows, SIGNED, Takes.SIGN) == [0.66667, 2.0]
    assert weights({"1": 3.0}, rows, SIGNED, Takes.SIGN) == [1.0, 3.0]
    _, _, weight = weighing(np.array([1.0, 3.0], np.float32), SIGNED)(tf.zeros(4), tf.constant([-1.0, 1.0, -1.0, 1.0]))
    assert weight.numpy().tolist() == [1.0, 3.0, 1.0, 3.0]
    for wanted, values, takes in [("balanced", [-1, 0, 1], Takes.SIGN), ({"0": 1.0}, rows, Takes.SIGN)]:
        with pytest.raises(BuildError):
            class_weights(wanted, np.array(values), SIGNED, takes)
    with pytest.raises(BuildError, match="the labels are numbers"):
        class_weights("balanced", rows, SIGNED, Takes.NUMBER)


def test_balanced_classes_count_the_same_in_sum() -> None:
    assert weights("balanced", ROWS, TWO) == [0.66667, 2.0]
    assert weights("balanced", ROWS, index(classes=3))[2] == 0.0
    assert weights("balanced", np.eye(2)[ROWS], ONE_HOT, Takes.ONE_HOT) == [0.66667, 2.0]
    assert weights("balanced", np.eye(2)[ROWS.reshape(2, 2)], other(LabelKind.ONE_HOT, 2, 2), Takes.ONE_HOT) == [
        0.66667,
        2.0,
    ]


@pytest.mark.parametrize("ignored", [255, -1])
def test_what_is_ignored_is_no_class(ignored: int) -> None:
    rows = np.array([[0, 0, ignored], [0, 1, ignored]])
    labels = index(3, ignored=ignored)
    assert weights("balanced", rows, labels) == [0.66667, 2.0]
    weigh = weighing(np.array([2.0, 3.0], np.float32), labels)
    assert np.asarray(weigh(0, tf.constant(rows))[2]).tolist() == [[2, 2, 1], [2, 3, 1]]


def test_by_index_and_by_name() -> None:
    assert weights({"0": 2.0, "1": 5.0}, ROWS, TWO) == [2.0, 5.0]
    assert weights({"dog": 5.0}, ROWS, NAMED) == [1.0, 5.0]
    assert unweighed({"dog": 5.0}, 2, NAMED.names) == ["cat"]
    assert unweighed({"1": 5.0}, 3, ()) == ["0", "2"]


@pytest.mark.parametrize(
    ("y", "labels"),
    [
        (ROWS, TWO),
        (np.eye(2, dtype=np.float32)[ROWS], ONE_HOT),
        (np.eye(2, dtype=np.float32)[ROWS], index(as_one_hot=True)),
        (np.array([0.1, 0.4, 0, 0.6], np.float32)[:, None], TWO),  # as MixUp makes them
    ],
)
def test_a_batch_is_weighed_by_its_classes_and_its_own_weights(y: Any, labels: OutputLabels) -> None:
    weigh = weighing(np.array([1.0, 3.0], np.float32), labels)
    assert np.asarray(weigh(0, tf.constant(y))[2]).tolist() == [1, 1, 1, 3]
    assert np.asarray(weigh(0, tf.constant(y), tf.constant([2.0, 1, 1, 2]))[2]).tolist() == [2, 1, 1, 6]


@pytest.mark.parametrize("shape", [(2, 3), (2, 2, 2)])
@pytest.mark.parametrize("form", ["index", "one-hot", "one value"])
def test_each_place_of_a_mask_is_weighed_by_its_class_and_its_samples_weight(shape: tuple[int, ...], form: str) -> None:
    rows = np.arange(np.prod(shape)).reshape(shape) % 2
    y = {"index": rows, "one-hot": np.eye(2, dtype=np.float32)[rows], "one value": rows[..., None].astype("float32")}
    labels = {"one-hot": index(*shape[1:], as_one_hot=True), "index": index(*shape[1:])}
    weigh = weighing(np.array([1.0, 3.0], np.float32), labels.get(form, other(LabelKind.NUMBER, *shape[1:], 1)))
    np.testing.assert_array_equal(weigh(0, tf.constant(y[form]))[2], np.where(rows, 3, 1))
    each = np.array([1.0, 10.0], np.float32)
    of_sample = each.reshape(2, *[1] * (len(shape) - 1))
    np.testing.assert_array_equal(
        weigh(0, tf.constant(y[form]), tf.constant(each))[2], np.where(rows, 3, 1) * of_sample
    )


@pytest.mark.parametrize(
    ("wanted", "labels", "takes", "message", "hint"),
    [
        ({"dogg": 1.0}, NAMED, Takes.INDEX, "unknown class 'dogg'", "did you mean dog?"),
        ({"7": 1.0}, NAMED, Takes.INDEX, "unknown class '7'", "there are cat and dog"),
        ("balanced", other(LabelKind.NUMBER), Takes.NUMBER, "the labels are numbers", "remove fit.class_weight"),
        ("balanced", other(LabelKind.NUMBER, 3), Takes.NUMBER, "the labels are numbers", "remove fit.class_weight"),
        (
            "balanced",
            other(LabelKind.MULTI_HOT, 3),
            Takes.BINARY,
            "the labels are multi-hot",
            "remove fit.class_weight",
        ),
        ("balanced", index(5), Takes.SEQUENCE, "the loss compares whole sequences", "remove fit.class_weight"),
    ],
)
def test_what_has_no_classes(wanted: Any, labels: OutputLabels, takes: Takes, message: str, hint: str) -> None:
    with pytest.raises(BuildError, match=message) as caught:
        class_weights(wanted, ROWS, labels, takes)
    assert caught.value.hint == hint


@pytest.mark.parametrize("labels", [other(LabelKind.NUMBER, 4, 4), index(5), other(LabelKind.NUMBER, 4, 4, 1)])
def test_losses_that_are_averaged_over_places_cannot_be_weighed(labels: OutputLabels) -> None:
    with pytest.raises(BuildError, match="averaged over the last axis"):
        require_places(labels, labels.shape if labels.shape[-1] > 1 else labels.shape[:-1])


def test_losses_of_each_place_can() -> None:
    require_places(other(LabelKind.NUMBER, 4, 4, 1), (4, 4, 1))
    require_places(index(4, 4), (4, 4, 3))
    require_places(other(LabelKind.ONE_HOT, 4, 4, 3), (4, 4, 3))
    require_places(TWO, (1,))
    require_places(ONE_HOT, (2,))
