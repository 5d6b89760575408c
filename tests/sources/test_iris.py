"""Iris, which scikit-learn brings along: shape, types and classes as documented."""

from __future__ import annotations

import numpy as np

from trainctl.components.context import DataContext
from trainctl.sources.iris import Iris


def test_what_it_holds() -> None:
    data = Iris().load(DataContext(emit=print))
    assert (data.train.x.shape, data.train.x.dtype) == ((150, 4), np.float32)
    assert data.class_names == ("setosa", "versicolor", "virginica")
    assert data.train.y.dtype == np.int64
    assert set(data.train.y.tolist()) == set(range(Iris.known_classes or 0))
    assert len(data.class_names) == Iris.known_classes
    assert (data.test, data.columns) == (None, {})
