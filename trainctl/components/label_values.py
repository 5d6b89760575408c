"""Which values raw labels have, learned a piece at a time: what their meaning is decided by."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Self

from trainctl.aliases import Array
from trainctl.errors import DataError

MAX_CLASSES = 10_000
_TEXT, _BOOLEAN, _WHOLE = "UO", "b", "iu"


@dataclass
class LabelValues:
    """What is known of the raw labels of one output.

    Args:
        separator: What stands between the classes of one text; `None` if each text is one class.
        ignored: The number that is no class, and so not looked at.
        texts: The different texts, booleans as `False` and `True`.
        kinds: NumPy's letters of the types that occur.
        lowest: The lowest number.
        highest: The highest number.
        is_whole: Whether every number is whole.
        holds_ignored: Whether the ignored number occurs.
        is_one_hot: Whether the numbers along the last axis are one 1 and zeros.
        indices: Every class index, where somebody has counted them.
    """

    separator: str | None = None
    ignored: int | None = None
    texts: set[str] = field(default_factory=set)
    kinds: set[str] = field(default_factory=set)
    lowest: float = float("inf")
    highest: float = float("-inf")
    is_whole: bool = True
    is_one_hot: bool = True
    holds_ignored: bool = False
    indices: frozenset[int] | None = None

    @classmethod
    def of_indices(cls, indices: frozenset[int]) -> Self:
        """Return what is known of masks that hold these class indices."""
        lowest, highest = float(min(indices)), float(max(indices))
        return cls(kinds={"u"}, lowest=lowest, highest=highest, is_one_hot=False, indices=indices)

    @classmethod
    def of_bytes(cls) -> Self:
        """Return what is known of images."""
        return cls(kinds={"u"}, lowest=0, highest=255, is_one_hot=False)

    def ignoring(self, ignored: int) -> LabelValues | None:
        """Return the same without a class index that does not count; `None` where every label must be looked at."""
        if self.indices is None:
            return None
        counted = self.indices - {ignored}
        found = self.of_indices(counted) if counted else LabelValues(kinds={"u"}, is_one_hot=False)
        return replace(found, ignored=ignored, holds_ignored=ignored in self.indices)

    def add(self, labels: Array) -> None:
        """Look at more labels, (n,) or (n, …).

        Raises:
            DataError: They are neither text nor booleans nor numbers, or there are too many classes.
        """
        if not labels.size:
            return
        kind = labels.dtype.kind
        self.kinds.add(kind)
        if kind in _TEXT or (kind == _BOOLEAN and labels[0].size == 1):
            self._add_texts(labels)
        elif kind in "biuf":
            self._add_numbers(labels)
        else:
            raise DataError(
                f"labels of type {labels.dtype}, which a model cannot learn",
                hint="use text, booleans or whole numbers for classes, or numbers",
            )

    def _add_texts(self, labels: Array) -> None:
        import numpy as np

        found = np.unique(as_text(labels)).tolist()
        self.texts.update(found if self.separator is None else every_class(found, self.separator))
        if len(self.texts) > MAX_CLASSES:
            raise DataError(
                f"the labels have more than {MAX_CLASSES:,} different values, too many for classes",
                hint="name another column under label:",
            )

    def _add_numbers(self, labels: Array) -> None:
        import numpy as np

        if self.is_one_hot and labels.ndim > 1:
            zero_or_one = bool(((labels == 0) | (labels == 1)).all())
            self.is_one_hot = labels.shape[-1] > 1 and zero_or_one and bool((labels.sum(axis=-1) == 1).all())
        if self.ignored is not None:
            counted = labels != self.ignored
            self.holds_ignored = self.holds_ignored or not bool(counted.all())
            labels = labels[counted]
            if not labels.size:
                return
        self.lowest, self.highest = min(self.lowest, float(labels.min())), max(self.highest, float(labels.max()))
        if labels.dtype.kind == "f":
            self.is_whole = self.is_whole and bool((np.isfinite(labels) & (np.floor(labels) == labels)).all())

    @property
    def are_text(self) -> bool:
        """Whether they are text or booleans: classes by their names."""
        return bool(self.texts)

    @property
    def dtype(self) -> str:
        """The type that holds all of them as they are.

        Raises:
            DataError: Some are text, some numbers.
        """
        if self.kinds <= set(_TEXT) and self.kinds:
            return "object"
        if self.kinds & set(_TEXT):
            raise DataError("the label column mixes numbers and text", hint="correct the cells")
        return "float64" if "f" in self.kinds else "int64" if self.kinds & set(_WHOLE) else "bool"


def as_text(labels: Array) -> Array:
    """Labels as text (n,), booleans as `False` and `True`."""
    texts: Array = labels.astype(str).reshape(-1)
    return texts


def every_class(texts: Iterable[str], separator: str) -> list[str]:
    """Return the classes that texts such as `red;blue` name, each once, sorted."""
    return sorted({part.strip() for text in texts for part in text.split(separator) if part.strip()})


def is_unlabeled(labels: Array) -> bool:
    """Whether a split has no labels: all are missing, or -1, as hubs publish a test split whose answers are kept secret."""
    if labels.dtype == object:
        return all(each is None for each in labels.ravel())
    return labels.dtype.kind == "i" and bool((labels == -1).all())
