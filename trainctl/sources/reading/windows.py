"""Windows over rows that follow each other in time, and the stretches of rows that they stay within."""

from __future__ import annotations

from dataclasses import dataclass
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
        rate: Rows from one of them to the next.
    """

    def __init__(self, rows: NDArray[np.float32], begins: NDArray[np.int64], window: int, rate: int = 1) -> None:
        super().__init__((len(begins), window, rows.shape[1]), "float32")
        self._rows, self._begins, self._window, self._rate = rows, begins, window, rate

    def __getitem__(self, indices: NDArray[np.int64]) -> Array:
        import numpy as np

        cut: Array = self._rows[self._begins[indices][:, None] + self._rate * np.arange(self._window)]
        return cut


@dataclass(frozen=True, slots=True)
class Stretches:
    """Rows that follow each other without a gap, within one series.

    Args:
        firsts: The first row of each stretch, int64.
        lengths: How many rows each has, int64.
    """

    firsts: Array
    lengths: Array

    @classmethod
    def between(cls, breaks: Array, usable: Array) -> Stretches:
        """Return the stretches of usable rows.

        Args:
            breaks: Whether a new stretch begins at each row, bool (rows,).
            usable: Whether each row has all of its values, bool (rows,).
        """
        import numpy as np

        before = np.concatenate([[False], usable[:-1]])
        starts = usable & (breaks | ~before)
        return cls(np.flatnonzero(starts), np.bincount(np.cumsum(starts)[usable] - 1, minlength=int(starts.sum())))

    @property
    def longest(self) -> int:
        """Rows of the longest."""
        return int(self.lengths.max()) if len(self.lengths) else 0

    def count(self, span: int, stride: int) -> Array:
        """How many windows of `span` rows each stretch holds, int64."""
        import numpy as np

        counts: Array = np.maximum((self.lengths - span) // stride + 1, 0)
        return counts

    def begins(self, span: int, stride: int, *, to_the_end: bool = False) -> tuple[Array, Array]:
        """The row at which each window begins, and the number of its stretch.

        Args:
            span: Rows from the first of a window to its last.
            stride: Rows between the begins of two windows.
            to_the_end: Whether the last window of a stretch ends with it; else the first begins with it.
        """
        import numpy as np

        counts = self.count(span, stride)
        rest = (self.lengths - span) % stride if to_the_end else np.zeros_like(counts)
        parts = [
            first + skipped + np.arange(count) * stride
            for first, skipped, count in zip(self.firsts, rest, counts, strict=True)
        ]
        owner = np.repeat(np.arange(len(counts)), counts)
        return (np.concatenate(parts) if parts else np.zeros(0)).astype(np.int64), owner
