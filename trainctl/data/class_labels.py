"""Labels that are class indices because the loss wants classes: masks, and 0.0 and 1.0, which pandas makes of integers."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

import numpy as np

from trainctl.aliases import Data
from trainctl.components.dataset import Changed, Dataset, LabelKind, Samples, is_array
from trainctl.data.profile import chunks
from trainctl.sources.reading.blocks import BlockRows


def as_classes(dataset: Dataset, outputs: Mapping[str, bool]) -> Dataset:
    """The data with labels that are whole numbers from 0 on, though of a floating type, as class indices, int64.

    Labels among which is any other number, such as 0.3, stay as they are.

    Args:
        dataset: The data.
        outputs: The outputs whose labels are to be classes, and of each whether they may have any shape; "" where there is
            only one.
    """
    own = {"train": dataset.train, "test": dataset.test, "validation": dataset.validation}
    parts = {name: part for name, part in own.items() if part is not None}
    highest = {
        name: _highest([_labels(part)[name] for part in parts.values()], any_shape=any_shape)
        for name, any_shape in outputs.items()
        if name in _labels(dataset.train)
    }
    chosen = [name for name, found in highest.items() if found is not None]
    if not chosen:
        return dataset
    changed = {name: _changed(part, chosen) for name, part in parts.items()}
    classes = all(rows.dtype.kind in "iu" for rows in _labels(changed["train"]).values())
    return replace(
        dataset,
        train=changed["train"],
        test=changed.get("test"),
        validation=changed.get("validation"),
        labels=LabelKind.CLASSES if classes else dataset.labels,
        num_classes=(highest[""] or 0) + 1 if "" in chosen else dataset.num_classes,
    )


def _labels(samples: Samples) -> Mapping[str, Data]:
    return samples.y if isinstance(samples.y, Mapping) else {"": samples.y}


def _highest(parts: list[Data], *, any_shape: bool) -> int | None:
    """The highest class; `None` where the labels are no such numbers."""
    if any(rows.dtype.kind != "f" or not (any_shape or rows.shape[1:] in {(), (1,)}) for rows in parts):
        return None
    highest = 0
    for piece in (piece for rows in parts for piece in chunks(rows)):
        if not ((piece >= 0) & (np.floor(piece) == piece) & np.isfinite(piece)).all():
            return None
        highest = max(highest, int(piece.max(initial=0)))
    return highest


def _changed(samples: Samples, chosen: Collection[str]) -> Samples:
    if not isinstance(samples.y, Mapping):
        return replace(samples, y=_indices(samples.y))
    return replace(samples, y={name: _indices(each) if name in chosen else each for name, each in samples.y.items()})


def _indices(rows: Data) -> Data:
    if isinstance(rows, BlockRows):  # of one column, (n,)
        return rows.as_type("int64")
    shape = () if rows.shape[1:] == (1,) else rows.shape[1:]
    if is_array(rows):
        return rows.reshape(len(rows), *shape).astype(np.int64)
    return Changed(rows, lambda batch: batch.reshape(len(batch), *shape).astype(np.int64), shape, "int64")
