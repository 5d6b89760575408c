"""The data sets that scikit-learn brings along: shapes, types and ranges as documented."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from trainctl.components.context import DataContext
from trainctl.sources.breast_cancer import BreastCancer
from trainctl.sources.diabetes import Diabetes
from trainctl.sources.digits import Digits
from trainctl.sources.iris import Iris
from trainctl.sources.wine import Wine

if TYPE_CHECKING:
    from trainctl.components.spec import SourceSpec


@pytest.mark.parametrize(
    ("spec", "shape", "class_names"),
    [
        (Digits(), (1797, 8, 8, 1), tuple("0123456789")),
        (Iris(), (150, 4), ("setosa", "versicolor", "virginica")),
        (Wine(), (178, 13), ("class_0", "class_1", "class_2")),
        (BreastCancer(), (569, 30), ("malignant", "benign")),
        (Diabetes(), (442, 10), ()),
    ],
    ids=lambda value: getattr(value, "name_in_yaml", ""),
)
def test_bundled(spec: SourceSpec, shape: tuple[int, ...], class_names: tuple[str, ...]) -> None:
    data = spec.load(DataContext(emit=print))
    assert data.train.x.shape == shape
    assert data.train.x.dtype == np.float32
    assert data.class_names == class_names
    assert data.test is None
    assert data.columns == {}
    if class_names:
        assert data.train.y.dtype.kind in "iu"
        assert data.train.y.dtype == np.int64
        assert set(data.train.y.tolist()) == set(range(len(class_names)))
    else:
        assert data.train.y.dtype == np.float32
        assert data.train.y.dtype == np.float32
        assert (data.train.y.min(), data.train.y.max()) == (25, 346)


def test_digits_are_whole_values_up_to_16() -> None:
    x = Digits().load(DataContext(emit=print)).train.x
    assert (x.min(), x.max()) == (0, 16)
    assert (x == np.rint(x)).all()
