"""What `${data.…}` may name once the data is loaded: counts and sizes; those that cost a pass only where they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from trainctl.aliases import Data, Value
from trainctl.components.dataset import ColumnKind
from trainctl.data.profile import Profile, chunks
from trainctl.data.split import Splits
from trainctl.text import nearest

# What TextVectorization removes by default.
_REMOVED = b"!\"#$%&()*+,-./:;<=>?@[\\]^_`{|}~'"
_RESERVED = 2  # indices that TextVectorization keeps: padding, and words it has not seen


@dataclass(frozen=True)
class Facts(Mapping[str, Value]):
    """The facts by name, without `data.` before it.

    Args:
        known: Those that are known without another look at the data.
        profile: What is known of a table's columns.
        splits: The samples as the model takes them.
        shape: Shape of one sample as the model takes it; `None` where there are several inputs.
    """

    known: Mapping[str, Value]
    profile: Profile
    splits: Splits
    shape: tuple[int | None, ...] | None
    _found: dict[str, Value] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Value:
        """Return the fact called `name`.

        Raises:
            KeyError: The data has no such fact; its argument says why.
        """
        if name in self.known:
            return self.known[name]
        if name not in self._found:
            self._found[name] = self._find(name)
        return self._found[name]

    def __iter__(self) -> Iterator[str]:
        return iter((*self.known, *_BY_NAME))

    def __len__(self) -> int:
        return len(self.known) + len(_BY_NAME)

    def _find(self, name: str) -> Value:
        if name in _BY_NAME:
            return _BY_NAME[name](self)
        column = name.removeprefix("columns.").removesuffix(".categories")
        if column == name:
            raise KeyError(f"the data has no {name}")
        return self._count_categories(column)

    def _count_categories(self, name: str) -> int:
        """Return how many different values the column has in the training split; missing counts as one, as for a lookup."""
        columns = self.profile.columns
        if name not in columns:
            close = nearest(name, columns)
            raise KeyError(f"the data has no column '{name}'" + (f"; did you mean '{close}'?" if close else ""))
        column = columns[name]
        if column.kind is ColumnKind.CATEGORICAL:
            return len(column.texts) + bool(column.missing)
        if column.kind is ColumnKind.BOOLEAN:
            return 2
        raise KeyError(f"column '{name}' is {column.kind.value} and has no categories")


def _count_channels(facts: Facts) -> int:
    shape = facts.shape
    if shape is None or len(shape) < 3 or shape[-1] is None:
        raise KeyError(f"{_samples(facts)} and no channels: images have shape (height, width, channels)")
    return shape[-1]


def _count_steps(facts: Facts) -> int:
    shape = facts.shape
    if shape is None or len(shape) not in {1, 2} or facts.profile.columns or shape[0] is None:
        raise KeyError(f"{_samples(facts)} and no sequence length: sequences have shape (steps,) or (steps, features)")
    return shape[0]


def _count_words(facts: Facts) -> int:
    """Return the number of indices: the highest one counted in, or what TextVectorization keeps of texts."""
    splits = facts.splits
    rows = splits.train.x
    if isinstance(rows, Mapping) or rows.dtype.kind not in "iuOU":
        raise KeyError(f"{_samples(facts)} and no vocabulary: they are neither texts nor sequences of indices")
    if rows.dtype.kind in "OU":
        return _RESERVED + len(set().union(*map(_words, chunks(rows))))
    every = [each.x for each in (splits.train, splits.validation, splits.test) if each]
    return 1 + max(int(piece.max()) for part in every for piece in chunks(part) if piece.size)


def _samples(facts: Facts) -> str:
    return "the data has several inputs" if facts.shape is None else f"the data has samples of shape {facts.shape}"


_BY_NAME: Mapping[str, Callable[[Facts], Value]] = {
    "channels": _count_channels,
    "sequence_length": _count_steps,
    "vocabulary_size": _count_words,
}


def _words(texts: Data) -> set[bytes]:
    """Return the different words as TextVectorization splits by default: ASCII in lower case, at white space."""
    found: set[bytes] = set()
    for text in np.ravel(texts):
        found.update(str(text).encode().lower().translate(None, _REMOVED).split())
    return found
