"""Digits: small handwritten digits that scikit-learn brings along."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from trainctl.components.dataset import Dataset, Samples
from trainctl.components.spec import SourceSpec, source

if TYPE_CHECKING:
    from trainctl.components.context import DataContext


@source("Digits")
class Digits(SourceSpec):
    """Small handwritten digits: 1,797 grey images in 10 classes, without a network.

    Shapes:
        x: float32 (n, 8, 8, 1), whole values in 0-16.
        y: int64 (n,), the digit.

    Source: E. Alpaydin, C. Kaynak, Optical Recognition of Handwritten Digits, UCI (its test part), CC BY 4.0;
    `sklearn.datasets.load_digits`.
    """

    known_classes: ClassVar[int | None] = 10

    def load(self, context: DataContext) -> Dataset:
        """Return all images; there is no test part."""
        import numpy as np
        from sklearn.datasets import load_digits

        data = load_digits()
        samples = Samples(data.images[..., np.newaxis].astype(np.float32), data.target.astype(np.int64))
        return Dataset(samples, class_names=tuple("0123456789"))
