"""Digits, which scikit-learn brings along: shape, types and classes as documented."""

from __future__ import annotations

import numpy as np

from trainctl.components.context import DataContext
from trainctl.sources.digits import Digits


def test_what_it_holds() -> None:
    data = Digits().load(DataContext(emit=print))
    assert (data.train.x.shape, data.train.x.dtype) == ((1797, 8, 8, 1), np.float32)
    assert data.class_names == tuple("0123456789")
    assert data.train.y.dtype == np.int64
    assert set(data.train.y.tolist()) == set(range(Digits.known_classes or 0))
    assert len(data.class_names) == Digits.known_classes
    assert (data.test, data.columns) == (None, {})


def test_values_are_whole_up_to_16() -> None:
    x = Digits().load(DataContext(emit=print)).train.x
    assert (x.min(), x.max()) == (0, 16)
    assert (x == np.rint(x)).all()
