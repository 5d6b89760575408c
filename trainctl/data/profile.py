"""What the data is like: balance, ranges, missing values, and a fingerprint; learned in one pass, a block at a time."""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np

from trainctl.aliases import Array, Data, Value
from trainctl.components.column_options import ColumnOptions
from trainctl.components.dataset import ColumnKind, Dataset, Samples, is_array, length, read, stretches, values
from trainctl.data.category_table import CategoryTable

MAX_TEXTS = 10_000
"""Different texts of a column that are counted; beyond four times as many, the rarest so far are forgotten."""

MAX_SPREAD = 2**17
"""Numbers of a column that the bounds of bins are learned from."""

_PLAIN = ColumnOptions()
_EXAMPLES = 20_000  # cells of a text column that a vocabulary is learned from
_CHUNK = 8192
_CHUNK_BYTES = 64 * 2**20
_ROUNDING = 1e-12  # of a number: what is closer together in a computed column may well be the same


@dataclass
class Spread:
    """Every so many of some numbers, so that there are never too many of them."""

    kept: list[Array] = field(default_factory=list)
    step: int = 1
    _seen: int = 0

    def add(self, numbers: Array) -> None:
        """Look at more numbers (n,), or rows of them (n, …)."""
        self.kept.append(numbers[-self._seen % self.step :: self.step])
        self._seen += len(numbers)
        while sum(each.size for each in self.kept) > MAX_SPREAD and sum(map(len, self.kept)) > 1:
            self.kept, self.step = [np.concatenate(self.kept)[::2]], 2 * self.step

    def bounds(self, count: int) -> list[float]:
        """Return what separates `count` ranges that hold about as many numbers each; fewer where many are the same."""
        if not self.kept:
            return []
        every = np.concatenate(self.kept)
        cuts = np.unique(np.quantile(every, np.arange(1, count) / count))
        return [float(cut) for cut in cuts if cut > every.min()]


@dataclass
class ColumnProfile:
    """What is known of a column of the training split.

    Args:
        kind: What it holds.
        count: How many values are there.
        missing: How many are not.
        mean: Of the values that are numbers.
        squares: Sum of their squared distances from the mean.
        lowest: The lowest of them.
        highest: The highest of them.
        fractions: Whether one of them is not whole: of dates, whether there is a time of day.
        texts: How often each text occurs.
        examples: Some cells of a text column.
        options: What the experiment says of the column.
        name: Its name, for errors.
        changed: Of numbers that are clipped or transformed, the same of what they become.
        spread: Some of those numbers, evenly over the rows, for the bounds of bins.
    """

    kind: ColumnKind
    count: int = 0
    missing: int = 0
    mean: float = 0.0
    squares: float = 0.0
    lowest: float = np.inf
    highest: float = -np.inf
    fractions: bool = False
    texts: Counter[str] = field(default_factory=Counter)
    examples: list[str] = field(default_factory=list)
    options: ColumnOptions = _PLAIN
    name: str = ""
    changed: ColumnProfile | None = None
    spread: Spread | None = None

    @classmethod
    def of(cls, name: str, kind: ColumnKind, options: ColumnOptions) -> ColumnProfile:
        """Return a profile of nothing yet."""
        changed = cls(ColumnKind.NUMERIC) if options.changes else None
        return cls(kind, options=options, name=name, changed=changed, spread=Spread() if options.bins else None)

    @property
    def encoded(self) -> ColumnProfile:
        """The profile of the numbers that are encoded."""
        return self if self.changed is None else self.changed

    def add(self, column: Array) -> None:
        """Look at more values (n,)."""
        present = column != "" if self.kind.is_words else ~np.isnan(column)
        there = column[present]
        self.missing += len(column) - len(there)
        if self.kind.is_words:
            self._add_words(there)
        elif len(there):
            self._add_numbers(there)
            numbers = self.options.change(there, self.name)
            if self.changed is not None:
                self.changed.add(numbers)
            if self.spread is not None:
                self.spread.add(numbers)
        self.count += len(there)

    def _add_words(self, there: Array) -> None:
        if self.kind is ColumnKind.TEXT:
            self.examples += there[: _EXAMPLES - len(self.examples)].tolist()
            return
        self.texts.update(there.tolist())
        if len(self.texts) > 4 * MAX_TEXTS:
            self.texts = Counter(dict(self.texts.most_common(MAX_TEXTS)))

    def _add_numbers(self, there: Array) -> None:
        mean = float(there.sum() / len(there))
        total = self.count + len(there)
        apart = mean - self.mean
        self.squares += float(((there - mean) ** 2).sum()) + apart**2 * self.count * len(there) / total
        self.mean = mean if not self.count else self.mean + apart * len(there) / total
        self.lowest, self.highest = min(self.lowest, float(there.min())), max(self.highest, float(there.max()))
        self.fractions = self.fractions or bool((there != np.floor(there)).any())

    @property
    def variance(self) -> float:
        """The mean squared distance from the mean; 1 of a column that is constant, but for rounding."""
        variance = self.squares / max(self.count, 1)
        rounding = _ROUNDING * max(abs(self.lowest), abs(self.highest))
        return variance if variance > 0 and self.highest - self.lowest > rounding else 1.0

    def facts(self) -> dict[str, Value]:
        """Return what people want to know, for run.json."""
        facts: dict[str, Value] = {"kind": self.kind.value, "missing": self.missing}
        if self.kind is ColumnKind.DATE and self.count:
            days = np.array([self.lowest, self.highest]).astype("datetime64[D]")
            facts |= {"min": str(days[0]), "max": str(days[1])}
        elif not self.kind.is_words and self.count:
            facts |= {"min": self.lowest, "max": self.highest, "mean": self.mean}
        elif self.kind is ColumnKind.CATEGORICAL:
            facts |= {"distinct": len(self.texts)}
        return facts


