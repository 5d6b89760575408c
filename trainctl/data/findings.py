"""What is suspicious in a table before anybody trains on it: leaks, columns that cannot generalise, copies, drift.

All looks at a sample of bounded size, so that it takes about as long for a large table as for a small one.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from trainctl.aliases import Array, Data
from trainctl.components.dataset import ColumnKind, Samples, is_array, read, stretches
from trainctl.text import plural

SAMPLE = 20_000
"""Rows that are looked at, of each split."""

_FEWEST = 20  # rows below which nothing can be said
_ALONE = 0.98  # share of the held-out labels, or of their variance, that a column alone may predict
_SAME_TEXT = 0.5  # share of different texts from which on a category names the row rather than a group of rows
_NINES = frozenset(float(sign * (10**digits - 1)) for digits in (2, 3, 4, 5, 6) for sign in (-1, 1)) - {99.0}
"""Numbers by which people mean that there is none."""
_AWAY = 5  # times the range of the others, that such a number is from them
_DRIFT = 0.2  # distance of two distributions, from 0 to 1, beyond what chance explains


@dataclass(frozen=True, slots=True)
class Finding:
    """Something suspicious.

    Args:
        code: `leakage`, `near-unique`, `constant`, `missing`, `duplicates` or `drift`.
        column: The column; `None` where it is about whole rows.
        fact: What it is.
        advice: What to do about it.
    """

    code: str
    column: str | None
    fact: str
    advice: str

    @property
    def text(self) -> str:
        """What it is, and what to do about it."""
        return f"{self.fact}; {self.advice}"

    @property
    def record(self) -> Mapping[str, str | None]:
        """Its code, column and text, for programs."""
        return {"code": self.code, "column": self.column, "text": self.text}


def find_problems(
    columns: Mapping[str, ColumnKind], train: Samples, other: Samples | None, test: Samples | None = None
) -> list[Finding]:
    """Look for what is suspicious in a table.

    Args:
        columns: The columns to learn from, and what each holds.
        train: The samples to train on, not encoded: for each column values (n,).
        other: The samples to validate on.
        test: The samples to test on.

    Returns:
        What was found, in the order of the columns.
    """
    sample, held_out = sampled(train), None if other is None else sampled(other)
    y = sample.y if not isinstance(sample.y, Mapping) and sample.y.ndim == 1 else None
    found: list[Finding] = []
    for name, kind in columns.items():
        values = sample.x[name]
        first = next(_of_column(name, kind, values, y), None)
        found += [] if first is None else [first]
        if held_out is not None and first is None:
            found += _drift(name, kind, values, held_out.x[name])
    for what, part in (("validate", held_out), ("test", None if test is None else sampled(test))):
        found += [] if part is None else _duplicates(columns, sample, part, what)
    return found


def leave_out(column: str) -> str:
    """Return the line beside the path of the data that leaves a column out."""
    is_plain = column.replace("_", "a").isalnum() and not column.isdigit()
    return f"exclude: [{column if is_plain else json.dumps(column, ensure_ascii=False)}]"


def sampled(samples: Samples) -> Samples:
    """Return at most `SAMPLE` of the samples, in memory: spread evenly, or the first where they are read in blocks."""
    count = len(samples)
    if stretches(samples.y) is not None:
        indices = np.arange(min(count, SAMPLE))
    else:
        indices = np.unique(np.linspace(0, count - 1, min(count, SAMPLE)).astype(np.int64))

    def chosen(rows: Data) -> Data:
        if isinstance(rows, Mapping):
            return {name: chosen(each) for name, each in rows.items()}
        return rows[indices] if is_array(rows) else read(rows, indices)

    return Samples(chosen(samples.x), chosen(samples.y))


def _of_column(name: str, kind: ColumnKind, values: Array, y: Array | None) -> Iterator[Finding]:
    """Yield what is suspicious in one column, the worst first."""
    without = f"remove it with {leave_out(name)}"
    there = values[values != ""] if kind.is_words else values[~np.isnan(values)]
    distinct = len(np.unique(there))
    if distinct <= 1:
        what = "is empty" if not distinct else f"has only one value, {there[0]}"
        if distinct == 0 or len(there) == len(values):
            yield Finding("constant", name, f"column {name!r} {what}: nothing can be learned from it", without)
        return
    if y is not None and len(values) >= _FEWEST:
        share = _predicted_alone(values, y)
        if share >= _ALONE:
            what = "of the held-out labels" if y.dtype.kind in "iu" else "of the variance of the held-out labels"
            yield Finding(
                "leakage",
                name,
                f"column {name!r} alone predicts {share:.0%} {what}",
                f"is it known before the label is? If not, {without}",
            )
    if len(there) < _FEWEST:
        return
    if kind is ColumnKind.CATEGORICAL and distinct > _SAME_TEXT * len(there):
        fact = f"column {name!r} has {distinct:,} different texts in {len(there):,} rows and will not generalize"
        yield Finding("near-unique", name, fact, without)
    elif kind is ColumnKind.NUMERIC and _numbers_rows(values):
        yield Finding("near-unique", name, f"column {name!r} numbers the rows and will not generalize", without)
    elif kind is ColumnKind.NUMERIC:
        yield from _stand_ins(name, there)


def _stand_ins(name: str, numbers: Array) -> Iterator[Finding]:
    """Yield numbers such as -999 that stand far from all others, more than once."""
    distinct, counts = np.unique(numbers, return_counts=True)
    for place, rest in ((0, distinct[1:]), (-1, distinct[:-1])):
        number = float(distinct[place])
        away = abs(number - float(rest[place])) > _AWAY * max(float(rest[-1] - rest[0]), 1e-12)
        if number in _NINES and counts[place] > 1 and len(rest) > 2 and away:
            yield Finding(
                "missing",
                name,
                f"column {name!r} is {number:g} in {plural(int(counts[place]), 'row')}, far from all others",
                "if it means a missing value, leave these cells empty, or write "
                f'missing: ["{number:g}"] beside path: of a text file',
            )


def _numbers_rows(values: Array) -> bool:
    """Whether the values are whole and each is larger than the one before: a row number, or a key counted up."""
    whole = bool((np.floor(values) == values).all())
    steps = np.diff(values)
    return whole and bool((steps > 0).all()) and float(np.median(steps)) <= max(1.0, 2 * float(np.mean(steps)))


def _predicted_alone(values: Array, y: Array) -> float:
    """The share of the labels that the column alone predicts, learned on every other row: balanced over the classes.

    Each value predicts what rows of the same value have, or of the nearest; of numbers to predict, the share of the
    variance is returned.
    """
    learned, held_out = np.arange(len(y)) % 2 == 0, np.arange(len(y)) % 2 == 1
    if values.dtype == object:
        names, codes = np.unique(values.astype(str), return_inverse=True)
        values = codes.astype(float)
        if len(names) > len(y) // 4:
            return 0.0  # nothing to learn from a text that occurs once
    else:
        values = np.nan_to_num(values, nan=np.nanmin(values) - 1)
    known, group = np.unique(values[learned], return_inverse=True)
    classes = y.dtype.kind in "iu"
    answers = _majorities(group, y[learned], len(known)) if classes else _means(group, y[learned], len(known))
    right = np.clip(np.searchsorted(known, values[held_out]), 0, len(known) - 1)
    left = np.maximum(right - 1, 0)
    wanted = values[held_out]
    nearest = np.where(np.abs(known[left] - wanted) <= np.abs(known[right] - wanted), left, right)
    predicted, truth = answers[nearest], y[held_out]
    if classes:
        shares = [(predicted[truth == label] == label).mean() for label in np.unique(truth)]
        return float(np.mean(shares)) if len(shares) > 1 else 0.0
    spread = float(((truth - truth.mean()) ** 2).sum())
    return 1 - float(((truth - predicted) ** 2).sum()) / spread if spread else 0.0


def _majorities(group: Array, labels: Array, count: int) -> Array:
    classes, codes = np.unique(labels, return_inverse=True)
    pairs, occurrences = np.unique(group * len(classes) + codes, return_counts=True)
    order = np.argsort(occurrences, kind="stable")  # the most frequent of each group is written last
    answers = np.zeros(count, np.int64)
    answers[pairs[order] // len(classes)] = classes[pairs[order] % len(classes)]
    return answers


def _means(group: Array, labels: Array, count: int) -> Array:
    means: Array = np.bincount(group, labels, count) / np.bincount(group, minlength=count)
    return means


def _drift(name: str, kind: ColumnKind, train: Array, other: Array) -> Iterator[Finding]:
    """Yield what differs between the values to train on and those to validate on."""
    if kind is ColumnKind.TEXT:
        return
    if not kind.is_words:
        train, other = train[~np.isnan(train)], other[~np.isnan(other)]
    if min(len(train), len(other)) < _FEWEST:
        return
    known = np.unique(np.concatenate([train, other]).astype(str if kind.is_words else float))
    codes = [np.searchsorted(known, part.astype(known.dtype)) for part in (train, other)]
    shares = [np.bincount(each, minlength=len(known)) / len(each) for each in codes]
    if kind.is_words:
        distance = float(np.abs(shares[0] - shares[1]).sum()) / 2
        chance = np.sqrt(len(known) / min(len(train), len(other)))
    else:
        distance = float(np.abs(np.cumsum(shares[0]) - np.cumsum(shares[1])).max())
        chance = 1.95 * np.sqrt((len(train) + len(other)) / (len(train) * len(other)))  # Kolmogorov-Smirnov, 0.1 %
    if distance > _DRIFT + chance:
        yield Finding(
            "drift",
            name,
            f"column {name!r} differs between training and validation rows (distance {distance:.2f} of 1)",
            f"is the split as new data will be? Otherwise remove it with {leave_out(name)}",
        )


def _duplicates(columns: Iterable[str], train: Samples, other: Samples, what: str) -> Iterator[Finding]:
    """Yield the rows to validate or test on that are among those to train on, label included."""
    if isinstance(train.y, Mapping) or train.y.ndim != 1:
        return
    codes = []
    for name in (*columns, None):
        both = np.concatenate([part.y if name is None else part.x[name] for part in (train, other)])
        codes.append(np.unique(both.astype(str) if both.dtype == object else both, return_inverse=True)[1])
    rows = np.ascontiguousarray(np.stack(codes, axis=1).astype(np.int32))
    whole = rows.view(np.dtype((np.void, rows.dtype.itemsize * rows.shape[1]))).ravel()
    count = int(np.isin(whole[len(train) :], whole[: len(train)]).sum())
    if count:
        yield Finding(
            "duplicates",
            None,
            f"{plural(count, 'row')} of {len(other):,} to {what} on "
            f"{'is' if count == 1 else 'are'} also among the rows to train on: results are too good by that much",
            "remove copies from the data, or keep them in one split with split_by_group",
        )
