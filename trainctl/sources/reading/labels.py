"""What labels mean, the same for every file: text, booleans and whole numbers are classes, all else is numbers.

Whole numbers are numbers too where the loss measures how far they are missed: a price, a count.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from trainctl.aliases import Array, Data
from trainctl.components.dataset import Changed, Dataset, LabelKind, Samples, is_array
from trainctl.errors import DataError
from trainctl.sources.files.arrays import decoded
from trainctl.sources.reading.blocks import BlockRows

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence


def infer_labels(parts: Sequence[Array]) -> tuple[list[Array], LabelKind, tuple[str, ...]]:
    """The labels of several parts (training, test) as trainctl keeps them, what they are, and their classes' names.

    One column of text or booleans becomes indices into its sorted distinct values; one of whole numbers, none of them
    negative, is taken as the class indices that stand there; all else is numbers.

    Args:
        parts: Labels (n,), (n, 1) or (n, outputs) of one dtype: text, bool, integer or float.

    Returns:
        int64 (n,) for classes, float32 in the given shape for numbers; the kind; the names, empty for whole numbers.

    Raises:
        DataError: The dtype is none of these, one of several columns is not numeric, or bytes are not UTF-8.
    """
    import numpy as np

    kinds = {part.dtype.kind for part in parts}
    one_column = all(part.ndim == 1 or part.shape[1:] == (1,) for part in parts)
    if one_column and kinds <= set("bUSO"):
        texts = [decoded(part, "labels").astype(str) for part in parts]
        names = np.unique(np.concatenate([part.ravel() for part in texts]))
        indices = [np.searchsorted(names, part.ravel()).astype(np.int64) for part in texts]
        return indices, LabelKind.CLASSES, tuple(str(name) for name in names)
    if not kinds <= set("biuf"):
        raise DataError(
            f"labels of type {' and '.join(sorted({str(part.dtype) for part in parts}))} cannot be trained on",
            hint="labels are text, booleans or whole numbers (classes), or numbers; several of each sample are numbers",
        )
    if one_column and kinds <= set("iu") and min(int(part.min()) for part in parts) >= 0:
        return [part.ravel().astype(np.int64) for part in parts], LabelKind.CLASSES, ()
    return [part.astype(np.float32) for part in parts], LabelKind.NUMBERS, ()


def as_numbers(dataset: Dataset, outputs: Collection[str]) -> Dataset:
    """The data with whole-number labels as numbers, float32, where they name no classes.

    Args:
        dataset: The data.
        outputs: The outputs whose labels are to be numbers; "" where there is only one.
    """
    y = dataset.train.y
    labels = y if isinstance(y, Mapping) else {"": y}
    chosen = [name for name in outputs if name in labels and labels[name].dtype.kind in "iu"]
    if not chosen or dataset.class_names:
        return dataset

    def change(samples: Samples) -> Samples:
        if not isinstance(samples.y, Mapping):
            return replace(samples, y=_as_float32(samples.y))
        changed = {name: _as_float32(each) if name in chosen else each for name, each in samples.y.items()}
        return replace(samples, y=changed)

    test, validation = (part and change(part) for part in (dataset.test, dataset.validation))
    return replace(
        dataset, train=change(dataset.train), test=test, validation=validation, labels=LabelKind.NUMBERS, num_classes=0
    )


def _as_float32(rows: Data) -> Any:
    if isinstance(rows, BlockRows):
        return rows.as_type("float32")
    if is_array(rows):
        return rows.astype("float32")
    return Changed(rows, lambda batch: batch.astype("float32"), rows.shape[1:], "float32")


def is_unlabelled(labels: Array) -> bool:
    """Whether a part has no labels: all are missing, or -1, as hubs publish a test part whose answers are kept secret."""
    if labels.dtype == object:
        return all(each is None for each in labels.ravel())
    return labels.dtype.kind == "i" and bool((labels == -1).all())
