"""Training, validation and test samples: drawn with a seed, each with the classes in the same proportions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from trainctl.errors import DataError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trainctl.components.dataset import Dataset, Samples


@dataclass(frozen=True, slots=True)
class Splits:
    """What to train on, to validate after each epoch, and to evaluate at the end."""

    train: Samples
    validation: Samples | None
    test: Samples | None


def split(
    dataset: Dataset, *, validation: float | None, test: float | None, limit: int | None, stratify: bool, seed: int
) -> Splits:
    """The splits of `dataset`, the same for the same seed; in each, the samples keep their order.

    Args:
        dataset: What a source loaded. Its own test part is the test split.
        validation: Share of the samples to validate on, in 0-1.
        test: Share of the samples to test on, in 0-1.
        limit: How many samples to use, drawn before splitting; `None` means all.
        stratify: Whether to keep the classes of `y` in proportion. Classes with fewer members than there are splits
            are trained on.
        seed: For the draws.

    Raises:
        DataError: A split would be empty, or `test` is set where the data brings its own test part.
    """
    if test and dataset.test is not None:
        raise DataError(
            f"the data has its own test part ({len(dataset.test):,} samples), but test_split: {test:g} is set",
            hint="leave test_split: out",
        )
    y = dataset.train.y
    indices = np.arange(len(y))
    if limit is not None and limit < len(y):
        indices = _order(y, stratify, np.random.default_rng([seed, 0]))[:limit]
    shares = {"validation_split": validation, "test_split": test}
    sizes = [max(1, round(share * len(indices))) if share else 0 for share in shares.values()]
    if sum(sizes) >= len(indices):
        wanted = " and ".join(f"{name}: {share:g}" for name, share in shares.items() if share)
        raise DataError(
            f"{wanted or 'training'} of {len(indices):,} samples leaves none to train on",
            hint="use more samples, or smaller splits",
        )
    parts = 1 + sum(size > 0 for size in sizes)
    order = indices[_order(y[indices], stratify, np.random.default_rng([seed, 1]), rare=parts)]
    drawn = [np.sort(part) for part in np.split(order, np.cumsum(sizes))]
    held_out = [dataset.train.take(part) if len(part) else None for part in drawn[:2]]
    return Splits(dataset.train.take(drawn[2]), held_out[0], dataset.test or held_out[1])


def _order(y: NDArray[np.generic], stratify: bool, rng: np.random.Generator, rare: int = 0) -> NDArray[np.int64]:
    """An order of the samples of which every stretch is a fair draw; classes with fewer than `rare` members come last.

    scikit-learn's stratified splits are not used: importing them costs 0.7 s of every run.
    """
    order = rng.permutation(len(y))
    if not stratify or y.ndim != 1:
        return order
    _, classes, counts = np.unique(y[order], return_inverse=True, return_counts=True)
    by_class = np.argsort(classes, kind="stable")
    rank = np.empty(len(y))
    rank[by_class] = np.concatenate([np.arange(count) for count in counts])
    # the members of a class are spread evenly over 0-1, each class from a start of its own; then all are merged
    place = (rank + rng.random(len(counts))[classes]) / counts[classes]
    place += counts[classes] < rare
    return order[np.argsort(place, kind="stable")]
