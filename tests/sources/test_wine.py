"""Wine, which scikit-learn brings along: shape, types and classes as documented."""

from __future__ import annotations

import numpy as np

from trainctl.components.context import DataContext
from trainctl.sources.wine import Wine


def test_what_it_holds() -> None:
    data = Wine().load(DataContext(emit=print))
    assert (data.train.x.shape, data.train.x.dtype) == ((178, 13), np.float32)
    assert data.class_names == ("class_0", "class_1", "class_2")
    assert data.train.y.dtype == np.int64
    assert set(data.train.y.tolist()) == set(range(Wine.known_classes or 0))
    assert len(data.class_names) == Wine.known_classes
    assert (data.test, data.columns) == (None, {})
