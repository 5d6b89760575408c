"""What the metrics of Keras come to for a constant: the arithmetic of each, in NumPy."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from trainctl.aliases import Array, Value

MAJORITY, MEAN, MEDIAN, LAST = "majority", "mean", "median", "last"
"""The kinds of constants."""

_EPSILON = 1e-7  # Keras's own: probabilities are kept that far from 0 and 1

Arguments = Mapping[str, Value]
"""The arguments of a metric."""


@dataclass(frozen=True, slots=True)
class Rule:
    """How a metric of numbers is measured.

    Args:
        constant: The constant that does well in it: `mean`, `median` or `majority`.
        errors: From labels (n, …), predictions and arguments to what is averaged: one array (n, …), or several.
        finish: From the averages to the metric.
    """

    constant: str
    errors: Callable[[Array, Array, Arguments], tuple[Array, ...]]
    finish: Callable[..., float] = float


def _share_right(counts: Array, frequencies: Array, _: Arguments, total: float) -> float:
    return float(counts[int(frequencies.argmax())]) / total


def _share_within(counts: Array, frequencies: Array, arguments: Arguments, total: float) -> float:
    first = np.argsort(-frequencies, kind="stable")[: int(arguments.get("k") or 5)]
    return float(counts[first].sum()) / total


def _crossentropy(counts: Array, frequencies: Array, _: Arguments, total: float) -> float:
    surprise = -np.log(np.clip(frequencies, _EPSILON, 1 - _EPSILON))
    return float(counts @ surprise) / total


def _mean_overlap(counts: Array, frequencies: Array, _: Arguments, total: float) -> float:
    majority = int(frequencies.argmax())
    present = np.count_nonzero(counts) + (not counts[majority])
    return float(counts[majority]) / total / present


OF_CLASSES: Mapping[str, tuple[str, Callable[[Array, Array, Arguments, float], float]]] = {
    **dict.fromkeys(("Accuracy", "SparseCategoricalAccuracy", "CategoricalAccuracy"), (MAJORITY, _share_right)),
    **dict.fromkeys(("SparseTopKCategoricalAccuracy", "TopKCategoricalAccuracy"), (MAJORITY, _share_within)),
    **dict.fromkeys(("SparseCategoricalCrossentropy", "CategoricalCrossentropy"), (MEAN, _crossentropy)),
    **dict.fromkeys(("MeanIoU", "OneHotMeanIoU"), (MAJORITY, _mean_overlap)),
}
"""Each metric of classes: the constant, and its value from how often each class occurs, here and in training."""


def _binary_crossentropy(y: Array, p: Array, _: Arguments) -> tuple[Array, ...]:
    p = np.clip(p, _EPSILON, 1 - _EPSILON)
    return (-(y * np.log(p) + (1 - y) * np.log(1 - p)),)


def _huber(y: Array, p: Array, arguments: Arguments) -> tuple[Array, ...]:
    delta, error = float(arguments.get("delta") or 1.0), abs(y - p)
    return (np.where(error <= delta, error**2 / 2, delta * error - delta**2 / 2),)


def _squared(y: Array, p: Array, _: Arguments) -> tuple[Array, ...]:
    return ((y - p) ** 2,)


def _log_cosh(y: Array, p: Array, _: Arguments) -> tuple[Array, ...]:
    return (np.logaddexp(y - p, p - y) - math.log(2),)


def _squared_logs(y: Array, p: Array, _: Arguments) -> tuple[Array, ...]:
    return ((np.log1p(np.maximum(y, _EPSILON)) - np.log1p(np.maximum(p, _EPSILON))) ** 2,)


OF_NUMBERS: Mapping[str, Rule] = {
    "MeanAbsoluteError": Rule(MEDIAN, lambda y, p, _: (abs(y - p),)),
    "MeanAbsolutePercentageError": Rule(MEDIAN, lambda y, p, _: (100 * abs((y - p) / np.maximum(abs(y), _EPSILON)),)),
    "MeanSquaredError": Rule(MEAN, _squared),
    "RootMeanSquaredError": Rule(MEAN, _squared, math.sqrt),
    "MeanSquaredLogarithmicError": Rule(MEAN, _squared_logs),
    "LogCosh": Rule(MEAN, _log_cosh),
    "LogCoshError": Rule(MEAN, _log_cosh),
    "Huber": Rule(MEAN, _huber),
    "Poisson": Rule(MEAN, lambda y, p, _: (p - y * np.log(p + _EPSILON),)),
    "R2Score": Rule(MEAN, lambda y, p, _: ((y - p) ** 2, y, y**2), lambda a, b, c: 1 - a / (c - b**2)),
    "BinaryAccuracy": Rule(MAJORITY, lambda y, p, _: (y == p,)),
    "BinaryCrossentropy": Rule(MEAN, _binary_crossentropy),
}
"""Each metric of numbers, and of 0 or 1."""
