"""A table in blocks that are each read as one: rows of data that is larger than memory."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from trainctl.aliases import Array, Data
from trainctl.components.dataset import Rows

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Block = Mapping[str, Data]
"""Arrays of one length, by name."""


class Blocks:
    """Blocks of rows, the last few of which stay in memory.

    Args:
        sizes: How many rows each block holds.
        load: Reads block `number`.
    """

    def __init__(self, sizes: NDArray[np.int64], load: Callable[[int], Block]) -> None:
        self.sizes = sizes
        self.ends: NDArray[np.int64] = sizes.cumsum()
        self.keep = 1
        self._load = load
        self._kept: OrderedDict[int, Block] = OrderedDict()
        self._lock = threading.Lock()

    def __getitem__(self, number: int) -> Block:
        with self._lock:
            if number not in self._kept:
                while len(self._kept) >= self.keep:
                    self._kept.popitem(last=False)
                self._kept[number] = self._load(number)
            self._kept.move_to_end(number)
            return self._kept[number]

    def __len__(self) -> int:
        return len(self.sizes)


class BlockRows(Rows):
    """One of the arrays that blocks hold, as rows.

    Args:
        blocks: The blocks.
        name: Which array of each.
        shape: Shape of one row.
        dtype: Its type.
    """

    def __init__(self, blocks: Blocks, name: str, shape: tuple[int, ...] = (), dtype: str = "float64") -> None:
        super().__init__((int(blocks.ends[-1]) if len(blocks) else 0, *shape), dtype)
        self.blocks, self.name = blocks, name

    def __getitem__(self, indices: NDArray[np.int64]) -> Array:
        import numpy as np

        result = np.empty((len(indices), *self.shape[1:]), self.dtype)
        block = np.searchsorted(self.blocks.ends, indices, side="right")
        begins = self.blocks.ends - self.blocks.sizes
        for number in np.unique(block):
            here = block == number
            result[here] = self.blocks[int(number)][self.name][indices[here] - begins[number]]
        return result

    @property
    def stretches(self) -> NDArray[np.int64]:
        """The blocks' sizes."""
        return self.blocks.sizes

    def hold(self, count: int) -> None:
        """Keep the last `count` blocks in memory."""
        self.blocks.keep = count

    def of(self, blocks: Blocks) -> BlockRows:
        """Return the same array of other blocks."""
        return BlockRows(blocks, self.name, self.shape[1:], self.dtype.name)

    def as_type(self, dtype: str) -> BlockRows:
        """Return the same array, its values of another type."""
        return BlockRows(self.blocks, self.name, self.shape[1:], dtype)
