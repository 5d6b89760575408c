"""Splits of data that is larger than memory: drawn block by block."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from trainctl.aliases import Array, Data
from trainctl.components.dataset import Changed, ColumnKind, Samples, is_array
from trainctl.data.draw import Fold, Rules, fair_order, last_first
from trainctl.data.folds import folds_of_groups
from trainctl.data.times import times
from trainctl.sources.reading.blocks import Block, BlockRows, Blocks

if TYPE_CHECKING:
    from numpy.typing import NDArray

_MANY_GROUPS = 100_000

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
            if rules.fold is not None:
                return _in_folds(samples, rules, rules.fold)
            return _by_chance(samples, rules.validation or 0, rules.test or 0, rules)
        chosen = _by_chance(samples, 0, 0, rules)
        if rules.group is not None:
            part = _by_group(blocks, samples.extra[rules.group].name, chosen, rules)
        else:
            part = _by_time(blocks, samples.extra[rules.time or ""].name, chosen, sizes, rules)
        counts = [np.bincount(part(number), minlength=4) for number in range(len(blocks))]
        return cls(part, np.array(counts).reshape(-1, 4))

    def rows_of(self, number: int) -> NDArray[np.int64]:
        """Return the numbers (from 0) of the rows of part `number` among all rows, in their order."""
        sizes = self.counts.sum(axis=1)
        begins = np.cumsum(sizes) - sizes
        found = [begin + np.flatnonzero(self.part(block) == number) for block, begin in enumerate(begins)]
        return np.concatenate(found)


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
    ends, share = blocks_of(samples).ends, _share_used(samples, rules)
    counts = _counts([validation * share, (validation + test) * share, share], ends)
    return Drawn(_in_fair_order(samples, rules, np.arange(4, dtype=np.uint8), counts), counts)


def _in_folds(samples: Samples, rules: Rules, fold: Fold) -> Drawn:
    """Split each block by shares into folds, of which one is held out; what is validated on is taken from the others."""
    share = _share_used(samples, rules)
    in_fold = _counts([share * (number + 1) / fold.k for number in range(fold.k)], blocks_of(samples).ends)
    before, held_out = in_fold[:, : fold.number].sum(axis=1), in_fold[:, fold.number]
    left = in_fold[:, : fold.k].sum(axis=1) - held_out
    validated = np.diff(np.round((rules.validation or 0) * np.append(0, left.cumsum()))).astype(np.int64)
    validated = np.minimum(validated, left)
    early = np.minimum(validated, before)
    # around the fold: what is validated on comes first, then what is trained on
    owners = np.array([0, 2, 1, 0, 2, LEFT_OUT], np.uint8)
    late = validated - early
    sizes = [early, before - early, held_out, late, left - before - late, in_fold[:, fold.k]]
    counts = np.stack([validated, held_out, left - validated, in_fold[:, fold.k]], axis=1)
    return Drawn(_in_fair_order(samples, rules, owners, np.stack(sizes, axis=1)), counts)


def _share_used(samples: Samples, rules: Rules) -> float:
    """Return the share of the rows that the limit leaves."""
    return 1.0 if rules.limit is None else min(1.0, rules.limit / int(blocks_of(samples).ends[-1]))


def _counts(bounds: Sequence[float], ends: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return how many rows of each block lie below the first bound, between it and the next, … and above the last.

    Args:
        bounds: Ascending, in 0-1.
        ends: Where each block ends among all rows.
    """
    whole = np.append(0, ends)[:, np.newaxis]
    upto = np.diff(np.round(np.array([0.0, *bounds, 1.0]) * whole), axis=0)
    upto = np.maximum.accumulate(upto, axis=1)  # rounding may cross in tiny blocks
    return np.diff(upto, axis=1).astype(np.int64)


