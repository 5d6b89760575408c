"""Whether a loss fits the labels and the output: never refuse what Keras accepts and means."""

from __future__ import annotations

import math
from collections.abc import Mapping

from trainctl.aliases import Value
from trainctl.components.labels import LabelKind, OutputLabels
from trainctl.config.model.fits import (
    Misfit,
    Output,
    are_indices,
    kind_noun,
    one_each,
    range_words,
    resolved_name,
    same_shape,
    several_each,
)
from trainctl.config.model.needs import FORMULA, Need, Takes, loss_need
from trainctl.text import plural

_SPARSE = "sparse_categorical_crossentropy"


def fit_loss(
    called: str, name: str | None, arguments: Mapping[str, Value], labels: OutputLabels, output: Output
) -> Misfit | None:
    """Return why a loss does not fit; `None` if it does.

    Args:
        called: What the file calls it.
        name: Its canonical name.
        arguments: Its arguments.
        labels: The labels of its output.
        output: The output.
    """
    constant = constant_output(output)
    if constant is not None:
        return constant
    need = loss_need(resolved_name(name, labels, output))
    match need.labels:
        case Takes.INDEX:
            return _sparse_loss(called, arguments, labels, output) or _no_probabilities(called, need, output)
        case Takes.ONE_HOT:
            return _one_hot_loss(called, labels, output)
        case Takes.BINARY:
            return _binary_loss(called, labels, output)
        case Takes.SIGN:
            return _sign_loss(called, labels, output)
        case Takes.NUMBER | Takes.VECTOR:
            return _vector_loss(called, need, labels, output)
        case Takes.GROUP:
            return _group_loss(called, labels, output)
        case Takes.SEQUENCE:
            return _sequence_loss(called, labels, output)
        case Takes.VALUE:
            return _formula_loss(called, labels, output)
        case _:
            return None


def constant_output(output: Output) -> Misfit | None:
    """Return why no labels fit the output; `None` if some do."""
    if output.activation != "softmax" or output.units != 1:
        return None
    return Misfit(
        f"{output.layer} has softmax over one output, which is always 1", "use activation: sigmoid", is_layers=True
    )


def _no_probabilities(called: str, need: Need, output: Output) -> Misfit | None:
    """Why the loss would be NaN: it takes powers of what may be negative."""
    if need.logits_argument or output.activation != "linear":
        return None
    return Misfit(
        f"{called} needs probabilities, but {output.layer} has no activation",
        "set activation: softmax on the last layer",
        is_layers=True,
    )


def _shapes_differ(labels: OutputLabels, output: Output) -> Misfit:
    hint = "set the units of the last layer to the number of values in a label"
    if len(output.shape) > max(len(labels.shape), 1):
        hint = "add a Flatten before the last layer?"
    elif len(output.shape) == 1 < len(labels.shape) and labels.classes is None:
        shape = list(labels.shape)
        hint = f"set its units to {math.prod(shape)}, and add Reshape: {{target_shape: {shape}}} after it"
    return Misfit(
        f"{output.layer} has output shape {output.shape}, but each label has shape {labels.shape}", hint, is_layers=True
    )


def _too_few(labels: OutputLabels, output: Output) -> Misfit | None:
    units, classes = output.units, labels.classes
    if units is None or classes is None or units >= classes:
        return None
    hint = f"set units: {classes}, or ${{data.num_classes}}"
    if classes == 256 and labels.shape:  # what masks mark pixels of no class with
        hint = f"set ignore_class: 255 on the loss if 255 marks pixels to ignore, or {hint}"
    return Misfit(
        f"{output.layer} has {plural(units, 'output')}, but the labels have {plural(classes, 'class')}",
        hint,
        is_layers=True,
    )


