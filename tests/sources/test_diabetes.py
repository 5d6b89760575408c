"""Diabetes, which scikit-learn brings along: numbers to predict."""

from __future__ import annotations

import numpy as np

from trainctl.components.context import DataContext
from trainctl.sources.diabetes import Diabetes


def test_what_it_holds() -> None:
    data = Diabetes().load(DataContext(emit=print))
    assert (data.train.x.shape, data.train.x.dtype, data.train.y.dtype) == ((442, 10), np.float32, np.float32)
    assert (data.train.y.min(), data.train.y.max()) == (25, 346)
    assert (data.class_names, data.test, Diabetes.known_numbers) == ((), None, True)
