"""Class weights: how much a sample of each class counts in the loss."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from trainctl.aliases import Array, Data, Function, Tensors, Value
from trainctl.backend import tf
from trainctl.components.labels import LabelKind, OutputLabels
from trainctl.config.model.needs import Takes
from trainctl.errors import BuildError
from trainctl.text import literal, nearest, one_of

_SETTING = "fit.class_weight"

SIGNS = ("-1", "1")
"""What the classes of labels of -1 and 1 are called."""


def class_weights(wanted: Value, rows: Data, labels: OutputLabels, takes: Takes) -> Array | None:
    """Return the weight of each class, float32 (classes,); one that is not named has 1.

    Args:
        wanted: `balanced`, weights by class index or name, or `None`.
        rows: The labels of the training split, as they are kept.
        labels: What they are.
        takes: What the loss takes.

    Raises:
        BuildError: The labels do not say one class for each place, or there is no such class.
    """
    if wanted is None:
        return None
    count = class_count(labels, takes)
    if wanted == "balanced":
        return _balanced(_indices(rows, labels), count)
    if labels.are_signs and not labels.are_classes:
        _indices(rows, labels)  # which are looked at
    weights = np.ones(count, np.float32)
    for name, weight in wanted.items():
        weights[_index(name, count, class_names(labels))] = weight
    return weights


def class_names(labels: OutputLabels) -> tuple[str, ...]:
    """Return what the classes are called in the file where that is not their index: -1 and 1 are called so."""
    return SIGNS if labels.are_signs and not labels.are_classes else labels.names


def class_count(labels: OutputLabels, takes: Takes) -> int:
    """Return how many classes there are to weigh.

    Raises:
        BuildError: The labels do not say one class for each place.
    """
    is_mask_of_two = len(labels.shape) >= 2 and labels.are_binary and takes is Takes.BINARY
    if labels.kind is LabelKind.NUMBER and is_mask_of_two and (len(labels.shape) == 2 or labels.shape[-1] == 1):
        return 2
    if labels.kind is LabelKind.NUMBER and labels.are_signs and takes is Takes.SIGN and labels.shape in {(), (1,)}:
        return len(SIGNS)
    if labels.kind in {LabelKind.NUMBER, LabelKind.MULTI_HOT} or labels.classes is None:
        raise BuildError(
            f"class_weight needs classes, but the labels are {labels.kind.noun}",
            hint="remove fit.class_weight",
            setting=_SETTING,
        )
    if takes is Takes.SEQUENCE:
        raise BuildError(
            "class_weight needs one class for each output, but the loss compares whole sequences",
            hint="remove fit.class_weight",
            setting=_SETTING,
        )
    return labels.classes


def require_places(labels: OutputLabels, output: Sequence[int | None]) -> None:
    """Refuse labels of several places, each with a class, whose losses Keras averages before they could be weighed.

    Args:
        labels: What the labels are.
        output: Shape of the output for one sample.

    Raises:
        BuildError: The output has one value for each place, and the labels no last axis of their own for it.
    """
    places = labels.shape[:-1] if labels.kind is LabelKind.ONE_HOT or labels.shape[-1:] == (1,) else labels.shape
    is_averaged = output[-1:] in {(), (1,)} and labels.shape[-1:] != (1,)
    if places and (is_averaged or len(output) <= len(places)):
        raise BuildError(
            f"class_weight weighs each place of a label of shape {labels.shape}, but the loss is averaged over the last axis",
            hint=f"store the labels as {(*places, 1)}, with one output for each place, or use "
            "sparse_categorical_crossentropy with softmax over two",
            setting=_SETTING,
        )


def unweighed(wanted: Mapping[str, float], count: int, class_names: Sequence[str]) -> list[str]:
    """Return those of `count` classes, by name or index, to which `wanted` gives no weight."""
    names = class_names or [str(index) for index in range(count)]
    return [name for index, name in enumerate(names) if name not in wanted and str(index) not in wanted]


def weighing(weights: Array, labels: OutputLabels) -> Function:
    """Return a function that multiplies the weights of a batch (x, y[, weight]) by those of the classes.

    Args:
        weights: The weight of each class, float32 (classes,).
        labels: What the labels are. Those between two classes, as MixUp makes them, count as the nearest, as in Keras.
    """
    by_class = tf.constant(weights)
    is_hot = labels.as_one_hot or labels.kind is LabelKind.ONE_HOT
    are_signs = labels.are_signs and not labels.are_classes

    def weigh(x: Data, y: Data, weight: Data = 1.0) -> Tensors:
        indices = tf.argmax(y, axis=-1) if is_hot else _rounded(y)
        indices = (indices + 1) // 2 if are_signs else indices
        known = (indices >= 0) & (indices < len(weights))  # the others are ignored by the loss
        of_class = tf.where(known, tf.gather(by_class, tf.where(known, indices, 0)), 1.0)
        if isinstance(weight, tf.Tensor):  # of each sample, also where each of its pixels has a class
            weight = tf.reshape(weight, [-1] + [1] * (len(of_class.shape) - 1))
        return x, y, of_class * weight

    return weigh


def _rounded(y: tf.Tensor) -> tf.Tensor:
    """Return labels (b, …) or (b, …, 1) as class indices, int64 (b, …)."""
    if len(y.shape) > 1 and y.shape[-1] == 1:
        y = tf.squeeze(y, -1)
    return tf.cast(tf.round(y) if y.dtype.is_floating else y, tf.int64)


def _indices(rows: Data, labels: OutputLabels) -> Array:
    """Return the class indices of all places that count, int64 (places,)."""
    values = np.asarray(rows[np.arange(len(rows))])
    if labels.are_signs and not labels.are_classes:
        if not values.all():
            message = "class_weight needs two classes, but the labels are -1, 0 and 1"
            raise BuildError(message, hint="remove fit.class_weight", setting=_SETTING)
        values = (values + 1) / 2
    found = values.argmax(axis=-1) if labels.kind is LabelKind.ONE_HOT else values.astype("int64")
    flat: Array = found.reshape(-1)
    return flat if labels.ignored is None else flat[flat != labels.ignored]


def _balanced(indices: Array, classes: int) -> Array:
    """Return samples / (classes · samples of the class): equal sums per class, 1 per sample on average."""
    counts = np.bincount(indices, minlength=classes)
    return np.where(counts, len(indices) / (classes * np.maximum(counts, 1)), 0).astype(np.float32)


def _index(name: str, classes: int, class_names: Sequence[str]) -> int:
    if name in class_names:
        return list(class_names).index(name)
    if name.isdigit() and int(name) < classes and class_names != SIGNS:
        return int(name)
    known: Mapping[str, Value] | Sequence[str] = class_names or [str(index) for index in range(classes)]
    close = nearest(name, known)
    hint = f"did you mean {close}?" if close else f"there are {one_of(list(known)[:20], 'and')}"
    raise BuildError(f"fit.class_weight: unknown class {literal(name)}", hint=hint, setting=f"{_SETTING}.{name}")
