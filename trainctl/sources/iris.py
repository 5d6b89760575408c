"""Iris: flowers measured by R. A. Fisher."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from trainctl.components.dataset import Dataset, Samples
from trainctl.components.spec import SourceSpec, source

if TYPE_CHECKING:
    from trainctl.components.context import DataContext


@source("Iris")
class Iris(SourceSpec):
    """Iris flowers: 150 plants in 3 species, 4 lengths and widths of each.

    Shapes:
        x: float32 (n, 4): sepal length, sepal width, petal length, petal width, in cm.
        y: int64 (n,), the species: setosa, versicolor, virginica.

    Source: R. A. Fisher (1936), UCI, CC BY 4.0; `sklearn.datasets.load_iris`.
    """

    known_classes: ClassVar[int | None] = 3

    def load(self, context: DataContext) -> Dataset:
        """Return all samples; there is no test part."""
        import numpy as np
        from sklearn.datasets import load_iris

        data = load_iris()
        samples = Samples(data.data.astype(np.float32), data.target.astype(np.int64))
        return Dataset(samples, class_names=tuple(str(name) for name in data.target_names))
