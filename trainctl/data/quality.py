"""How good predictions are, beside the labels: what an evaluation says besides the metrics of the experiment.

scikit-learn computes the scores. Everything is a plain value, as `trainctl evaluate --json` prints it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from trainctl.aliases import Array, Value

_POINTS = 200  # of a curve
_SHOWN = 2000  # predictions that a picture shows
_BINS = 10
MISTAKES = 10
"""How many mistakes are shown."""


def of_classes(y: Array, probabilities: Array, names: Sequence[str]) -> dict[str, Value]:
    """Return how good predicted classes are.

    Args:
        y: Class indices, int64 (n,).
        probabilities: Of each class, (n, classes).
        names: The names of the classes.
    """
    said = probabilities.argmax(axis=1)
    found = of_confusion(confusion(y, said, len(names)), names)
    if len(names) == 2:
        found |= _of_two(y, probabilities[:, 1])
    found["calibration"] = _calibration(said == y, probabilities.max(axis=1))
    return found


def confusion(y: Array, said: Array, classes: int) -> Array:
    """Return how often each class (rows) was predicted as each (columns), int64; labels that are no class are left out."""
    y, said = y.ravel(), said.ravel()
    valid = (y >= 0) & (y < classes)
    return np.bincount(y[valid] * classes + said[valid], minlength=classes**2).reshape(classes, classes)


def of_confusion(counts: Array, names: Sequence[str], *, overlap: bool = False) -> dict[str, Value]:
    """Return the confusion matrix with precision, recall, F1 and support of each class.

    Args:
        counts: As `confusion` gives them.
        names: The names of the classes.
        overlap: Whether also the intersection over union, as of masks.
    """
    right, support, said = np.diag(counts), counts.sum(axis=1), counts.sum(axis=0)
    each = []
    for index, name in enumerate(names):
        precision, recall = _share(right[index], said[index]), _share(right[index], support[index])
        line: dict[str, Value] = {
            "class": name,
            "precision": precision,
            "recall": recall,
            "f1": _share(2 * right[index], said[index] + support[index]),
            "support": int(support[index]),
        }
        if overlap:
            line["iou"] = _share(right[index], said[index] + support[index] - right[index])
        each.append(line)
    return {"confusion_matrix": {"labels": list(names), "counts": counts.tolist()}, "per_class": each}


def _share(part: float, whole: float) -> float:
    return float(part / whole) if whole else 0.0


def _of_two(y: Array, p: Array) -> dict[str, Value]:
    """The curves of two classes, and the threshold at which F1 of the second one is highest."""
    from sklearn.metrics import average_precision_score, precision_recall_curve, roc_auc_score, roc_curve

    if len(np.unique(y)) < 2:  # of which there are no curves
        return {}
    false, true, _ = roc_curve(y, p)
    precision, recall, thresholds = precision_recall_curve(y, p)
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-12)
    best = int(f1[:-1].argmax())
    return {
        "roc": {
            "auc": float(roc_auc_score(y, p)),
            "false_positive_rate": _thin(false),
            "true_positive_rate": _thin(true),
        },
        "precision_recall": {
            "average_precision": float(average_precision_score(y, p)),
            "recall": _thin(recall),
            "precision": _thin(precision),
        },
        "threshold": {"value": float(thresholds[best]), "f1": float(f1[best]), "f1_at_0.5": _f1(y, p >= 0.5)},
    }


def _f1(y: Array, said: Array) -> float:
    return _share(2 * int((said & (y == 1)).sum()), int(said.sum()) + int((y == 1).sum()))


def _thin(values: Array) -> list[float]:
    """Some points of a curve, its ends among them."""
    chosen = np.unique(np.linspace(0, len(values) - 1, _POINTS).round().astype(int))
    return [float(value) for value in values[chosen]]


def _calibration(right: Array, confidence: Array) -> dict[str, Value]:
    """Whether what is said with 80 % confidence is right in 80 % of the cases, by tenths of confidence."""
    place = np.minimum((confidence * _BINS).astype(int), _BINS - 1)
    bins = [
        {
            "confidence": float(confidence[place == each].mean()),
            "accuracy": float(right[place == each].mean()),
            "count": int((place == each).sum()),
        }
        for each in range(_BINS)
        if (place == each).any()
    ]
    error = sum(each["count"] * abs(each["confidence"] - each["accuracy"]) for each in bins) / max(1, len(right))
    return {"expected_error": float(error), "bins": bins}


def of_several_classes(y: Array, probabilities: Array, names: Sequence[str]) -> dict[str, Value]:
    """Return how good the classes are of which a sample may have several.

    Args:
        y: 0 or 1 for each class, (n, classes).
        probabilities: Of each class, (n, classes).
        names: The names of the classes.
    """
    from sklearn.metrics import precision_recall_fscore_support

    precision, recall, f1, support = precision_recall_fscore_support(y > 0.5, probabilities > 0.5, zero_division=0)
    return {
        "per_class": [
            {"class": name, "precision": float(p), "recall": float(r), "f1": float(f), "support": int(count)}
            for name, p, r, f, count in zip(names, precision, recall, f1, support, strict=True)
        ]
    }


def of_numbers(y: Array, predicted: Array) -> dict[str, Value]:
    """Return how good predicted numbers are; of several for each sample, over all of them.

    Args:
        y: Numbers, (n, …).
        predicted: As many.
    """
    from sklearn.metrics import mean_absolute_error, r2_score, root_mean_squared_error

    y, predicted = y.reshape(len(y), -1).astype(float), predicted.reshape(len(y), -1).astype(float)
    flat, said = y.ravel(), predicted.ravel()
    some = np.linspace(0, len(flat) - 1, min(len(flat), _SHOWN)).round().astype(int)
    found = {
        "mae": float(mean_absolute_error(flat, said)),
        "rmse": float(root_mean_squared_error(flat, said)),
        "r2": float(r2_score(flat, said)) if len(flat) > 1 else math.nan,
        "residual_deciles": _deciles(flat, said),
    }
    return {"regression": found, "points": {"label": flat[some].tolist(), "predicted": said[some].tolist()}}


def _deciles(y: Array, said: Array) -> list[dict[str, Value]]:
    """The residuals (predicted - label) of each tenth of the labels, lowest first."""
    order = np.argsort(y, kind="stable")
    parts = [part for part in np.array_split(order, min(10, len(order))) if len(part)]
    return [
        {
            "from": float(y[part].min()),
            "to": float(y[part].max()),
            "count": len(part),
            "mean_residual": float((said[part] - y[part]).mean()),
            "mae": float(abs(said[part] - y[part]).mean()),
        }
        for part in parts
    ]


def worst_classes(y: Array, probabilities: Array) -> Array:
    """Return the indices of the samples that are wrong with the highest confidence, that one first."""
    said = probabilities.argmax(axis=1)
    wrong = np.flatnonzero(said != y)
    order = np.argsort(-probabilities[wrong, said[wrong]], kind="stable")
    return np.asarray(wrong[order][:MISTAKES])


def worst_numbers(y: Array, predicted: Array) -> Array:
    """Return the indices of the samples whose prediction is farthest off, that one first."""
    errors = abs(predicted.reshape(len(y), -1) - y.reshape(len(y), -1)).mean(axis=1)
    return np.asarray(np.argsort(-errors, kind="stable")[:MISTAKES])


def class_names(names: Sequence[str], count: int) -> tuple[str, ...]:
    """Return a name for each class: its own, else its index."""
    return tuple(names[index] if index < len(names) else str(index) for index in range(count))
