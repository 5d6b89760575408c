"""The order of the samples: a function of seed and epoch, computed a window at a time, so that any step can be the first."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

Lengths: TypeAlias = "Callable[[NDArray[np.int64]], NDArray[np.int64]]"
"""Tells how long the samples of these indices are."""

WINDOW = 65_536
"""Samples that are shuffled together where neighbours are read together and `shuffle: true` names no other number."""


class Order:
    """Which samples a step takes.

    Samples that are cheap to read together stand in stretches. Each epoch draws an order of the stretches, takes as many
    of them as hold a window of samples, and shuffles within the window.

    Args:
        count: Number of samples.
        batch_size: Samples a step; the last step of an epoch takes the rest.
        shuffle: Whether to shuffle, and within a window of how many samples where that is a number.
        seed: For the orders.
        stretches: How many samples each stretch holds; `None` if any sample is as near as any other.
        bucket: Samples within which those of similar length come into one batch; 0 leaves lengths alone.
        lengths: Tells how long samples are.
    """

    def __init__(
        self,
        count: int,
        batch_size: int,
        shuffle: bool | int,
        seed: int,
        stretches: NDArray[np.int64] | None = None,
        bucket: int = 0,
        lengths: Lengths | None = None,
    ) -> None:
        self._count, self._batch_size, self._shuffle, self._seed = count, batch_size, shuffle, seed
        self._lengths, self._bucket = lengths, -(-bucket // batch_size) * batch_size
        wanted = WINDOW if shuffle is True or not shuffle else shuffle
        if stretches is None:
            wanted = count if isinstance(shuffle, bool) else shuffle
            stretches = np.diff(np.append(np.arange(0, count, wanted), count))
        self._sizes = stretches
        self._begins = np.cumsum(stretches) - stretches
        self.together = max(1, min(len(stretches), round(wanted / max(1.0, float(stretches.mean())))))
        """How many stretches a window holds."""
        self._epoch = lru_cache(maxsize=2)(self._draw_epoch)
        self._window = lru_cache(maxsize=3)(self._draw_window)

    @property
    def steps(self) -> int:
        """Steps of an epoch."""
        return -(-self._count // self._batch_size)

    def indices(self, step: int) -> NDArray[np.int64]:
        """Return the samples of the global step `step`, counted from 0 over all epochs."""
        epoch, within = divmod(step, self.steps)
        begin = within * self._batch_size
        end = min(begin + self._batch_size, self._count)
        _, ends = self._epoch(epoch)
        parts = []
        while begin < end:
            window = int(np.searchsorted(ends, begin, side="right"))
            first = int(ends[window - 1]) if window else 0
            upto = min(end, int(ends[window]))
            parts.append(self._window(epoch, window)[begin - first : upto - first])
            begin = upto
        return np.concatenate(parts)

    def _draw_epoch(self, epoch: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the order of the stretches, and the position at which each window ends."""
        count = len(self._sizes)
        order = np.random.default_rng([self._seed, epoch]).permutation(count) if self._shuffle else np.arange(count)
        last = np.minimum(np.arange(self.together, count + self.together, self.together), count) - 1
        return order, np.cumsum(self._sizes[order])[last]

    def _draw_window(self, epoch: int, window: int) -> NDArray[np.int64]:
        order, _ = self._epoch(epoch)
        chosen = order[window * self.together : (window + 1) * self.together]
        indices = np.concatenate([self._begins[each] + np.arange(self._sizes[each]) for each in chosen])
        draws = np.random.default_rng([self._seed, epoch, window]) if self._shuffle else None
        if draws is not None:
            draws.shuffle(indices)
        return indices if self._lengths is None else self._by_length(indices, epoch, window, draws)

    def _by_length(
        self, indices: NDArray[np.int64], epoch: int, window: int, draws: np.random.Generator | None
    ) -> NDArray[np.int64]:
        """Return the samples of a window so that each batch holds those of similar length."""
        _, ends = self._epoch(epoch)
        begun = int(ends[window - 1]) % self._batch_size if window else 0
        rest = indices[(self._batch_size - begun) % self._batch_size :]  # those before complete the last window's batch
        pools = [rest[begin : begin + self._bucket] for begin in range(0, len(rest), self._bucket)]
        ordered = [batch for pool in pools for batch in self._batches(pool, draws)]
        return np.concatenate([indices[: len(indices) - len(rest)], *ordered])

    def _batches(self, pool: NDArray[np.int64], draws: np.random.Generator | None) -> list[NDArray[np.int64]]:
        """Return batches of similar length in random order; one that is not full comes last, whatever its length."""
        measured = self._lengths(pool) if self._lengths is not None else pool
        pool = pool[np.argsort(measured, kind="stable")]
        full, left = divmod(len(pool), self._batch_size)
        place = (int(draws.integers(full + 1)) if draws is not None else full) * self._batch_size
        small = pool[place : place + left]
        batches = np.split(np.delete(pool, np.s_[place : place + left]), full) if full else []
        order = draws.permutation(full) if draws is not None else range(full)
        return [*(batches[number] for number in order), small]
