"""Labels and outputs of a model, side by side: which values of an output belong to which label. Pure: knows no Keras.

`loss_fits.py` and `metric_fits.py` say what fits, and what adapts a metric where it does not.

A *place* is what has one label: a sample, a pixel of a mask, a step of a sequence. An output gives each place one value, or
several.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from trainctl.aliases import Value
from trainctl.components.labels import LabelKind, OutputLabels

Shape = tuple[int | None, ...]

RIGHT_OR_WRONG = frozenset({"accuracy", "acc"})


class Step(StrEnum):
    """One change to what a metric is given."""

    ONE_HOT = "class indices to one-hot"
    INDEX = "one-hot to class indices"
    UNSIGNED = "-1 and 1 to 0 and 1"
    AXIS = "a last axis of one value"
    FLAT = "all places one after the other"
    SIGMOID = "logits to probabilities, each by itself"
    SOFTMAX = "logits to probabilities that add up to 1"
    THRESHOLD = "probabilities to 0 and 1"
    ARGMAX = "scores to the class with the highest"


@dataclass(frozen=True, slots=True)
class Output:
    """What an output of the model gives.

    Args:
        shape: Its shape without the axis of the samples; `None` where an axis has no fixed length.
        activation: The name of its last activation, such as `sigmoid`; `None` where it is not known.
        layer: What to call the layer that makes it.
    """

    shape: Shape
    activation: str | None = None
    layer: str = "the last layer"

    @property
    def units(self) -> int | None:
        """How many values the last axis has."""
        return self.shape[-1] if self.shape else 1


@dataclass(frozen=True, slots=True)
class Misfit:
    """Why something does not fit.

    Args:
        message: What is wrong.
        hint: What to do.
        is_layers: Whether the layer is to blame rather than the loss or the metric.
        is_of_shapes: Whether it may follow from a loss that does not fit either.
    """

    message: str
    hint: str
    is_layers: bool = False
    is_of_shapes: bool = False


@dataclass(frozen=True, slots=True)
class Adaptation:
    """What makes a metric fit.

    Args:
        name: The canonical name of the metric, also where `accuracy` was written.
        labels: What is done to the labels.
        outputs: What is done to the output.
        arguments: Arguments that it gets besides those that are written.
        classes: How many values a one-hot label has.
        note: What a person should know of it.
    """

    name: str
    labels: tuple[Step, ...] = ()
    outputs: tuple[Step, ...] = ()
    arguments: Mapping[str, Value] = field(default_factory=dict)
    classes: int = 0
    note: str | None = None

    @property
    def changes(self) -> bool:
        """Whether the metric is not what Keras would make of the name alone."""
        return bool(self.labels or self.outputs or self.arguments)


def resolved_name(name: str | None, labels: OutputLabels, output: Output) -> str | None:
    """The canonical name, where a word such as `accuracy` stands for one by the shapes, as in Keras."""
    if name not in RIGHT_OR_WRONG and name not in {"crossentropy", "ce"}:
        return name
    kind = "Accuracy" if name in RIGHT_OR_WRONG else "Crossentropy"
    if output.units == 1:
        return f"Binary{kind}"
    return f"SparseCategorical{kind}" if are_indices(labels) else f"Categorical{kind}"


def are_indices(labels: OutputLabels) -> bool:
    """Whether a batch holds class indices."""
    return labels.are_classes and not labels.as_one_hot


def are_exclusive(labels: OutputLabels) -> bool:
    """Whether each place has exactly one class."""
    return labels.kind in {LabelKind.INDEX, LabelKind.ONE_HOT}


def same_shape(one: Shape, other: Shape) -> bool:
    """Whether two shapes are the same, as far as their axes have fixed lengths."""
    return len(one) == len(other) and all(a is None or b is None or a == b for a, b in zip(one, other, strict=True))


def one_each(labels: OutputLabels, output: Output) -> bool:
    """Whether the output gives each label, or each value of it, one value."""
    return same_shape(output.shape, labels.shape) or same_shape(output.shape, (*labels.shape, 1))


def several_each(labels: OutputLabels, output: Output) -> bool:
    """Whether the output gives each class index several values."""
    return labels.are_classes and output.units != 1 and same_shape(output.shape[:-1], labels.shape)


def formula_steps(labels: OutputLabels, output: Output) -> tuple[Step, ...]:
    """Return what is done to the labels of a formula: they are one-hot where the output gives each class a value."""
    return (Step.ONE_HOT,) if are_indices(labels) and several_each(labels, output) else ()


def kind_noun(labels: OutputLabels) -> str:
    """What to call the labels in a batch."""
    return LabelKind.ONE_HOT.noun if labels.as_one_hot else labels.kind.noun


def range_words(labels: OutputLabels) -> str:
    """What to say of labels that are out of the range that is needed."""
    if not math.isfinite(labels.lowest) or not math.isfinite(labels.highest):
        return "are numbers"
    return f"range from {labels.lowest:g} to {labels.highest:g}"
