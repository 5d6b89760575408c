"""Loaded data, before splitting and batching: arrays in memory, with what is known of their labels and columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class LabelKind(StrEnum):
    """What the labels are: indices of classes, or numbers to predict."""

    CLASSES = "classes"
    NUMBERS = "numbers"


class ColumnKind(StrEnum):
    """How a table's column is encoded: normalised, or one-hot."""

    NUMERIC = "numeric"
    CATEGORICAL = "categorical"


@dataclass(frozen=True, slots=True)
class Samples:
    """Inputs and labels of the same length.

    Args:
        x: One array (samples, …), or for a table one array (samples,) per column: float64 with NaN for missing where
            numeric, str objects with "" for missing where categorical.
        y: Labels (samples,) or (samples, outputs): int64 class indices, or float32 numbers.
    """

    x: NDArray[Any] | Mapping[str, NDArray[Any]]
    y: NDArray[Any]

    def __len__(self) -> int:
        return len(self.y)

    def take(self, indices: NDArray[np.int64]) -> Samples:
        """The samples at `indices`, in that order."""
        if isinstance(self.x, Mapping):
            return Samples({name: column[indices] for name, column in self.x.items()}, self.y[indices])
        return Samples(self.x[indices], self.y[indices])


@dataclass(frozen=True, slots=True)
class Dataset:
    """What a source returns.

    Args:
        train: The samples to train on and to split from.
        test: The source's own test part, where it has one.
        labels: What the labels are.
        class_names: The text of each class index, where the labels were text or the source names them.
        columns: For a table, each feature column and how it is encoded; empty otherwise.
    """

    train: Samples
    labels: LabelKind
    test: Samples | None = None
    class_names: tuple[str, ...] = ()
    columns: Mapping[str, ColumnKind] = field(default_factory=dict)
