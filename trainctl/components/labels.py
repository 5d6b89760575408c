"""What the labels of one output are: decided once, in `data/labels.py`, and read by everybody."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from trainctl.components.label_change import LabelChange, Undo


class LabelKind(StrEnum):
    """How a label is written down."""

    INDEX = "index"
    ONE_HOT = "one_hot"
    MULTI_HOT = "multi_hot"
    NUMBER = "number"

    @property
    def noun(self) -> str:
        """What to call labels of this kind."""
        return {"index": "class indices", "one_hot": "one-hot", "multi_hot": "multi-hot", "number": "numbers"}[self]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the experiment says of the labels of one output.

    Args:
        loss: The canonical name of its loss; `None` of a user's own, or where nothing is known of it.
        kind: The kind that `data.labels` sets; `None` decides by the values and the loss.
        ignored: The class index that the loss or a metric ignores.
    """

    loss: str | None = None
    kind: LabelKind | None = None
    ignored: int | None = None


def ignored_classes(wanted: Mapping[str, Wanted]) -> frozenset[int]:
    """Return the class indices that a loss or a metric of any output ignores."""
    return frozenset(each.ignored for each in wanted.values() if each.ignored is not None)


@dataclass(frozen=True, slots=True)
class OutputLabels:
    """What the labels of one output are.

    Args:
        kind: How they are written down.
        shape: Shape of one sample's label as it is kept: () of one class index or number; of a mask (height, width).
        classes: How many classes there are; `None` of numbers.
        names: The names of the classes in the order of their indices; empty where they have none.
        lowest: The lowest value, the ignored one left out.
        highest: The highest value.
        is_whole: Whether every value is a whole number.
        is_one_hot: Whether the values along the last axis are one 1 and zeros.
        ignored: The class index that does not count.
        as_one_hot: Whether class indices are one-hot in a batch, float32 (…, classes).
        change: What was done to them before, where the experiment changes them.
    """

    kind: LabelKind
    shape: tuple[int, ...] = ()
    classes: int | None = None
    names: tuple[str, ...] = ()
    lowest: float = math.inf
    highest: float = -math.inf
    is_whole: bool = False
    is_one_hot: bool = False
    ignored: int | None = None
    as_one_hot: bool = False
    change: LabelChange | None = None

    @property
    def undo(self) -> tuple[Undo, ...]:
        """What turns numbers of this unit back into the label's own; nothing of classes, which have names for it."""
        return self.change.undo if self.change is not None and self.kind is LabelKind.NUMBER else ()

    @property
    def are_classes(self) -> bool:
        """Whether they are class indices."""
        return self.kind is LabelKind.INDEX

    @property
    def dtype(self) -> str:
        """The type in which they are kept."""
        return "int64" if self.are_classes else "float32"

    @property
    def are_binary(self) -> bool:
        """Whether every value is 0 or 1."""
        return self.is_whole and self.lowest >= 0 and self.highest <= 1

    @property
    def are_signs(self) -> bool:
        """Whether every value is -1 or 1."""
        return self.is_whole and self.lowest == -1 and self.highest == 1


@dataclass(frozen=True, slots=True)
class Labels:
    """What the labels are, by output; "" is the only one."""

    outputs: Mapping[str, OutputLabels] = field(default_factory=dict)

    @property
    def only(self) -> OutputLabels | None:
        """Those of the only output; `None` if there are several."""
        return self.outputs.get("")

    @property
    def are_classes(self) -> bool:
        """Whether those of every output are class indices."""
        return all(each.are_classes for each in self.outputs.values())

    @property
    def class_names(self) -> tuple[str, ...]:
        """The names of the classes of the only output."""
        return self.only.names if self.only is not None else ()

    @property
    def num_classes(self) -> int | None:
        """How many classes the only output has; `None` of numbers and of several outputs."""
        return self.only.classes if self.only is not None else None
