"""Whether the model's output fits the labels: what Keras would find out late, or not at all."""

from __future__ import annotations

from typing import Any

from trainctl.components.dataset import LabelKind
from trainctl.config.experiment import Experiment, KerasComponent
from trainctl.config.log_keys import canonical_name
from trainctl.errors import BuildError
from trainctl.runtime.build import build_error
from trainctl.runtime.data import Prepared
from trainctl.words import plural


def check_labels(experiment: Experiment, model: Any, data: Prepared) -> None:
    """Refuse a model whose output does not fit the labels.

    Raises:
        BuildError: Points at the last layer, or at the loss where that is the wrong one.
    """
    if data.section.target == "inputs":
        return  # Keras compares inputs and outputs itself
    problem = _problem(experiment, tuple(model.output.shape), data)
    if problem is not None:
        raise problem


def _problem(experiment: Experiment, output: tuple[int | None, ...], data: Prepared) -> BuildError | None:
    last, loss = experiment.model.layers[-1], experiment.compile.loss
    labels, classes = data.splits.train.y, data.facts["num_classes"]
    units = output[-1] if len(output) > 1 else None
    name = canonical_name(loss)
    if name == "SparseCategoricalCrossentropy":
        if data.labels is LabelKind.NUMBERS:
            return build_error(
                loss, f"{loss.name} wants class indices, but the labels are numbers (dtype {labels.dtype})"
            )
        if len(output) != labels.ndim + 1:
            return _output(
                last, f"one output for each class is wanted, but it gives {tuple(output[1:])}; is a Flatten missing?"
            )
        if units is not None and classes is not None and units < classes:
            return _output(last, f"the labels have {plural(classes, 'class')}, but it gives {plural(units, 'output')}")
    elif name in {"CategoricalCrossentropy", "CategoricalFocalCrossentropy"} and labels.ndim == 1:
        return build_error(
            loss, f"{loss.name} wants one-hot labels, but these are class indices; use sparse_categorical_crossentropy"
        )
    elif name in {"BinaryCrossentropy", "BinaryFocalCrossentropy"} and labels.ndim == 1:
        if units != 1:
            return _output(last, f"a binary loss on one label wants 1 output, but it gives {units}")
        if classes is not None and classes > 2:
            return build_error(
                loss,
                f"{loss.name} is for 2 classes, but the labels have {classes}; use sparse_categorical_crossentropy",
            )
    elif (
        tuple(output[1:]) not in {tuple(labels.shape[1:]), (*labels.shape[1:], 1)} and data.labels is LabelKind.NUMBERS
    ):
        return _output(last, f"each label has shape {tuple(labels.shape[1:])}, but it gives {tuple(output[1:])}")
    return None


def _output(last: KerasComponent, message: str) -> BuildError:
    return build_error(last, f"{last.name} does not fit the labels: {message}")
