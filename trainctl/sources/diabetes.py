"""Diabetes: patients and how their disease progressed."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from trainctl.components.dataset import Dataset, Samples
from trainctl.components.spec import SourceSpec, source

if TYPE_CHECKING:
    from trainctl.components.context import DataContext


@source("Diabetes")
class Diabetes(SourceSpec):
    """Diabetes: 442 patients, 10 measurements of each; a regression.

    Shapes:
        x: float32 (n, 10): age, sex, body mass index, blood pressure, six blood serum values; each with mean 0 and a
            sum of squares of 1.
        y: float32 (n,), progression of the disease after a year, in 25-346, without a unit.

    Source: B. Efron, T. Hastie, I. Johnstone, R. Tibshirani (2004), Least Angle Regression, no licence stated;
    `sklearn.datasets.load_diabetes`.
    """

    known_numbers: ClassVar[bool] = True

    def load(self, context: DataContext) -> Dataset:
        """Return all patients; there is no test part."""
        import numpy as np
        from sklearn.datasets import load_diabetes

        data = load_diabetes()
        return Dataset(Samples(data.data.astype(np.float32), data.target.astype(np.float32)))
