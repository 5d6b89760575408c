"""Files without a name in the temporary folder (`TMPDIR`), which are gone with the process however that ends."""

from __future__ import annotations

import errno
import os
import tempfile
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from trainctl.aliases import Array
from trainctl.errors import DataError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_AT_ONCE = 2**16  # rows


def unnamed_file() -> int:
    """Return the descriptor of an empty file without a name."""
    number, name = tempfile.mkstemp(prefix="trainctl-")
    Path(name).unlink()
    return number


def is_full(error: Exception) -> bool:
    """Return whether the error says that there is no room left on the disk."""
    return isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}


class NumbersOnDisk:
    """Rows of numbers, float32 (rows, columns), in a file: appended once, then read.

    The file is read, not mapped: what is mapped around 1,000 rows in random places is most of the file, and counts as memory.

    Args:
        columns: Numbers of a row.
    """

    def __init__(self, columns: int) -> None:
        self.shape = (0, columns)
        self._file = unnamed_file()
        weakref.finalize(self, os.close, self._file)

    def append(self, rows: NDArray[np.float32]) -> None:
        """Write further rows behind the others.

        Raises:
            DataError: There is no room for them.
        """
        left = memoryview(rows.tobytes())
        try:
            while left:
                left = left[os.write(self._file, left) :]
        except OSError as error:
            why = "is full" if is_full(error) else f"cannot be written: {error.strerror}"
            raise DataError(
                f"the numbers of the table do not fit into the temporary folder: {tempfile.gettempdir()} {why}",
                hint="set TMPDIR to a folder with more space",
            ) from error
        self.shape = (self.shape[0] + len(rows), self.shape[1])

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, rows: slice) -> Array:
        import numpy as np

        begin, end, _ = rows.indices(len(self))
        found: Array = self.runs(np.array([begin]), max(0, end - begin))[0]
        return found

    def runs(self, begins: NDArray[np.int64], count: int) -> Array:
        """Return the `count` rows from each of `begins` on, float32 (runs, count, columns)."""
        import numpy as np

        found = np.empty((len(begins), count, self.shape[1]), np.float32)
        places = begins * (found.itemsize * self.shape[1])
        for run, place in zip(found, places.tolist(), strict=True):
            os.preadv(self._file, [run.data], place)
        return found


def taken(
    numbers: Array | NumbersOnDisk, begins: NDArray[np.int64], after: NDArray[np.int64], columns: slice | list[int]
) -> Array:
    """Return some rows after others, float32 (begins, after, columns).

    Args:
        numbers: All rows.
        begins: The rows that are counted from, (begins,).
        after: How many rows later each one is, (after,).
        columns: Which of their columns.
    """
    if isinstance(numbers, NumbersOnDisk):
        first = after.min()
        found: Array = numbers.runs(begins + first, int(after.max() - first) + 1)[:, after - first]
        return found[..., columns]
    places = begins[:, None] + after
    chosen: Array = numbers[places, columns] if isinstance(columns, slice) else numbers[places[..., None], columns]
    return chosen


def pieces(numbers: Array | NumbersOnDisk) -> Iterator[Array]:
    """Yield the rows, some at a time."""
    for begin in range(0, len(numbers), _AT_ONCE):
        yield numbers[begin : begin + _AT_ONCE]


def in_order(numbers: Array | NumbersOnDisk, order: NDArray[np.int64]) -> Array | NumbersOnDisk:
    """Return the rows in another order, where they are: in memory or on disk."""
    if not isinstance(numbers, NumbersOnDisk):
        return numbers[order]
    ordered = NumbersOnDisk(numbers.shape[1])
    for begin in range(0, len(order), _AT_ONCE):
        ordered.append(numbers.runs(order[begin : begin + _AT_ONCE], 1)[:, 0])
    return ordered
