"""Windows over rows that follow each other in time, and the stretches of rows that they stay within."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trainctl.aliases import Array
from trainctl.components.dataset import Rows
from trainctl.sources.reading.scratch import NumbersOnDisk, taken

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Windows(Rows):
    """Windows of rows, float32 (n, window, features), cut out on demand.

    Args:
        rows: float32 (rows, columns), the features first.
        begins: The row at which each window begins, int64 (n,).
        window: Rows of a window.
        rate: Rows from one of them to the next.
        features: How many of the columns a window holds; `None` for all.
    """

    def __init__(
        self,
        rows: Array | NumbersOnDisk,
        begins: NDArray[np.int64],
        window: int,
        rate: int = 1,
        features: int | None = None,
    ) -> None:
        self._features = rows.shape[1] if features is None else features
        super().__init__((len(begins), window, self._features), "float32")
        self._rows, self._begins, self._window, self._rate = rows, begins, window, rate

    def __getitem__(self, indices: NDArray[np.int64]) -> Array:
        import numpy as np

        after = self._rate * np.arange(self._window)
        return taken(self._rows, self._begins[indices], after, slice(self._features))


class Following(Rows):
    """What follows each window, float32 (n, values, columns) without axes of length 1, looked up on demand.

    Args:
        rows: float32 (rows, columns).
        begins: The row at which each window begins, int64 (n,).
        after: How many rows later each of the values is.
        columns: Which of the columns it holds.
    """

    def __init__(
        self, rows: Array | NumbersOnDisk, begins: NDArray[np.int64], after: Sequence[int], columns: Sequence[int]
    ) -> None:
        super().__init__((len(begins), *(size for size in (len(after), len(columns)) if size > 1)), "float32")
        self._rows, self._begins, self._after, self._columns = rows, begins, after, columns

    def __getitem__(self, indices: NDArray[np.int64]) -> Array:
        import numpy as np

        found = taken(self._rows, self._begins[indices], np.array(self._after), [*self._columns])
        return found.reshape(len(indices), *self.shape[1:])

    def whole(self) -> Array:
        """Return all of them as an array."""
        import numpy as np

        return self[np.arange(len(self))]


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

        starts = usable & (breaks | ~np.concatenate([[False], usable[:-1]]))
        ends = usable & ~np.concatenate([(usable & ~starts)[1:], [False]])
        firsts = np.flatnonzero(starts)
        return cls(firsts, np.flatnonzero(ends) - firsts + 1)

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
        owner = np.repeat(np.arange(len(counts), dtype=np.int32), counts)
        return (np.concatenate(parts) if parts else np.zeros(0)).astype(np.int64), owner
