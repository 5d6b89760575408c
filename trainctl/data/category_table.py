"""Numbers for each category of a column: the mean of the label, or how frequent it is. Learned a piece at a time.

A training row is encoded by what the other rows tell: the rows are dealt out to folds, and those of a row's own fold do not
count, so that its own label does not leak into its features.
"""

from __future__ import annotations

import numpy as np

from trainctl.aliases import Array

FOLDS = 5
"""Parts of the training rows, each of which is encoded by what the others tell."""

MAX_KNOWN = 100_000
"""Categories that are told apart; beyond four times as many, the rarest so far are forgotten."""

_SMOOTH = 10.0  # rows of the mean over all, where nothing is said


class CategoryTable:
    """What the labels of each category are.

    Args:
        classes: How many classes the labels have; `None` where they are numbers.
        smooth: Rows of the mean over all categories that are added to each.
        seed: Deals out the rows.
        counts_only: Whether the table is of how frequent each category is, whatever the labels.
    """

    def __init__(self, classes: int | None, smooth: float | None, seed: int, *, counts_only: bool = False) -> None:
        self._classes, self._seed = classes, seed
        self._smooth = 0.0 if counts_only else _SMOOTH if smooth is None else smooth
        self._counts_only = counts_only
        self._known: dict[str, Array] = {}  # (folds, 1 + values): how many rows, and the sums of their labels
        self._squares: Array = np.zeros(1)

    def add(self, words: Array, labels: Array, start: int) -> None:
        """Look at more rows.

        Args:
            words: The categories (n,), "" for missing.
            labels: Class indices (n,), or float32 (n,) or (n, values).
            start: The number of the first row among all training rows.
        """
        if not len(words):
            return
        y = self._targets(labels)
        self._squares = (y**2).sum(axis=0) + (self._squares if self._known else 0)
        names, where = np.unique(words.astype(str), return_inverse=True)
        cell = where * FOLDS + fold_of(self._seed, start, len(words))
        sums = [np.bincount(cell, each, len(names) * FOLDS) for each in (np.ones(len(y)), *y.T)]
        table = np.stack(sums, axis=1).reshape(len(names), FOLDS, -1)
        for name, rows in zip(names.tolist(), table, strict=True):
            self._known[name] = self._known[name] + rows if name in self._known else rows
        if len(self._known) > 4 * MAX_KNOWN:
            frequent = sorted(self._known.items(), key=lambda each: -each[1][:, 0].sum())[:MAX_KNOWN]
            self._known = dict(frequent)

    def _targets(self, labels: Array) -> Array:
        """What is averaged, float64 (n, values): the numbers, or a 0/1 for each class; of two classes, for the second."""
        if self._counts_only:
            return np.ones((len(labels), 1))
        if self._classes is None or labels.ndim > 1:
            return np.asarray(labels.reshape(len(labels), -1), "float64")
        if self._classes <= 2:
            return np.asarray(labels == 1, "float64")[:, np.newaxis]
        hot: Array = np.eye(self._classes)[labels]
        return hot

    @property
    def width(self) -> int:
        """How many numbers a category becomes."""
        return len(self._squares)

    @property
    def names(self) -> list[str]:
        """The categories, sorted."""
        return sorted(self._known)

    def values(self) -> Array:
        """Return the numbers of each category, float32 (categories, width): 0 is what all rows have on average."""
        return self._encoded(self._stacked().sum(axis=1), self._stacked().sum(axis=(0, 1))).astype("float32")

    def of_training_rows(self, words: Array, start: int) -> Array:
        """Return the numbers of training rows, float32 (n, width): learned on the rows of the other folds.

        Args:
            words: The categories (n,).
            start: The number of the first row among all training rows.
        """
        if self._counts_only:
            table = np.concatenate([np.zeros((1, self.width), "float32"), self.values()])
            return table[self._indices(words)]
        every = self._stacked()
        whole = every.sum(axis=0)
        by_fold = [
            self._encoded(every.sum(axis=1) - every[:, fold], (whole.sum(axis=0) - whole[fold]))
            for fold in range(FOLDS)
        ]
        table = np.concatenate([np.zeros((FOLDS, 1, self.width)), np.stack(by_fold)], axis=1)
        found: Array = table[fold_of(self._seed, start, len(words)), self._indices(words)].astype("float32")
        return found

    def _indices(self, words: Array) -> Array:
        """The row of each category in a table whose first row is of those that are not known."""
        number = {name: index for index, name in enumerate(self.names, start=1)}
        distinct, where = np.unique(words.astype(str), return_inverse=True)
        indices: Array = np.array([number.get(name, 0) for name in distinct.tolist()], np.int64)[where]
        return indices

    def _stacked(self) -> Array:
        """(categories, folds, 1 + width)."""
        return np.stack([self._known[name] for name in self.names])

    def _encoded(self, sums: Array, total: Array) -> Array:
        """Means, brought to what all rows have on average and vary.

        Args:
            sums: How many rows each category has, and the sums of their labels, (categories, 1 + width).
            total: The same over all.
        """
        if self._counts_only:
            share: Array = sums[:, :1] / max(total[0], 1)
            return np.asarray(share / max(float(share.max()), 1e-12))
        whole = self._stacked().sum(axis=(0, 1))
        mean = whole[1:] / whole[0]
        deviation = np.sqrt(np.maximum(self._squares / whole[0] - mean**2, 0))
        prior = total[1:] / max(total[0], 1)
        rows = sums[:, :1] + self._smooth
        means = np.where(rows > 0, (sums[:, 1:] + self._smooth * prior) / np.maximum(rows, 1e-12), prior)
        encoded: Array = (means - mean) / np.where(deviation > 0, deviation, 1)
        return encoded


def fold_of(seed: int, start: int, count: int) -> Array:
    """Return the fold of each of `count` training rows, from row `start` on, int64 (count,): drawn by seed and number alone."""
    mixed = np.arange(start, start + count, dtype=np.uint64) + np.uint64((seed * 0x9E3779B97F4A7C15 + 1) % 2**64)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    return ((mixed ^ (mixed >> np.uint64(31))) % np.uint64(FOLDS)).astype(np.int64)