def _per_class(called: str, labels: OutputLabels, output: Output) -> Misfit | None:
    """Why the output does not give each class of each place a value."""
    if several_each(labels, output):
        return _too_few(labels, output)
    if output.units == 1 and one_each(labels, output):
        other = "binary_crossentropy with sigmoid" if (labels.classes or 3) <= 2 else "${data.num_classes} units"
        return Misfit(f"{output.layer} has 1 output, but {called} needs one per class", f"use {other}", is_layers=True)
    if len(output.shape) > len(labels.shape) + 1:
        return Misfit(
            f"the last layer's output has shape {output.shape}; a classifier needs one value per class. "
            "Add a Flatten before it?",
            "Flatten or a global pooling layer gives one vector for each sample",
            is_layers=True,
        )
    return Misfit(
        f"{output.layer} has output shape {output.shape}, but {called} needs one value per class for labels of shape "
        f"{labels.shape}",
        "end the model with one output per class",
        is_layers=True,
    )


def _sparse_loss(called: str, arguments: Mapping[str, Value], labels: OutputLabels, output: Output) -> Misfit | None:
    what = f"{called} needs class indices, but the labels are"
    looks_one_hot = labels.is_one_hot and same_shape(output.shape, labels.shape)
    if labels.kind is LabelKind.ONE_HOT or labels.as_one_hot or looks_one_hot:
        return Misfit(f"{what} one-hot", "use categorical_crossentropy")
    if labels.kind is LabelKind.MULTI_HOT:
        return Misfit(f"{what} multi-hot", "use binary_crossentropy with sigmoid")
    if labels.kind is LabelKind.NUMBER:
        if labels.is_whole and labels.lowest < 0:
            return Misfit(
                f"{called} needs class indices from 0 on, but the labels start at {labels.lowest:g}",
                f"set ignore_class: {labels.lowest:g} on the loss to ignore these labels, or number the classes from 0",
            )
        return Misfit(f"{what} numbers", "use a loss for numbers, such as mse")
    if labels.ignored is not None and arguments.get("ignore_class") != labels.ignored:
        return Misfit(
            f"{called} does not ignore the label {labels.ignored}, which a metric ignores",
            f"also set ignore_class: {labels.ignored} on the loss",
        )
    return _per_class(called, labels, output)


def _one_hot_loss(called: str, labels: OutputLabels, output: Output) -> Misfit | None:
    if labels.are_classes:
        if not labels.as_one_hot:
            return Misfit(f"{called} needs one-hot labels, but data.labels is index", "remove data.labels")
        return _per_class(called, labels, output)
    if labels.kind is LabelKind.NUMBER and len(labels.shape) < max(len(output.shape), 1):
        return Misfit(
            f"{called} needs one-hot labels, but the labels are numbers", "use a loss for numbers, such as mse"
        )
    if output.units == 1:
        return _per_class(called, labels, output)
    return None if same_shape(output.shape, labels.shape) else _shapes_differ(labels, output)


def _binary_loss(called: str, labels: OutputLabels, output: Output) -> Misfit | None:
    if labels.as_one_hot:
        return _per_class(called, labels, output)
    if labels.are_classes:
        return _two_classes(called, labels, output, _SPARSE)
    if labels.lowest < 0 or labels.highest > 1:
        return Misfit(
            f"{called} needs labels between 0 and 1, but they {range_words(labels)}",
            "add map_labels: {scale: 1/255} to data"
            if (labels.lowest, labels.highest) == (0, 255)
            else "number the classes 0 and 1, or use a loss for numbers",
        )
    return None if one_each(labels, output) else _shapes_differ(labels, output)


def _two_classes(called: str, labels: OutputLabels, output: Output, otherwise: str) -> Misfit | None:
    """Why a loss of two classes does not fit class indices."""
    if (labels.classes or 0) > 2:
        if labels.lowest > 0 and labels.highest - labels.lowest == 1:
            return Misfit(
                f"{called} needs the labels 0 and 1, but they are {labels.lowest:g} and {labels.highest:g}",
                "number the classes 0 and 1",
            )
        return Misfit(f"{called} needs 2 classes, but the labels have {labels.classes}", f"use {otherwise}")
    if output.units != 1 and not same_shape(output.shape, labels.shape):
        return Misfit(
            f"{output.layer} has {plural(output.units or 0, 'output')}, but {called} needs 1 for labels of two classes",
            f"set units: 1 with sigmoid, or use {otherwise}",
            is_layers=True,
        )
    return None if one_each(labels, output) else _shapes_differ(labels, output)


