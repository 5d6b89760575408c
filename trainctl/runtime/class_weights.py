"""Class weights: how much a sample of each class counts in the loss."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from trainctl.errors import BuildError
from trainctl.words import literal, nearest, one_of


def class_weights(wanted: Any, labels: Any, classes: int | None, class_names: Sequence[str]) -> dict[int, float] | None:
    """The weight of each class index, as Keras's `fit` takes it.

    Args:
        wanted: `balanced`, weights by class index or name, or `None`.
        labels: Of the training split: class indices (n,), or one-hot (n, classes).
        classes: How many classes there are; `None` where the labels are numbers.
        class_names: Their names, where they are known.

    Raises:
        BuildError: The labels are no classes, or there is no such class.
    """
    if wanted is None:
        return None
    one_hot = len(labels.shape) == 2 and labels.shape[1] > 1
    if classes is None and not one_hot:
        raise BuildError("class_weight is for classes, but the labels are numbers", hint="leave fit.class_weight out")
    count = int(labels.shape[1]) if one_hot or classes is None else classes
    if wanted == "balanced":
        return _balanced(_indices(labels, one_hot), count)
    return {_index(name, count, class_names): weight for name, weight in wanted.items()}


def _indices(labels: Any, one_hot: bool) -> Any:
    values = np.asarray(labels[np.arange(len(labels))])
    return values.argmax(axis=1) if one_hot else values.reshape(-1).astype("int64")


def _balanced(indices: Any, classes: int) -> dict[int, float]:
    """All samples / (classes · samples of the class): each class counts the same in sum, a sample 1 on average."""
    counts = np.bincount(indices, minlength=classes)
    return {index: len(indices) / (classes * int(count)) if count else 0.0 for index, count in enumerate(counts)}


def _index(name: str, classes: int, class_names: Sequence[str]) -> int:
    if name in class_names:
        return list(class_names).index(name)
    if name.isdigit() and int(name) < classes:
        return int(name)
    known: Mapping[str, Any] | Sequence[str] = class_names or [str(index) for index in range(classes)]
    close = nearest(name, known)
    hint = f"did you mean {close}?" if close else f"there are {one_of(list(known)[:20], 'and')}"
    raise BuildError(f"fit.class_weight: there is no class {literal(name)}", hint=hint)
