"""The picture of an evaluation is drawn whatever was found."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from trainctl.data import quality
from trainctl.ui.evaluation_plot import write_evaluation_plot

Y = np.array([0, 1, 1, 0, 1])
P = np.array([0.2, 0.7, 0.4, 0.6, 0.9])
CLASSES = quality.of_classes(Y, np.stack([1 - P, P], 1), ("no", "y$e$s"))
MISTAKES = [{"label": "no", "prediction": "yes"}, {"label": "yes", "prediction": "no"}]
IMPORTANCE = {"score": "accuracy", "columns": [{"column": "age", "mean": 0.1, "deviation": 0.0}]}


@pytest.mark.parametrize(
    ("found", "images"),
    [
        ({**CLASSES, "importance": IMPORTANCE}, None),
        ({**CLASSES, "mistakes": MISTAKES}, np.zeros((2, 8, 8, 1))),
        (quality.of_numbers(Y.astype(float), P), None),
        (quality.of_confusion(np.eye(30, dtype=int), [f"class {n}" for n in range(30)], overlap=True), None),
        ({"outputs": {"sum": CLASSES}}, None),
        ({}, None),
    ],
)
def test_every_kind_is_drawn(found: dict[str, Any], images: Any, tmp_path: Path) -> None:
    write_evaluation_plot(found, tmp_path / "evaluation.png", "small: test", images)
    assert (tmp_path / "evaluation.png").stat().st_size > 5000