@dataclass
class LabelProfile:
    """What is known of the labels of the training split.

    Args:
        counts: How often each class that occurs does; empty for numbers.
        lowest: The lowest number.
        highest: The highest number.
        spread: Some of the numbers, evenly over the samples.
    """

    counts: Counter[int] = field(default_factory=Counter)
    lowest: float = np.inf
    highest: float = -np.inf
    spread: Spread = field(default_factory=Spread)

    def add(self, labels: Array) -> None:
        """Look at more labels (n, …)."""
        if not labels.size:
            return
        if labels.dtype.kind in "iu":
            classes, counts = _counted(labels)
            self.counts.update(dict(zip(classes.tolist(), counts.tolist(), strict=True)))
            return
        self.lowest, self.highest = min(self.lowest, float(labels.min())), max(self.highest, float(labels.max()))
        self.spread.add(labels)

    def facts(self, names: tuple[str, ...]) -> dict[str, Value]:
        """Return the balance of the classes, or the range of the numbers."""
        if self.counts:
            named = dict(enumerate(names)) or {index: str(index) for index in sorted(self.counts)}
            return {"classes": {name: self.counts[index] for index, name in named.items()}}
        return {"min": self.lowest, "max": self.highest}


def _counted(labels: Array) -> tuple[Array, Array]:
    """Return the classes that occur, and how often; of masks without sorting all pixels."""
    if labels.ndim < 2 or labels.min() < 0 or labels.max() >= MAX_TEXTS:
        return np.unique(labels, return_counts=True)
    counts = np.bincount(labels.ravel())
    classes = np.flatnonzero(counts)
    return classes, counts[classes]


@dataclass(frozen=True, slots=True)
class Profile:
    """What is known of the training split: of each column of a table, and of each output's labels."""

    columns: Mapping[str, ColumnProfile]
    labels: Mapping[str, LabelProfile]

    @classmethod
    def of(
        cls,
        columns: Mapping[str, ColumnKind],
        samples: Samples,
        options: Mapping[str, ColumnOptions] = MappingProxyType({}),
        tables: Mapping[str, CategoryTable] = MappingProxyType({}),
    ) -> Profile:
        """Look at all samples, once.

        Args:
            columns: Of a table, each column and what it holds.
            samples: The samples.
            options: What the experiment says of some columns.
            tables: What is learned of each category of some columns; filled here.

        Raises:
            DataError: A number has no logarithm, where that of its column is asked for.
        """
        outputs = samples.y if isinstance(samples.y, Mapping) else {"y": samples.y}
        profile = cls(
            {name: ColumnProfile.of(name, kind, options.get(name, _PLAIN)) for name, kind in columns.items()},
            {name: LabelProfile() for name in outputs},
        )
        start = 0
        for part in chunks(
            {**{f"x/{name}": samples.x[name] for name in columns}, **{f"y/{name}": y for name, y in outputs.items()}}
        ):
            for name, column in profile.columns.items():
                column.add(part[f"x/{name}"])
            for name, labels in profile.labels.items():
                labels.add(part[f"y/{name}"])
            for name, table in tables.items():
                table.add(part[f"x/{name}"], part[f"y/{next(iter(outputs))}"], start)
            start += length(part)
        return profile


