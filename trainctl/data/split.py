"""Training, validation and test samples: drawn with a seed, stratified, in groups, or by time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from trainctl.components.dataset import stretches
from trainctl.data.block_splits import Drawn, parted
from trainctl.data.draw import Rules, fair_order, last_first
from trainctl.data.folds import hold_out, require_enough
from trainctl.data.times import times
from trainctl.errors import DataError
from trainctl.text import one_of, plural

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from trainctl.components.dataset import Dataset, Samples


@dataclass(frozen=True, slots=True)
class Splits:
    """What to train on, to validate after each epoch, and to evaluate at the end.

    Args:
        train: To train on.
        validation: To validate on.
        test: To evaluate on.
        held_out: Finds the numbers (from 0) of the test samples among all samples, where they are a fold of these.
    """

    train: Samples
    validation: Samples | None
    test: Samples | None
    held_out: Callable[[], NDArray[np.int64]] | None = None


def each_split(splits: Splits, change: Callable[[Samples], Samples]) -> Splits:
    """Return the splits, those that there are changed."""
    validation, test = splits.validation, splits.test
    return Splits(change(splits.train), validation and change(validation), test and change(test))


def split(dataset: Dataset, rules: Rules) -> Splits:
    """Return the splits of `dataset`, the same for the same seed; in each, the samples keep their order.

    Raises:
        DataError: A split would be empty, or a share is set where the data brings a part of its own.
    """
    _require_no_other(dataset, rules)
    if stretches(dataset.train.y) is not None:
        return _of_stream(dataset, rules)
    indices, held_out = _limited(dataset.train, rules), None
    if rules.fold is not None:
        held_out, indices = hold_out(dataset, indices, rules, rules.fold)
    sizes = _sizes(len(indices), rules)
    drawn = _grouped(dataset, indices, sizes, rules) if rules.group else _drawn(dataset, indices, sizes, rules)
    if held_out is not None:
        sizes[1], drawn[1] = len(held_out), held_out
    if dataset.overlap:
        drawn = _apart(drawn, dataset.overlap, rules)
    _require_some(sizes, drawn, rules)
    validation_samples, test_samples = (dataset.train.take(part) if len(part) else None for part in drawn[:2])
    return Splits(
        dataset.train.take(drawn[2]),
        dataset.validation or validation_samples,
        dataset.test or test_samples,
        None if held_out is None else (lambda: drawn[1]),
    )


def _require_no_other(dataset: Dataset, rules: Rules) -> None:
    """Refuse a split that the data brings itself.

    Raises:
        DataError: It brings one.
    """
    for name, share, own in (("validation", rules.validation, dataset.validation), ("test", rules.test, dataset.test)):
        if share and own is not None:
            raise DataError(
                f"the data has its own {name} split ({len(own):,} samples), but {name}_split: {share:g} is set",
                hint=f"remove {name}_split",
            )
    if rules.fold is not None and dataset.test is not None:
        raise DataError(
            f"the data has its own test split ({len(dataset.test):,} samples), but each run of data.folds tests on a fold",
            hint="remove folds, or use a source with training samples only",
            path="data.folds",
        )


def _limited(samples: Samples, rules: Rules) -> NDArray[np.int64]:
    indices = np.arange(len(samples))
    if rules.limit is None or rules.limit >= len(samples):
        return indices
    return fair_order(samples.y, rules.stratify, np.random.default_rng([rules.seed, 0]))[: rules.limit]


def _sizes(count: int, rules: Rules) -> list[int]:
    """Return how many samples are validated and tested on."""
    shares = {"validation_split": rules.validation, "test_split": rules.test}
    sizes = [max(1, round(share * count)) if share else 0 for share in shares.values()]
    if sum(sizes) >= count:
        wanted = " and ".join(f"{name}: {share:g}" for name, share in shares.items() if share)
        raise DataError(
            f"{wanted or 'training'} of {count:,} samples leaves no training samples",
            hint="use more samples or smaller splits",
        )
    return sizes


def _drawn(dataset: Dataset, indices: NDArray[np.int64], sizes: list[int], rules: Rules) -> list[NDArray[np.int64]]:
    """Return the `indices` of validation, test and training samples, each sorted: drawn, or the last ones."""
    if rules.time is not None:
        when = times(dataset.train.extra[rules.time][indices], rules.time)
        order = last_first(when, sum(sizes))
    elif dataset.ordered:
        order = last_first(indices, sum(sizes))
    else:
        y, rng = dataset.train.y, np.random.default_rng([rules.seed, 1])
        parts = 1 + sum(size > 0 for size in sizes)
        looked_at = rules.stratify and not isinstance(y, dict) and y.ndim == 1
        chosen = y[indices] if looked_at else y  # masks of all samples may not fit into memory
        order = fair_order(chosen, rules.stratify, rng, rare=parts, count=len(indices))
    return [np.sort(indices[part]) for part in np.split(order, np.cumsum(sizes))]


def _apart(drawn: list[NDArray[np.int64]], overlap: int, rules: Rules) -> list[NDArray[np.int64]]:
    """Return the indices of validation, test and training samples without those that share something with an earlier split.

    Raises:
        DataError: None are left of a split: it is shorter than what one sample spans.
    """
    validation, tested, train = drawn
    apart = [_after(train, validation, overlap), _after(np.append(train, validation), tested, overlap), train]
    test = ("data.test_split", rules.test) if rules.fold is None else ("data.folds", rules.fold.k)
    for (path, share), before, left in zip(
        (("data.validation_split", rules.validation), test), drawn, apart, strict=False
    ):
        if len(before) and not len(left):
            raise DataError(
                f"{path.removeprefix('data.')}: {share:g} is {plural(len(before), 'window')}, which is shorter than one window and what it "
                f"predicts: windows that share a row with the split before, {overlap:,} here, are not used",
                hint="use a larger split, more rows, or a shorter window or horizon",
                path=path,
            )
    return apart


def _after(earlier: NDArray[np.int64], part: NDArray[np.int64], overlap: int) -> NDArray[np.int64]:
    """Return those of `part` that share nothing with any `earlier` sample, all of which come before."""
    later: NDArray[np.int64] = part[part > earlier.max() + overlap]
    return later


def _grouped(dataset: Dataset, indices: NDArray[np.int64], sizes: list[int], rules: Rules) -> list[NDArray[np.int64]]:
    """Whole groups in random order, each to the first split that still has room for it; all others are trained on."""
    column = dataset.train.extra[rules.group or ""]
    names, group, counts = np.unique(column[indices].astype(str), return_inverse=True, return_counts=True)
    wanted = 1 + sum(size > 0 for size in sizes)
    if len(names) < wanted:
        raise DataError(
            f"column {rules.group!r} has {plural(len(names), 'group')}, too few for {wanted} splits",
            hint="split by another column, or use a separate source for a split",
        )
    part = np.full(len(names), 2)
    room = list(sizes)
    for each in np.random.default_rng([rules.seed, 1]).permutation(len(names)):
        fitting = [number for number in (0, 1) if room[number] > 0 and counts[each] <= 2 * room[number]]
        if fitting and (part == 2).sum() > 1:
            part[each] = fitting[0]
            room[fitting[0]] -= counts[each]
    return [np.sort(indices[part[group] == number]) for number in range(3)]


def _require_some(sizes: list[int], drawn: list[NDArray[np.int64]], rules: Rules) -> None:
    names = ("validation", "test", "training")
    empty = [name for name, size, part in zip(names, [*sizes, 1], drawn, strict=True) if size and not len(part)]
    if empty:
        how = f"by groups of {rules.group!r} " if rules.group else ""
        raise DataError(
            f"the split {how}leaves no samples for {one_of(empty, 'and')}",
            hint="change the shares, or use a separate source for the split",
        )


def _of_stream(dataset: Dataset, rules: Rules) -> Splits:
    """Split stretch by stretch, so that nothing is held in memory for each sample."""
    count = min(len(dataset.train), rules.limit or len(dataset.train))
    if rules.fold is not None:
        require_enough(count, rules.fold, in_time=rules.time is not None)
    sizes = _sizes(count, rules)
    draw = Drawn.of(dataset.train, sizes, rules)
    sizes[1] = sizes[1] if rules.fold is None else 1
    parts = [
        parted(dataset.train, draw, number) if size else None
        for number, size in zip((0, 1, 2), [*sizes, 1], strict=True)
    ]
    _require_some(sizes, [np.arange(0 if part is None else len(part)) for part in parts], rules)
    train = parts[2]
    if train is None:  # the third always is
        raise RuntimeError("no training part")
    held_out = None if rules.fold is None else partial(draw.rows_of, 1)
    return Splits(train, dataset.validation or parts[0], dataset.test or parts[1], held_out)
