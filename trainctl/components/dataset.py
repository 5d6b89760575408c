"""Loaded data, before splitting and batching: samples, with what is known of their labels and columns."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Self

from trainctl.aliases import Array, Data
from trainctl.components.column_kind import ColumnKind

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from trainctl.components.column_options import ColumnOptions
    from trainctl.components.label_values import LabelValues

__all__ = [
    "Changed",
    "Chosen",
    "ColumnKind",
    "Dataset",
    "Rows",
    "Samples",
    "is_array",
    "length",
    "read",
    "stretches",
    "values",
]


class Rows(ABC):
    """Samples that are read on demand: what an array is, where the data is larger than memory.

    Args:
        shape: (samples, …), as of an array; `None` for a size that differs from sample to sample.
        dtype: NumPy's name of the type, such as `uint8`.
    """

    def __init__(self, shape: tuple[int, ...], dtype: str) -> None:
        import numpy as np

        self.shape = shape
        self.dtype = np.dtype(dtype)

    @property
    def ndim(self) -> int:
        """How many axes there are, that of the samples included."""
        return len(self.shape)

    def __len__(self) -> int:
        return self.shape[0]

    @abstractmethod
    def __getitem__(self, indices: NDArray[np.int64]) -> Array:
        """Return the samples at `indices` (from 0), in that order, as an array.

        Raises:
            DataError: A sample cannot be read; names its file.
        """

    @property
    def stretches(self) -> NDArray[np.int64] | None:
        """How many samples each stretch holds that is read as one, where neighbours are much cheaper to read together."""
        return None

    @property
    def is_decoded(self) -> bool:
        """Whether each sample is read and decoded by itself, always to the same values, so that once may be enough."""
        return False

    def lengths(self, indices: NDArray[np.int64]) -> NDArray[np.int64] | None:
        """Return how long the samples at `indices` are: texts in characters; `None` where all have one length."""
        return lengths(self[indices], None) if self.dtype == object else None


class Chosen(Rows):
    """Some of the samples of other rows.

    Args:
        rows: The others: an array, or rows that are read when wanted.
        indices: Which of them, int64.
    """

    def __init__(self, rows: Data, indices: NDArray[np.int64]) -> None:
        super().__init__((len(indices), *rows.shape[1:]), rows.dtype.name)
        self._rows, self._indices = rows, indices

    def __getitem__(self, indices: NDArray[np.int64]) -> Array:
        chosen: Array = self._rows[self._indices[indices]]
        return chosen

    @property
    def is_decoded(self) -> bool:
        """Whether the others are."""
        return bool(getattr(self._rows, "is_decoded", False))

    def lengths(self, indices: NDArray[np.int64]) -> NDArray[np.int64] | None:
        """Those of the others."""
        return lengths(self._rows, self._indices[indices])


class Changed(Rows):
    """Other rows with a function over a batch of them: decoded, resized, encoded.

    Args:
        rows: An array, rows, or a mapping of names to them.
        change: From a batch (b, …), or a mapping of names to such, to another batch of the same length.
        shape: Shape of one changed sample.
        dtype: Its type.
    """

    def __init__(self, rows: Data, change: Callable[[Any], Any], shape: tuple[int, ...], dtype: str) -> None:
        super().__init__((length(rows), *shape), dtype)
        self.rows, self._change = rows, change

    def over(self, rows: Data) -> Changed:
        """Return the same change of other rows."""
        return Changed(rows, self._change, self.shape[1:], self.dtype.name)

    def __getitem__(self, indices: NDArray[np.int64]) -> Array:
        import numpy as np

        return np.asarray(self._change(read(self.rows, indices)))

    @property
    def stretches(self) -> NDArray[np.int64] | None:
        """Those of the rows that are changed."""
        return stretches(self.rows)


class Sequences(Rows):
    """Sequences of any length in memory, (n, None, …): those read together are filled up with 0 at their end.

    Args:
        values: All of them one after the other, (steps, …).
        ends: Where each one ends, int64 (n,).
    """

    def __init__(self, values: Array, ends: NDArray[np.int64]) -> None:
        super().__init__((len(ends), None, *values.shape[1:]), values.dtype.name)  # type: ignore[arg-type]
        self._values, self._ends = values, ends

    @classmethod
    def of(cls, sequences: Sequence[Any], dtype: str | None = None) -> Self:
        """Return a list of sequences as one value.

        Raises:
            ValueError: They differ in more than their length, or hold no numbers.
        """
        import numpy as np

        arrays = [np.asarray(each, dtype) for each in sequences]
        filled = [each for each in arrays if each.size]
        ends = np.cumsum([len(each) for each in arrays], dtype=np.int64)
        values = np.concatenate(filled) if filled else np.zeros(0, np.int64)
        if values.dtype.kind not in "biuf":
            raise ValueError(f"sequences of {values.dtype}")
        return cls(values, ends)

    def __getitem__(self, indices: NDArray[np.int64]) -> Array:
        import numpy as np

        ends, sizes = self._ends[indices], self.lengths(indices)
        result = np.zeros((len(indices), int(sizes.max(initial=0)), *self.shape[2:]), self.dtype)
        for row, end, size in zip(result, ends, sizes, strict=True):
            row[:size] = self._values[end - size : end]
        return result

    def lengths(self, indices: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return how many steps each has."""
        import numpy as np

        begins = np.where(indices > 0, self._ends[indices - 1], 0)
        sizes: NDArray[np.int64] = self._ends[indices] - begins
        return sizes


