"""Whether the model's output fits the labels: what Keras would find out late, or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from trainctl.aliases import Data, Value
from trainctl.config.experiment import Experiment
from trainctl.config.model.graph import GraphNode, last_output
from trainctl.config.model.keras_names import TWO_CLASSES, canonical_name
from trainctl.config.model.outputs import losses, output_names
from trainctl.diagnostics import Diagnostic
from trainctl.errors import BuildError
from trainctl.models.build import build_error
from trainctl.models.inputs import fits
from trainctl.text import one_of, plural

if TYPE_CHECKING:
    from trainctl.backend import keras

_ONE_NUMBER_EACH = frozenset(
    {
        "MeanSquaredError",
        "MeanAbsoluteError",
        "MeanAbsolutePercentageError",
        "MeanSquaredLogarithmicError",
        "Huber",
        "LogCosh",
    }
)


def check_labels(
    experiment: Experiment,
    model: keras.Model,
    labels: Data,
    classes: int | None,
    known: Mapping[str, Value] | None = None,
) -> None:
    """Refuse a model whose outputs do not fit the labels.

    Args:
        experiment: Its losses, and the places to point at.
        model: The model.
        labels: The TensorSpec of a batch of labels; of several outputs, a mapping of their names to such.
        classes: How many classes there are, where they are counted.
        known: What the labels to train on are, by output: `classes` with the count of each, or `min` and `max`.

    Raises:
        BuildError: Points at the layer, or at the loss where that is the wrong one.
    """
    names = output_names(experiment)
    for name, loss in losses(experiment).items():
        node = _node(experiment, name)
        if isinstance(labels, Mapping) != bool(names) or (names and name not in labels):
            raise _names_differ(node, names, labels)
        output = model.output[name] if names else model.output
        of_output = labels[name] if names else labels
        if isinstance(output, list | tuple | dict):
            raise _error(node, f"{_word(node)} has several outputs; name the ones to train under model.outputs")
        problem = _not_binary(loss, (known or {}).get(name or "y"), classes) or _problem(
            loss, node, tuple(output.shape), of_output, classes
        )
        if problem is not None:
            raise problem


def _node(experiment: Experiment, output: str) -> GraphNode:
    """The node that makes an output."""
    model = experiment.model
    ref = model.outputs[output] if output else last_output(model)
    nodes: dict[str, GraphNode] = {node.name: node for node in model.layers}
    last: GraphNode = model.layers[-1]
    return last if ref is None else nodes.get(ref.node, last)


def _names_differ(node: GraphNode, names: tuple[str, ...], labels: Data) -> BuildError:
    have = f"the labels {one_of(labels, 'and')}" if isinstance(labels, Mapping) else "one array of labels"
    want = f"the outputs {one_of(names, 'and')}" if names else "one output"
    return _error(
        node,
        f"the model has {want}, but the data has {have}",
        "name the outputs after the labels: model.outputs: {label: node}",
    )


def _problem(
    loss: Any, last: GraphNode, output: tuple[int | None, ...], labels: Data, classes: int | None
) -> BuildError | None:
    units = output[-1] if len(output) > 1 else None
    name = canonical_name(loss)
    if name == "SparseCategoricalCrossentropy":
        if labels.dtype.is_floating:
            return build_error(
                loss, f"{loss.name} needs class indices, but the labels are numbers (dtype {labels.dtype.name})"
            )
        if len(output) != len(labels.shape) + 1:
            return _output(
                last,
                f"the last layer's output has shape {tuple(output[1:])}; a classifier needs one value per class. "
                "Add a Flatten before it?",
            )
        if units is not None and classes is not None and units < classes:
            return _output(
                last, f"{_word(last)} has {plural(units, 'output')}, but the labels have {plural(classes, 'class')}"
            )
    elif name in {"CategoricalCrossentropy", "CategoricalFocalCrossentropy"} and len(labels.shape) == 1:
        return build_error(
            loss, f"{loss.name} needs one-hot labels, but these are class indices; use sparse_categorical_crossentropy"
        )
    elif name in TWO_CLASSES and len(labels.shape) == 1:
        if units != 1:
            return _output(last, f"{_word(last)} has {units} outputs, but {loss.name} needs 1")
        if classes is not None and classes > 2:
            return build_error(
                loss,
                f"{loss.name} needs 2 classes, but the labels have {classes}; use sparse_categorical_crossentropy",
            )
    elif (labels.dtype.is_floating or name in _ONE_NUMBER_EACH) and not any(
        fits(output[1:], shape) for shape in (tuple(labels.shape[1:]), (*labels.shape[1:], 1))
    ):
        return _output(
            last,
            f"{_word(last)} has output shape {tuple(output[1:])}, but each label has shape {tuple(labels.shape[1:])}",
        )
    return None


def _not_binary(loss: Any, known: Mapping[str, Value] | None, classes: int | None) -> BuildError | None:
    """The error for a binary loss on two classes that are not called 0 and 1: Keras would train on them without an error."""
    if known is None or canonical_name(loss) not in TWO_CLASSES:
        return None
    if "classes" not in known:
        lowest, highest = known["min"], known["max"]
        if (lowest >= 0 and highest <= 1) or lowest > highest:
            return None
        return build_error(
            loss,
            f"{loss.name} needs labels between 0 and 1, but they range from {lowest:g} to {highest:g}; "
            "number the classes 0 and 1, or use a regression loss",
        )
    there = [name for name, count in known["classes"].items() if count]
    if len(there) > 2 or classes is None or classes <= 2:
        return None
    return build_error(
        loss, f"{loss.name} needs the labels 0 and 1, but they are {one_of(there, 'and')}; number the classes 0 and 1"
    )


def _output(node: GraphNode, message: str) -> BuildError:
    return _error(node, message)


def _word(node: GraphNode) -> str:
    return getattr(node.component, "name", None) or node.name


def _error(node: GraphNode, message: str, hint: str | None = None) -> BuildError:
    return BuildError(diagnostics=[Diagnostic("build", message, node.location, node.path, hint=hint)])