def _in_fair_order(
    samples: Samples, rules: Rules, owners: NDArray[np.uint8], sizes: NDArray[np.int64]
) -> Callable[[int], NDArray[np.uint8]]:
    """Return the parts of the rows of a block: those of a fair order belong to one owner after the other.

    Args:
        samples: The rows.
        rules: Whether classes stay in proportion; the seed.
        owners: The parts.
        sizes: How many rows of each block each owner gets, (blocks, owners).
    """
    blocks = blocks_of(samples)
    stratify = rules.stratify and not isinstance(samples.y, dict)

    def part(number: int) -> NDArray[np.uint8]:
        rng = np.random.default_rng([rules.seed, 1, number])
        labels = blocks[number][samples.y.name] if stratify else np.empty(int(blocks.sizes[number]))
        parts = np.empty(len(labels), np.uint8)
        parts[fair_order(labels, stratify, rng)] = np.repeat(owners, sizes[number])
        return parts

    return part


def _by_group(blocks: Blocks, name: str, chosen: Drawn, rules: Rules) -> Callable[[int], NDArray[np.uint8]]:
    """Return the place of each group in 0-1, which decides its split."""
    validation, test, fold = rules.validation or 0, rules.test or 0, rules.fold
    fold_of = None if fold is None else _fold_of_group(blocks, name, rules, fold.k)

    def owner(group: str) -> int:
        place = _share_of(group, rules.seed)
        if fold is None or fold_of is None:
            return 0 if place < validation else 1 if place < validation + test else 2
        if fold_of(group) == fold.number:
            return 1
        return 0 if _share_of(f"{group}/validation", rules.seed) < validation else 2

    def part(number: int) -> NDArray[np.uint8]:
        groups, which = np.unique(blocks[number][name].astype(str), return_inverse=True)
        parts = np.array([owner(group) for group in groups], np.uint8)
        return np.maximum(parts[which], _left_out(chosen, number))

    return part


def _fold_of_group(blocks: Blocks, name: str, rules: Rules, k: int) -> Callable[[str], int]:
    """Return what tells the fold (from 0) of a group: few groups are counted and shared out evenly, many are drawn."""
    counts: Counter[str] = Counter()
    for number in range(len(blocks)):
        groups, sizes = np.unique(blocks[number][name].astype(str), return_counts=True)
        counts.update(dict(zip(groups.tolist(), sizes.tolist(), strict=True)))
        if len(counts) > _MANY_GROUPS:  # which chance shares out evenly enough, without a memory of each
            return lambda group: int(_share_of(group, rules.seed) * k)
    names = sorted(counts)
    folds = folds_of_groups(np.array([counts[each] for each in names]), rules, name, k)
    return dict(zip(names, folds.tolist(), strict=True)).__getitem__


def _share_of(group: str, seed: int) -> float:
    """Return a place for the group in 0-1, drawn by the seed."""
    digest = hashlib.blake2b(f"{seed}/{group}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64


def _by_time(
    blocks: Blocks, name: str, chosen: Drawn, sizes: Sequence[int], rules: Rules
) -> Callable[[int], NDArray[np.uint8]]:
    """Split rows in the order of time, by number, so that rows with equal times fill all parts. One byte per row is held."""
    whole = np.concatenate([times(blocks[number][name], name) for number in range(len(blocks))])
    parts = np.concatenate([_left_out(chosen, number) for number in range(len(blocks))])
    among = np.flatnonzero(parts != LEFT_OUT)
    if rules.fold is None:
        order = among[last_first(whole[among], sum(sizes))]
        for number, rows in enumerate(np.split(order, np.cumsum(sizes))):
            parts[rows] = number
        return np.split(parts, blocks.ends[:-1]).__getitem__
    stretches = np.array_split(among[np.argsort(whole[among], kind="stable")], rules.fold.k + 1)
    earlier = np.concatenate(stretches[: rules.fold.number + 1])
    validated = max(1, round(rules.validation * len(earlier))) if rules.validation else 0
    parts[among] = LEFT_OUT
    parts[stretches[rules.fold.number + 1]] = 1
    parts[earlier] = 2
    parts[earlier[len(earlier) - validated :]] = 0
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
