"""Splits of data that is larger than memory: drawn block by block."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from trainctl.aliases import Array, Data
from trainctl.components.dataset import Changed, ColumnKind, Samples, is_array
from trainctl.data.draw import Rules, fair_order, last_first
from trainctl.data.times import times
from trainctl.sources.reading.blocks import Block, BlockRows, Blocks

if TYPE_CHECKING:
    from numpy.typing import NDArray

LEFT_OUT = 3
"""The number of the part that no split takes."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """Which part each row of a block belongs to: 0 validation, 1 test, 2 training, 3 left out.

    Args:
        part: The parts of the rows of block `number`, uint8.
        counts: How many rows of each part each block has, (blocks, 4).
    """

    part: Callable[[int], NDArray[np.uint8]]
    counts: NDArray[np.int64]

    @classmethod
    def of(cls, samples: Samples, sizes: Sequence[int], rules: Rules) -> Drawn:
        """Draw the parts.

        Args:
            samples: Whose values are `BlockRows`.
            sizes: How many rows are validated and tested on, where their time decides.
            rules: The shares, the group, the time, the limit and the seed.
        """
        blocks = blocks_of(samples)
        if rules.group is None and rules.time is None:
            return _by_chance(samples, rules.validation or 0, rules.test or 0, rules)
        chosen = _by_chance(samples, 0, 0, rules)
        if rules.group is not None:
            part = _by_group(blocks, samples.extra[rules.group].name, chosen, rules)
        else:
            part = _by_time(blocks, samples.extra[rules.time or ""].name, chosen, sizes)
        counts = [np.bincount(part(number), minlength=4) for number in range(len(blocks))]
        return cls(part, np.array(counts).reshape(-1, 4))


def parted(samples: Samples, drawn: Drawn, number: int) -> Samples:
    """Return the samples of part `number`."""
    blocks = blocks_of(samples)

    def load(block: int) -> Block:
        rows = np.flatnonzero(drawn.part(block) == number)
        return {name: array[rows] for name, array in blocks[block].items()}

    part = Blocks(drawn.counts[:, number].astype(np.int64), load)
    return rebound(samples, part)


def relabeled(samples: Samples, change: Callable[[Array], Array]) -> Samples:
    """Return the samples with changed labels."""
    blocks, name = blocks_of(samples), samples.y.name

    def load(number: int) -> Block:
        block = blocks[number]
        return {**block, name: change(block[name])}

    return rebound(samples, Blocks(blocks.sizes, load))


def blocks_of(samples: Samples) -> Blocks:
    """Return the blocks that hold the samples."""
    first = next(iter(samples.y.values())) if isinstance(samples.y, dict) else samples.y
    blocks: Blocks = first.blocks
    return blocks


def rebound(samples: Samples, blocks: Blocks) -> Samples:
    """Return the same columns of other blocks."""

    def of(rows: Data) -> Data:
        if isinstance(rows, dict):
            return {name: of(each) for name, each in rows.items()}
        return rows.of(blocks) if isinstance(rows, BlockRows) else rows

    return Samples(of(samples.x), of(samples.y), of(samples.weight), of(dict(samples.extra)))


def encoded(samples: Samples, encode: Callable[[Samples, int], NDArray[np.float32]], features: int) -> Samples:
    """Return the samples of a table with the feature vectors (n, features) in the place of its columns.

    Args:
        samples: The samples.
        encode: From the samples of a block, and the number of the first of them, to their feature vectors.
        features: How many features there are.
    """
    blocks = blocks_of(samples)
    labels = samples.y.values() if isinstance(samples.y, dict) else [samples.y]
    kept = [each.name for each in labels] + ([] if samples.weight is None else [samples.weight.name])

    def load(number: int) -> Block:
        block = blocks[number]
        rows = Samples({name: block[column.name] for name, column in samples.x.items()}, block[kept[0]])
        start = int(blocks.ends[number] - blocks.sizes[number])
        return {"features": encode(rows, start), **{name: block[name] for name in kept}}

    changed = Blocks(blocks.sizes, load)
    whole = rebound(Samples(None, samples.y, samples.weight), changed)
    return whole.with_x(BlockRows(changed, "features", (features,), "float32"))


def _by_chance(samples: Samples, validation: float, test: float, rules: Rules) -> Drawn:
    """Split each block by shares; the number of rows follows from its place, so nothing needs to be read."""
    blocks = blocks_of(samples)
    stratify = rules.stratify and not isinstance(samples.y, dict)
    share = 1.0 if rules.limit is None else min(1.0, rules.limit / int(blocks.ends[-1]))
    bounds = np.array([0.0, validation * share, (validation + test) * share, share, 1.0])
    whole = np.append(0, blocks.ends)[:, np.newaxis]
    upto = np.maximum.accumulate(np.diff(np.round(bounds * whole), axis=0), axis=1)  # rounding may cross in tiny blocks
    counts = np.diff(upto, axis=1).astype(np.int64)

    def part(number: int) -> NDArray[np.uint8]:
        rng = np.random.default_rng([rules.seed, 1, number])
        labels = blocks[number][samples.y.name] if stratify else np.empty(int(blocks.sizes[number]))
        parts = np.empty(len(labels), np.uint8)
        parts[fair_order(labels, stratify, rng)] = np.repeat(np.arange(4, dtype=np.uint8), counts[number])
        return parts

    return Drawn(part, counts)


def _by_group(blocks: Blocks, name: str, chosen: Drawn, rules: Rules) -> Callable[[int], NDArray[np.uint8]]:
    """Return the place of each group in 0-1, which decides its split."""
    validation, test = rules.validation or 0, rules.test or 0

    def part(number: int) -> NDArray[np.uint8]:
        groups, which = np.unique(blocks[number][name].astype(str), return_inverse=True)
        place = np.array([_share_of(group, rules.seed) for group in groups])
        parts = np.where(place < validation, 0, np.where(place < validation + test, 1, 2)).astype(np.uint8)
        return np.maximum(parts[which], _left_out(chosen, number))

    return part


def _share_of(group: str, seed: int) -> float:
    """Return a place for the group in 0-1, drawn by the seed."""
    digest = hashlib.blake2b(f"{seed}/{group}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64


def _by_time(blocks: Blocks, name: str, chosen: Drawn, sizes: Sequence[int]) -> Callable[[int], NDArray[np.uint8]]:
    """Split rows in the order of time, by number, so that rows with equal times fill all parts. One byte per row is held."""
    whole = np.concatenate([times(blocks[number][name], name) for number in range(len(blocks))])
    parts = np.concatenate([_left_out(chosen, number) for number in range(len(blocks))])
    among = np.flatnonzero(parts != LEFT_OUT)
    order = among[last_first(whole[among], sum(sizes))]
    for number, rows in enumerate(np.split(order, np.cumsum(sizes))):
        parts[rows] = number
    return np.split(parts, blocks.ends[:-1]).__getitem__


def _left_out(chosen: Drawn, number: int) -> NDArray[np.uint8]:
    """`LEFT_OUT` for the rows of a block that the limit leaves out, 0 for the others."""
    return chosen.part(number) // LEFT_OUT * LEFT_OUT


def columns(samples: Samples, named: dict[str, tuple[str, ColumnKind]]) -> Samples:
    """Return the samples of a table with the columns that the model takes as its inputs: (n, 1), float32 or text.

    Args:
        samples: The samples, with a value (n,) for each column.
        named: For each input the column that it takes, and what this holds.
    """

    def column(rows: Data, kind: ColumnKind) -> Data:
        dtype = "object" if kind.is_words else "float32"
        if is_array(rows):
            return rows.astype(dtype)[:, np.newaxis]
        return Changed(rows, lambda batch: batch.astype(dtype)[:, np.newaxis], (1,), dtype)

    return samples.with_x({name: column(samples.x[taken], kind) for name, (taken, kind) in named.items()})
