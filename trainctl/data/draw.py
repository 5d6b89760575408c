"""How samples are drawn into splits: a fair draw that depends on the random generator only, or the latest first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Self

import numpy as np

from trainctl.aliases import Array, Data
from trainctl.components.dataset import length

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trainctl.config.experiment import DataSection


class Fold(NamedTuple):
    """The fold that is held out to test on.

    Args:
        number: Which, from 0.
        k: How many there are.
    """

    number: int
    k: int


@dataclass(frozen=True, slots=True)
class Rules:
    """How to split.

    Args:
        validation: Share of the samples to validate on, in 0-1.
        test: Share of the samples to test on, in 0-1.
        limit: How many samples to use, drawn before splitting; `None` means all.
        stratify: Whether to keep the classes of `y` in proportion. Classes with fewer members than there are splits are
            trained on.
        group: The extra column whose equal values stay in one split.
        time: The extra column by which the last samples are tested on, those before validated on.
        seed: For the draws.
        fold: The fold to test on in place of a share; `None` if there are no folds.
    """

    validation: float | None = None
    test: float | None = None
    limit: int | None = None
    stratify: bool = False
    group: str | None = None
    time: str | None = None
    seed: int = 0
    fold: Fold | None = None

    @classmethod
    def of(cls, section: DataSection, *, stratify: bool, seed: int) -> Self:
        """Return the rules of an experiment's `data:`; of several folds, those for the first."""
        folds = section.folds
        return cls(
            section.validation_split,
            section.test_split,
            section.limit,
            stratify,
            section.group_column,
            section.time_column,
            seed,
            None if folds is None else Fold((folds.fold or 1) - 1, folds.k),
        )


def fair_order(
    y: Data, stratify: bool, rng: np.random.Generator, rare: int = 0, count: int | None = None
) -> NDArray[np.int64]:
    """Return an order of the samples in which every stretch is a fair draw; classes with fewer than `rare` come last.

    scikit-learn's stratified splits are not used: importing them costs 0.7 s of every run.

    Args:
        y: Labels (samples,) or (samples, …), or a mapping, one for each output.
        stratify: Whether every stretch holds the classes in proportion; only labels (samples,) can be.
        rng: Draws.
        rare: Fewest members of a class that is spread.
        count: How many samples there are, where `y` holds others too and is not looked at.
    """
    order = rng.permutation(length(y) if count is None else count)
    if not stratify or isinstance(y, dict) or y.ndim != 1:
        return order
    _, classes, counts = np.unique(y[order], return_inverse=True, return_counts=True)
    by_class = np.argsort(classes, kind="stable")
    rank = np.empty(len(y))
    rank[by_class] = np.concatenate([np.arange(count) for count in counts])
    # the members of a class are spread evenly over 0-1, each class from a start of its own; then all are merged
    place = (rank + rng.random(len(counts))[classes]) / counts[classes]
    place += counts[classes] < rare
    return order[np.argsort(place, kind="stable")]


def last_first(when: Array, count: int) -> NDArray[np.int64]:
    """Return the order of time, but with the last `count` samples at its front; those of one time keep their order."""
    return np.roll(np.argsort(when, kind="stable"), count)
