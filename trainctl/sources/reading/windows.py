"""Windows over rows that follow each other in time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trainctl.aliases import Array
from trainctl.components.dataset import Rows

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Windows(Rows):
    """Windows of rows, float32 (n, window, features), cut out on demand.

    Args:
        rows: float32 (rows, features).
        begins: The row at which each window begins, int64 (n,).
        window: Rows of a window.
    """

    def __init__(self, rows: NDArray[np.float32], begins: NDArray[np.int64], window: int) -> None:
        super().__init__((len(begins), window, rows.shape[1]), "float32")
        self._rows, self._begins, self._window = rows, begins, window

    def __getitem__(self, indices: NDArray[np.int64]) -> Array:
        import numpy as np

        cut: Array = self._rows[self._begins[indices][:, None] + np.arange(self._window)]
        return cut
