"""BreastCancer, which scikit-learn brings along: shape, types and classes as documented."""

from __future__ import annotations

import numpy as np

from trainctl.components.context import DataContext
from trainctl.sources.breast_cancer import BreastCancer


def test_what_it_holds() -> None:
    data = BreastCancer().load(DataContext(emit=print))
    assert (data.train.x.shape, data.train.x.dtype) == ((569, 30), np.float32)
    assert data.class_names == ("malignant", "benign")
    assert data.train.y.dtype == np.int64
    assert set(data.train.y.tolist()) == set(range(BreastCancer.known_classes or 0))
    assert len(data.class_names) == BreastCancer.known_classes
    assert (data.test, data.columns) == (None, {})
