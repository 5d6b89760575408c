"""What each loss and metric of Keras takes: which labels, and which outputs. One table, known without Keras.

`fits.py` says what follows from it: what fits as it is, what can be adapted, and what must be refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum


class Takes(StrEnum):
    """Which labels a loss or a metric takes."""

    INDEX = "class indices, one fewer axis than the output"
    ONE_HOT = "one-hot, as many values as classes"
    BINARY = "0 or 1 for each output"
    SIGN = "-1 or 1, or 0 or 1, for each output"
    NUMBER = "a number for each output"
    VECTOR = "a vector, or a distribution, of the output's shape"
    GROUP = "class indices of embeddings"
    SEQUENCE = "sequences of class indices, padded with 0"
    VALUE = "a number for each output, one-hot where they are classes"
    ANY = "anything"
    NONE = "no labels"


class Gives(StrEnum):
    """Which outputs a loss or a metric takes."""

    PROBABILITY = "probabilities"
    SCORE = "scores whose order counts"
    CLASS = "class indices"
    ANY = "any"


@dataclass(frozen=True, slots=True)
class Need:
    """What a loss or a metric takes.

    Args:
        labels: Which labels.
        outputs: Which outputs.
        logits_argument: Whether `from_logits` makes it take logits.
        flat: Whether it takes (samples, classes) only.
        same_rank: Whether labels need the last axis of one value that the output has.
        soft: Whether labels between 0 and 1, as MixUp makes them, have a meaning.
        better: Which way a metric is better, `min` or `max`; `None` where nobody can tell.
    """

    labels: Takes
    outputs: Gives = Gives.ANY
    logits_argument: bool = False
    flat: bool = False
    same_rank: bool = False
    soft: bool = False
    better: str | None = "min"

    @property
    def is_of_classes(self) -> bool:
        """Whether it is about labels that are classes."""
        return self.labels in {Takes.INDEX, Takes.ONE_HOT, Takes.BINARY, Takes.SIGN, Takes.GROUP}


_NUMBER = Need(Takes.NUMBER, soft=True)
_ALIKE = replace(_NUMBER, better="max")
_BINARY = Need(Takes.BINARY, Gives.PROBABILITY, better="max")
_COUNT = replace(_BINARY, better=None)
_INDEX = Need(Takes.INDEX, Gives.SCORE, better="max")
_CLASS = Need(Takes.INDEX, Gives.CLASS, better="max")
_ONE_HOT = Need(Takes.ONE_HOT, Gives.SCORE, better="max")
_NOTHING = Need(Takes.NONE, better=None)
_CROSSENTROPY = {
    "BinaryCrossentropy": Need(Takes.BINARY, Gives.PROBABILITY, logits_argument=True, soft=True),
    "CategoricalCrossentropy": Need(Takes.ONE_HOT, Gives.PROBABILITY, logits_argument=True, soft=True),
    "SparseCategoricalCrossentropy": Need(Takes.INDEX, Gives.PROBABILITY, logits_argument=True),
}
_DISTANCES: Mapping[str, Need] = {
    "MeanSquaredError": _NUMBER,
    "MeanAbsoluteError": _NUMBER,
    "MeanAbsolutePercentageError": _NUMBER,
    "MeanSquaredLogarithmicError": _NUMBER,
    "Poisson": _NUMBER,
    "CosineSimilarity": Need(Takes.VECTOR, soft=True, better="max"),
    "KLDivergence": Need(Takes.VECTOR, Gives.PROBABILITY, soft=True),
    "Hinge": Need(Takes.SIGN),
    "SquaredHinge": Need(Takes.SIGN),
    "CategoricalHinge": Need(Takes.ONE_HOT, soft=True),
}

LOSSES: Mapping[str, Need] = {
    **_DISTANCES,
    **_CROSSENTROPY,
    "Huber": _NUMBER,
    "LogCosh": _NUMBER,
    "BinaryFocalCrossentropy": _CROSSENTROPY["BinaryCrossentropy"],
    "CategoricalFocalCrossentropy": _CROSSENTROPY["CategoricalCrossentropy"],
    "CategoricalGeneralizedCrossEntropy": Need(Takes.INDEX, Gives.PROBABILITY),
    "Dice": Need(Takes.VECTOR, Gives.PROBABILITY, soft=True),
    "Tversky": Need(Takes.VECTOR, Gives.PROBABILITY, soft=True),
    "Circle": Need(Takes.GROUP),
    "CTC": Need(Takes.SEQUENCE),
}
"""Every loss of the installed Keras."""

METRICS: Mapping[str, Need] = {
    **_DISTANCES,
    **_CROSSENTROPY,
    "BinaryCrossentropy": replace(_CROSSENTROPY["BinaryCrossentropy"], same_rank=True),
    "RootMeanSquaredError": _NUMBER,
    "LogCoshError": _NUMBER,
    "R2Score": replace(_ALIKE, flat=True, soft=False),
    "PearsonCorrelation": _ALIKE,
    "ConcordanceCorrelation": _ALIKE,
    "Accuracy": _CLASS,
    "BinaryAccuracy": _BINARY,
    "CategoricalAccuracy": _ONE_HOT,
    "SparseCategoricalAccuracy": _INDEX,
    "TopKCategoricalAccuracy": _ONE_HOT,
    "SparseTopKCategoricalAccuracy": _INDEX,
    "F1Score": replace(_BINARY, flat=True),
    "FBetaScore": replace(_BINARY, flat=True),
    "AUC": replace(_BINARY, logits_argument=True),
    "Precision": _BINARY,
    "Recall": _BINARY,
    "TruePositives": _COUNT,
    "TrueNegatives": _COUNT,
    "FalsePositives": _COUNT,
    "FalseNegatives": _COUNT,
    "PrecisionAtRecall": _BINARY,
    "RecallAtPrecision": _BINARY,
    "SensitivityAtSpecificity": _BINARY,
    "SpecificityAtSensitivity": _BINARY,
    "BinaryIoU": _BINARY,
    "IoU": _CLASS,
    "MeanIoU": _CLASS,
    "OneHotIoU": _ONE_HOT,
    "OneHotMeanIoU": _ONE_HOT,
    "Mean": _NOTHING,
    "Sum": _NOTHING,
    "MeanMetricWrapper": _NOTHING,
}
"""Every metric of the installed Keras."""

FORMULA = Need(Takes.VALUE, soft=True, better=None)
"""What a formula takes, as a loss and as a metric."""

_FORMULAS: Mapping[str, Need] = {"Expression": FORMULA}

ANYTHING = Need(Takes.ANY, soft=True, better=None)
"""What is known of a loss or a metric of the user's own: it is taken as it is."""


def loss_need(name: str | None) -> Need:
    """Return what the loss of this canonical name takes."""
    return _FORMULAS.get(name or "") or LOSSES.get(name or "", ANYTHING)


def metric_need(name: str | None) -> Need:
    """Return what the metric of this canonical name takes."""
    return _FORMULAS.get(name or "") or METRICS.get(name or "", ANYTHING)
