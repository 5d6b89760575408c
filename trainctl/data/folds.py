"""Folds of samples in memory: which are held out to test on, and which are left to train and to validate on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from trainctl.data.draw import Fold, Rules, fair_order
from trainctl.data.times import times
from trainctl.errors import DataError
from trainctl.text import plural

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trainctl.components.dataset import Dataset


def hold_out(
    dataset: Dataset, indices: NDArray[np.int64], rules: Rules, fold: Fold
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the `indices` of the samples in the fold, sorted, and of those that its run trains and validates on.

    Args:
        dataset: The samples.
        indices: Those of them that are used, int64.
        rules: Whether classes stay in proportion, groups together, or folds follow each other in time; the seed.
        fold: Which fold.

    Raises:
        DataError: There are fewer samples, or groups, than folds.
    """
    if rules.group is not None:
        return _by_group(dataset, indices, rules, rules.group, fold)
    if rules.time is not None or dataset.ordered:
        return _by_time(dataset, indices, rules, fold)
    require_enough(len(indices), fold)
    y, rng = dataset.train.y, np.random.default_rng([rules.seed, 2])
    looked_at = rules.stratify and not isinstance(y, dict) and y.ndim == 1
    order = indices[fair_order(y[indices] if looked_at else y, rules.stratify, rng, count=len(indices))]
    parts = np.array_split(order, fold.k)
    rest = [part for number, part in enumerate(parts) if number != fold.number]
    return np.sort(parts[fold.number]), np.sort(np.concatenate(rest))


def require_enough(count: int, fold: Fold, *, in_time: bool = False) -> None:
    """Require a sample for each fold; in the order of time, also one before the first fold.

    Raises:
        DataError: There are too few.
    """
    if count < fold.k + in_time:
        before = ", and one to train on before the first" if in_time else ""
        raise DataError(
            f"{plural(count, 'sample')} cannot be split into {fold.k} folds: each needs a sample{before}",
            hint=f"lower data.folds.k to {max(2, count - in_time)} at most, or use more samples",
            path="data.folds",
        )


def _by_time(
    dataset: Dataset, indices: NDArray[np.int64], rules: Rules, fold: Fold
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Of k + 1 stretches of time, hold one out and train on those before it, which are more from fold to fold."""
    require_enough(len(indices), fold, in_time=True)
    when = indices if rules.time is None else times(dataset.train.extra[rules.time][indices], rules.time)
    stretches = np.array_split(indices[np.argsort(when, kind="stable")], fold.k + 1)
    return np.sort(stretches[fold.number + 1]), np.sort(np.concatenate(stretches[: fold.number + 1]))


def _by_group(
    dataset: Dataset, indices: NDArray[np.int64], rules: Rules, column: str, fold: Fold
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Hold whole groups out."""
    cells = dataset.train.extra[column][indices].astype(str)
    _, group, counts = np.unique(cells, return_inverse=True, return_counts=True)
    is_held_out = folds_of_groups(counts, rules, column, fold.k)[group] == fold.number
    return np.sort(indices[is_held_out]), np.sort(indices[~is_held_out])


def folds_of_groups(counts: NDArray[np.int64], rules: Rules, column: str, k: int) -> NDArray[np.int64]:
    """Return the fold (from 0) of each group: the largest first, each goes to the fold that has the fewest samples so far.

    Args:
        counts: How many samples each group has.
        rules: The seed decides between groups of one size.
        column: The column that holds the groups.
        k: How many folds there are.

    Raises:
        DataError: There are fewer groups.
    """
    if len(counts) < k:
        raise DataError(
            f"column {column!r} has {plural(len(counts), 'group')}, too few for {k} folds",
            hint="lower data.folds.k, or group by another column",
            path="data.folds",
        )
    order = np.random.default_rng([rules.seed, 2]).permutation(len(counts))
    order = order[np.argsort(-counts[order], kind="stable")]
    sizes, fold_of = np.zeros(k, np.int64), np.empty(len(counts), np.int64)
    for each in order:
        fold_of[each] = sizes.argmin()
        sizes[fold_of[each]] += counts[each]
    return fold_of