@dataclass(frozen=True, slots=True)
class Samples:
    """Inputs and labels of the same length. Each value is an array or `Rows`.

    Args:
        x: One value (samples, …), or a mapping: for a table one value (samples,) per column, float64 with NaN for
            missing, or str objects with "" for missing where its kind is words; for other data one (samples, …) per
            input of the model.
        y: Labels (samples,) or (samples, …): int64 class indices, or float32 numbers; or a mapping, one per output.
        weight: How much each sample counts, float32 (samples,); `None` if all count the same.
        extra: Columns that the experiment asked for besides: to split by, float64 or str objects (samples,).
    """

    x: Data
    y: Data
    weight: Data = None
    extra: Mapping[str, Data] = field(default_factory=dict)

    def __len__(self) -> int:
        return length(self.y)

    def take(self, indices: NDArray[np.int64]) -> Samples:
        """Return the samples at `indices`, in that order."""
        return Samples(
            _chosen(self.x, indices),
            _chosen(self.y, indices),
            None if self.weight is None else _chosen(self.weight, indices),
            {name: _chosen(column, indices) for name, column in self.extra.items()},
        )

    @property
    def in_memory(self) -> bool:
        """Whether every value is an array in memory."""
        return all(is_array(value) for _, value in values(self))

    def with_x(self, x: Data) -> Samples:
        """Return the same samples with other inputs."""
        return replace(self, x=x)


@dataclass(frozen=True, slots=True)
class Dataset:
    """What a source returns.

    Args:
        train: The samples to train on and to split from.
        test: The source's own test part, where it has one.
        validation: The source's own samples to validate on, where it sets some apart.
        class_names: The text of each class index, where the labels were text or the source names them.
        columns: For a table, each feature column and what it holds; empty otherwise.
        options: What the experiment says of some of these columns.
        fingerprint: Of data that is not in memory, the source's own hash of it, in hexadecimal; "" otherwise.
        ordered: Whether the samples stand in an order that a split must keep: the first to train on, the last to test.
        label_values: Which values the labels have, where the source has looked through all of them already.
        label_names: What each number of a label is called, where it has several: a table's label columns.
        label_separator: What stands between the classes that one text names; `None` if each text is one class.
        overlap: How many samples after one share something with it, and so are left out where a split begins.
        learned: What else the source must know to read further and new data in the same way, such as a sampling rate.
        about: What the source says of the whole data set, for people, by a word for it.
        latest: Of time series, which features (from 0) of the last step are the latest values of the labels, where the
            model sees them.
    """

    train: Samples
    test: Samples | None = None
    validation: Samples | None = None
    class_names: tuple[str, ...] = ()
    columns: Mapping[str, ColumnKind] = field(default_factory=dict)
    options: Mapping[str, ColumnOptions] = field(default_factory=dict)
    fingerprint: str = ""
    ordered: bool = False
    overlap: int = 0
    label_values: LabelValues | None = None
    label_names: tuple[str, ...] = ()
    label_separator: str | None = None
    learned: Mapping[str, float] = field(default_factory=dict)
    about: Mapping[str, str] = field(default_factory=dict)
    latest: tuple[int, ...] = ()


def length(rows: Data) -> int:
    """Return how many samples a value, or each value of a mapping, holds."""
    return len(next(iter(rows.values()))) if isinstance(rows, Mapping) else len(rows)


def read(rows: Data, indices: NDArray[np.int64]) -> Data:
    """Return the samples at `indices` of a value as an array, or of each value of a mapping."""
    if isinstance(rows, Mapping):
        return {name: read(each, indices) for name, each in rows.items()}
    import numpy as np

    return np.asarray(rows[indices])


def has_lengths(samples: Samples) -> bool:
    """Return whether samples differ in length, as texts and sequences do."""
    import numpy as np

    return lengths(samples.x, np.arange(min(1, len(samples)))) is not None


def lengths(rows: Data, indices: NDArray[np.int64] | None) -> NDArray[np.int64] | None:
    """Return how long samples are, summed over several inputs; `None` where all have one length.

    Args:
        rows: A value, or a mapping of names to such. Texts are counted in characters.
        indices: Which samples; `None` means all of an array.
    """
    import numpy as np

    if isinstance(rows, Mapping):
        found = [each for each in (lengths(value, indices) for value in rows.values()) if each is not None]
        return np.sum(found, axis=0) if found else None
    if isinstance(rows, Rows):
        return None if indices is None else rows.lengths(indices)
    if rows.dtype != object:
        return None
    texts = rows if indices is None else rows[indices]
    return np.array([sum(map(len, map(str, np.ravel(each)))) for each in texts], np.int64)


def is_array(rows: Data) -> bool:
    """Return whether the value is in memory: neither read when wanted, nor mapped to a file."""
    import numpy as np

    return isinstance(rows, np.ndarray) and not isinstance(rows, np.memmap)


def values(samples: Samples) -> Iterator[tuple[str, Data]]:
    """Yield every value of the samples with its name, the labels' and the weights' included."""
    yield from samples.x.items() if isinstance(samples.x, Mapping) else [("x", samples.x)]
    yield from samples.y.items() if isinstance(samples.y, Mapping) else [("y", samples.y)]
    yield from [] if samples.weight is None else [("weight", samples.weight)]


def stretches(rows: Data) -> NDArray[np.int64] | None:
    """How many samples are read as one, where neighbours of a value, or of a mapping, are cheaper to read together."""
    first = next(iter(rows.values())) if isinstance(rows, Mapping) else rows
    found: NDArray[np.int64] | None = getattr(first, "stretches", None)
    return found


def _chosen(rows: Data, indices: NDArray[np.int64]) -> Data:
    if isinstance(rows, Mapping):
        return {name: _chosen(each, indices) for name, each in rows.items()}
    if isinstance(rows, Changed):  # the change stays outermost, so that what it reads can be kept in memory
        return rows.over(_chosen(rows.rows, indices))
    return rows[indices] if is_array(rows) else Chosen(rows, indices)
