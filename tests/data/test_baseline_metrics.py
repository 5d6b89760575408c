"""Metrics of a constant; tests/data/test_baseline.py compares them with Keras."""

from __future__ import annotations

import numpy as np
import pytest

from trainctl.config.model.needs import METRICS
from trainctl.data.baseline_metrics import OF_CLASSES, OF_NUMBERS

COUNTS, FREQUENCIES = np.array([6.0, 3.0, 1.0]), np.array([0.6, 0.3, 0.1])


@pytest.mark.parametrize(
    ("metric", "arguments", "value"),
    [
        ("SparseCategoricalAccuracy", {}, 0.6),
        ("SparseTopKCategoricalAccuracy", {"k": 2}, 0.9),
        ("SparseCategoricalCrossentropy", {}, 0.898),
        ("MeanIoU", {}, 0.2),
    ],
)
def test_of_classes(metric: str, arguments: dict[str, int], value: float) -> None:
    _, measure = OF_CLASSES[metric]
    assert measure(COUNTS, FREQUENCIES, arguments, 10.0) == pytest.approx(value, abs=1e-3)


def test_every_metric_is_one_of_keras() -> None:
    assert {*OF_CLASSES, *OF_NUMBERS} <= {*METRICS, "Huber", "LogCosh"}
