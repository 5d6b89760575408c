"""CaliforniaHousing: districts and what their houses cost, downloaded once."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from trainctl.components.dataset import Dataset, Samples
from trainctl.components.spec import SourceSpec, source
from trainctl.sources.reading.download import RemoteFile, fetch

if TYPE_CHECKING:
    from trainctl.components.context import DataContext

FILE = RemoteFile(
    name="california_housing.npz",
    url="https://storage.googleapis.com/tensorflow/tf-keras-datasets/california_housing.npz",
    sha256="1a2e3a52e0398de6463aebe6f4a8da34fb21fbb6b934cf88c3425e766f2a1a6f",
)


@source("CaliforniaHousing")
class CaliforniaHousing(SourceSpec):
    """House prices of 20,640 Californian districts in 1990, 8 measurements of each; a regression.

    Shapes:
        x: float32 (n, 8): longitude, latitude, age of the houses, rooms, bedrooms, people, households, income; not scaled.
        y: float32 (n,), the median value of a house in US dollars.

    The file, name and hash are those of `keras.datasets.california_housing`, 1 MB, kept in Keras's cache.

    Source: R. K. Pace, R. Barry (1997), Sparse Spatial Autoregressions; the 1990 U.S. census, public domain.
    """

    known_numbers: ClassVar[bool] = True

    def load(self, context: DataContext) -> Dataset:
        """Return all districts; there is no test part.

        Raises:
            DownloadError: The file is not cached and the network does not bring it.
        """
        import numpy as np

        with np.load(fetch(FILE, context), allow_pickle=False) as arrays:
            x, y = (arrays[name].astype(np.float32) for name in ("x", "y"))
        return Dataset(Samples(x, y))