def _sign_loss(called: str, labels: OutputLabels, output: Output) -> Misfit | None:
    if labels.as_one_hot:
        return _per_class(called, labels, output)
    if labels.are_classes:
        return _two_classes(called, labels, output, "categorical_hinge")
    if not (labels.are_binary or labels.are_signs):
        return Misfit(
            f"{called} needs the labels -1 and 1, or 0 and 1, but they {range_words(labels)}",
            "use a loss for numbers, such as mse",
        )
    return None if one_each(labels, output) else _shapes_differ(labels, output)


def _look_like_classes(labels: OutputLabels) -> bool:
    return labels.kind is LabelKind.NUMBER and labels.is_whole and labels.lowest >= 0


def _vector_loss(called: str, need: Need, labels: OutputLabels, output: Output) -> Misfit | None:
    if labels.as_one_hot:
        return _per_class(called, labels, output)
    several = several_each(labels, output)
    if _look_like_classes(labels) and (output.units or 0) > 1 and same_shape(output.shape[:-1], labels.shape):
        return Misfit(
            f"{called} needs as many values as outputs in each label, but {output.layer} has {output.units} outputs for "
            "each label",
            f"use {_SPARSE} if the labels are classes, or set units: 1",
        )
    if labels.are_classes and (several or (need.labels is Takes.VECTOR and (labels.classes or 0) > 2)):
        what = "a number for each output" if need.labels is Takes.NUMBER else "as many values as outputs"
        return Misfit(
            f"{called} needs {what} in each label, but the labels are class indices",
            f"use {_SPARSE}, or set data.labels: one_hot",
        )
    return None if one_each(labels, output) else _shapes_differ(labels, output)


def _formula_loss(called: str, labels: OutputLabels, output: Output) -> Misfit | None:
    if labels.ignored is not None:
        return Misfit(f"{called} does not ignore the label {labels.ignored}", "remove ignore_class from the metrics")
    if labels.are_classes and not (output.units == 1 and one_each(labels, output)):
        return _per_class(called, labels, output)
    if labels.are_classes and (labels.classes or 0) > 2:
        return Misfit(
            f"{output.layer} has 1 output, but the labels have {plural(labels.classes or 0, 'class')}",
            "use one output for each class, or set data.labels: number",
            is_layers=True,
        )
    return _vector_loss(called, FORMULA, labels, output)


def _group_loss(called: str, labels: OutputLabels, output: Output) -> Misfit | None:
    if not are_indices(labels) or labels.shape:
        return Misfit(
            f"{called} needs one class index for each sample, but the labels are {kind_noun(labels)}",
            "use labels that are class indices, or text",
        )
    if len(output.shape) != 1:
        return Misfit(
            f"{output.layer} has output shape {output.shape}, but {called} needs one embedding for each sample",
            "add a Flatten before the last layer?",
            is_layers=True,
        )
    return None


def _sequence_loss(called: str, labels: OutputLabels, output: Output) -> Misfit | None:
    if not are_indices(labels) or len(labels.shape) != 1:
        return Misfit(
            f"{called} needs sequences of class indices as labels, (length,) for each sample, but they are "
            f"{kind_noun(labels)} of shape {labels.shape}",
            "pad the sequences with 0 to one length",
        )
    if len(output.shape) != 2:
        return Misfit(
            f"{output.layer} has output shape {output.shape}, but {called} needs (steps, classes)",
            "end the model with a Dense layer on a sequence",
            is_layers=True,
        )
    return _too_few(labels, output)
