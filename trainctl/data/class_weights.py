"""Class weights: how much a sample of each class counts in the loss."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from trainctl.aliases import Array, Data, Function, Tensors, Value
from trainctl.backend import tf
from trainctl.errors import BuildError
from trainctl.text import literal, nearest, one_of

_SETTING = "fit.class_weight"


def class_weights(wanted: Value, labels: Data, classes: int | None, class_names: Sequence[str]) -> Array | None:
    """Return the weight of each class, float32 (classes,); one that is not named has 1.

    Args:
        wanted: `balanced`, weights by class index or name, or `None`.
        labels: Of the training split: class indices, int64 (n,) or of any shape, or one-hot, float32 (n, classes).
        classes: How many classes there are; `None` if the labels are numbers.
        class_names: Their names, where they are known.

    Raises:
        BuildError: The labels are no classes, or there is no such class.
    """
    if wanted is None:
        return None
    one_hot = labels.dtype.kind == "f" and len(labels.shape) == 2 and labels.shape[1] > 1
    if classes is None and not one_hot:
        raise BuildError(
            "class_weight needs classes, but the labels are numbers",
            hint="remove fit.class_weight",
            setting=_SETTING,
        )
    count = int(labels.shape[1]) if one_hot or classes is None else classes
    if wanted == "balanced":
        return _balanced(_indices(labels, one_hot), count)
    weights = np.ones(count, np.float32)
    for name, weight in wanted.items():
        weights[_index(name, count, class_names)] = weight
    return weights


def unweighed(wanted: Mapping[str, float], classes: int | None, class_names: Sequence[str]) -> list[str]:
    """Return the classes, by name or index, to which `wanted` gives no weight."""
    names = class_names or [str(index) for index in range(classes or 0)]
    return [name for index, name in enumerate(names) if name not in wanted and str(index) not in wanted]


def weighing(weights: Array) -> Function:
    """Return a function that multiplies the weights of a batch (x, y[, weight]) by those of the classes."""
    by_class = tf.constant(weights)

    def weigh(x: Data, y: Data, weight: Data = 1.0) -> Tensors:
        of_class = tf.gather(by_class, _indices_of(y))
        if isinstance(weight, tf.Tensor):  # of each sample, also where each of its pixels has a class
            weight = tf.reshape(weight, [-1] + [1] * (len(of_class.shape) - 1))
        return x, y, of_class * weight

    return weigh


def _indices_of(y: tf.Tensor) -> tf.Tensor:
    """Return the class indices, int64, in a batch of labels as `class_weights` takes them."""
    if len(y.shape) == 2 and y.dtype.is_floating and y.shape[1] != 1:
        return tf.argmax(y, axis=1)
    return tf.cast(tf.squeeze(y, 1) if len(y.shape) == 2 and y.shape[1] == 1 else y, tf.int64)


def _indices(labels: Data, one_hot: bool) -> Data:
    values = np.asarray(labels[np.arange(len(labels))])
    return values.argmax(axis=1) if one_hot else values.reshape(-1).astype("int64")


def _balanced(indices: Array, classes: int) -> Array:
    """Return samples / (classes · samples of the class): equal sums per class, 1 per sample on average."""
    counts = np.bincount(indices, minlength=classes)
    return np.where(counts, len(indices) / (classes * np.maximum(counts, 1)), 0).astype(np.float32)


def _index(name: str, classes: int, class_names: Sequence[str]) -> int:
    if name in class_names:
        return list(class_names).index(name)
    if name.isdigit() and int(name) < classes:
        return int(name)
    known: Mapping[str, Value] | Sequence[str] = class_names or [str(index) for index in range(classes)]
    close = nearest(name, known)
    hint = f"did you mean {close}?" if close else f"there are {one_of(list(known)[:20], 'and')}"
    raise BuildError(f"fit.class_weight: unknown class {literal(name)}", hint=hint, setting=f"{_SETTING}.{name}")
