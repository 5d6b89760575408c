"""BreastCancer: tumours, malignant or benign."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from trainctl.components.dataset import Dataset, Samples
from trainctl.components.spec import SourceSpec, source

if TYPE_CHECKING:
    from trainctl.components.context import DataContext


@source("BreastCancer")
class BreastCancer(SourceSpec):
    """Breast cancer, Wisconsin: 569 tumours, malignant or benign, 30 measurements of cell nuclei.

    Shapes:
        x: float32 (n, 30): mean, error and worst of radius, texture, perimeter ….
        y: int64 (n,), 0 malignant, 1 benign.

    Source: W. Wolberg, O. Mangasarian, N. Street, W. Street, UCI, CC BY 4.0; `sklearn.datasets.load_breast_cancer`.
    """

    known_classes: ClassVar[int | None] = 2

    def load(self, context: DataContext) -> Dataset:
        """Return all samples; there is no test part."""
        import numpy as np
        from sklearn.datasets import load_breast_cancer

        data = load_breast_cancer()
        samples = Samples(data.data.astype(np.float32), data.target.astype(np.int64))
        return Dataset(samples, class_names=tuple(str(name) for name in data.target_names))
