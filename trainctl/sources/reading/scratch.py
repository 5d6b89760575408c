"""Files without a name in the temporary folder (`TMPDIR`), which are gone with the process however that ends."""

from __future__ import annotations

import errno
import mmap
import os
import tempfile
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from trainctl.aliases import Array
from trainctl.errors import DataError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Of: TypeAlias = "int | slice | NDArray[np.int64]"
Index: TypeAlias = "Of | tuple[Of, Of]"
"""Which rows, and which of their columns."""

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
    """Rows of numbers, float32 (rows, columns), in a file: appended once, then read by index as of an array.

    Each read maps the file anew, so that what it touches counts to this process's memory no longer than the read.

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

    def __getitem__(self, key: Index) -> Array:
        import numpy as np

        mapped = mmap.mmap(self._file, 0, access=mmap.ACCESS_READ)
        found: Array = np.array(np.frombuffer(mapped, np.float32).reshape(self.shape)[key])
        return found


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
        ordered.append(numbers[order[begin : begin + _AT_ONCE]])
    return ordered