def chunks(rows: Data) -> Iterator[Data]:
    """Yield the rows as arrays, one after the other: whole where they are in memory, in pieces where they are not."""
    every = list(rows.values()) if isinstance(rows, Mapping) else [rows]
    near, count = stretches(rows), len(every[0])
    if all(map(is_array, every)):
        yield rows
        return
    size = sum(math.prod(size or 1 for size in each.shape[1:]) * each.dtype.itemsize for each in every)
    chunk = max(1, min(_CHUNK, _CHUNK_BYTES // max(1, size)))
    ends = np.cumsum(near) if near is not None else np.append(np.arange(chunk, count, chunk), count)
    for begin, end in zip([0, *ends[:-1]], ends, strict=True):
        yield read(rows, np.arange(begin, end))


def details(dataset: Dataset, train: Samples, profile: Profile) -> dict[str, Value]:
    """Return the facts of the data for people and for run.json: types, ranges, class balance, missing values."""
    facts: dict[str, Value] = {}
    if profile.columns:
        facts["columns"] = {name: column.facts() for name, column in profile.columns.items()}
        facts["missing"] = sum(column.missing for column in profile.columns.values())
    else:
        inputs = train.x if isinstance(train.x, Mapping) else {"x": train.x}
        facts["inputs"] = {name: _array_facts(rows) for name, rows in inputs.items()}
    names = dataset.class_names if len(profile.labels) == 1 else ()
    facts["labels"] = {name: labels.facts(names) for name, labels in profile.labels.items()}
    return {**facts, "about": dict(dataset.about)} if dataset.about else facts


def _array_facts(rows: Data) -> dict[str, Value]:
    facts: dict[str, Value] = {
        "dtype": "text" if rows.dtype == object else rows.dtype.name,
        "shape": list(rows.shape[1:]),
    }
    if is_array(rows) and rows.dtype.kind in "iuf" and rows.size:
        lowest, highest = float(np.fmin.reduce(rows, axis=None)), float(np.fmax.reduce(rows, axis=None))
        facts |= {} if np.isnan(lowest) else {"min": lowest, "max": highest}
        if rows.dtype.kind == "f":
            facts["missing"] = int(np.isnan(rows).sum())
    return facts


def unseen(profile: Profile, other: Samples | None) -> list[int]:
    """Return the classes of `other` that training does not see; not looked for in data that is larger than memory."""
    if other is None or len(profile.labels) > 1 or not is_array(other.y) or other.y.dtype.kind not in "iu":
        return []
    [seen] = [labels.counts for labels in profile.labels.values()]
    return [index for index in np.unique(other.y).tolist() if index not in seen]


def fingerprint(dataset: Dataset) -> str:
    """BLAKE2b over names, types, shapes and content of all data, in hexadecimal: another value for other data."""
    if dataset.fingerprint:
        return dataset.fingerprint
    digest = hashlib.blake2b(digest_size=32)
    for part in filter(None, (dataset.train, dataset.test, dataset.validation)):
        for name, rows in values(part):
            digest.update(f"{name} {rows.dtype} {rows.shape}\n".encode())
            for piece in chunks(rows):
                if piece.dtype == object:  # text
                    digest.update("\n".join(map(str, piece.ravel())).encode())
                else:
                    digest.update(np.ascontiguousarray(piece).reshape(-1).view(np.uint8).data)
    return digest.hexdigest()
