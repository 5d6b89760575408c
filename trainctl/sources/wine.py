"""Wine: chemical analyses of wines."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from trainctl.components.dataset import Dataset, Samples
from trainctl.components.spec import SourceSpec, source

if TYPE_CHECKING:
    from trainctl.components.context import DataContext


@source("Wine")
class Wine(SourceSpec):
    """Wines: 178 wines of 3 growers, 13 chemical measurements of each.

    Shapes:
        x: float32 (n, 13): alcohol, malic acid, ash … proline, each in its own unit.
        y: int64 (n,), the grower.

    Source: S. Aeberhard, M. Forina, Wine, UCI, CC BY 4.0; `sklearn.datasets.load_wine`.
    """

    known_classes: ClassVar[int | None] = 3

    def load(self, context: DataContext) -> Dataset:
        """Return all samples; there is no test part."""
        import numpy as np
        from sklearn.datasets import load_wine

        data = load_wine()
        samples = Samples(data.data.astype(np.float32), data.target.astype(np.int64))
        return Dataset(samples, class_names=tuple(str(name) for name in data.target_names))
