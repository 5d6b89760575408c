"""How good predictions are: against numbers that can be counted by hand."""

from __future__ import annotations

import numpy as np
import pytest

from trainctl.data import quality

Y = np.array([0, 0, 1, 1, 1, 2])
P = np.eye(3)[[0, 1, 1, 1, 0, 2]] * 0.7 + 0.1


def test_classes_are_counted_by_label_and_prediction() -> None:
    found = quality.of_classes(Y, P, ("a", "b", "c"))
    assert found["confusion_matrix"] == {"labels": ["a", "b", "c"], "counts": [[1, 1, 0], [1, 2, 0], [0, 0, 1]]}
    assert [round(each["f1"], 3) for each in found["per_class"]] == [0.5, 0.667, 1.0]
    assert found["calibration"]["expected_error"] == pytest.approx(abs(0.8 - 4 / 6))
    assert "roc" not in found
    assert quality.worst_classes(Y, P).tolist() == [1, 4]


def test_two_classes_have_curves_and_a_best_threshold() -> None:
    p = np.array([0.1, 0.2, 0.3, 0.35, 0.4, 0.9])
    found = quality.of_classes(np.array([0, 0, 0, 1, 1, 1]), np.stack([1 - p, p], axis=1), ("no", "yes"))
    assert found["roc"]["auc"] == 1
    assert found["threshold"] == {"value": 0.35, "f1": 1.0, "f1_at_0.5": 0.5}
    assert "roc" not in quality.of_classes(np.zeros(2, int), np.ones((2, 2)) / 2, ("no", "yes"))


def test_ignored_places_count_nowhere() -> None:
    counts = quality.confusion(np.array([[0, 1], [255, 1]]), np.array([[0, 0], [1, 1]]), 2)
    assert [each["iou"] for each in quality.of_confusion(counts, ("sky", "sea"), overlap=True)["per_class"]] == [
        0.5,
        0.5,
    ]


def test_numbers_have_residuals_by_tenths() -> None:
    y = np.arange(20.0)
    found = quality.of_numbers(y, y + 1)["regression"]
    assert (found["mae"], found["rmse"]) == (1, 1)
    assert found["residual_deciles"][0] == {"from": 0, "to": 1, "count": 2, "mean_residual": 1, "mae": 1}
    assert quality.worst_numbers(y, np.where(y == 7, 0, y))[0] == 7


def test_several_classes_of_one_sample() -> None:
    found = quality.of_several_classes(np.array([[1, 0], [1, 1]]), np.array([[0.9, 0.2], [0.1, 0.8]]), ("red", "blue"))
    assert [each["recall"] for each in found["per_class"]] == [0.5, 1.0]
    assert quality.class_names(("a",), 2) == ("a", "1")
