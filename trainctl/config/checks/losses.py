"""The model checked against the loss and the labels: combinations that would learn nothing or fail at the first step."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from trainctl.config.checks.places import warning
from trainctl.config.component import KerasComponent
from trainctl.config.experiment import Experiment, ModelSection
from trainctl.config.model.fits import Output
from trainctl.config.model.graph import Ref, last_output
from trainctl.config.model.keras_names import TWO_CLASSES, canonical_name
from trainctl.config.model.needs import Gives, loss_need
from trainctl.config.model.outputs import only_loss
from trainctl.config.text.nodes import Node
from trainctl.diagnostics import Diagnostic, Location
from trainctl.text import plural

_SHAPING = {"Activation", "Softmax", "ReLU", "LeakyReLU", "ELU", "PReLU", "Dropout", "Identity"}


def outputs_are_all_used(experiment: Experiment, _tree: Node) -> Iterator[Diagnostic]:
    """Warn of more outputs than there are classes, if both are known."""
    classes, dense = experiment.data.known_classes, _last_dense(experiment)
    units = dense.arguments.get("units") if dense is not None else None
    if classes is None or dense is None or not isinstance(units, int) or experiment.data.target == "inputs":
        return
    if canonical_name(only_loss(experiment)) == "SparseCategoricalCrossentropy" and units > classes:
        source = experiment.data.source.name_in_yaml
        yield warning(
            "output-units",
            f"the model has {plural(units, 'output')}, but {source} has {plural(classes, 'class')}",
            _units(dense),
            received=str(units),
            expected=str(classes),
            hint=f"set units: {classes}, or ${{data.num_classes}}",
        )


def loss_fits_activation(experiment: Experiment, _tree: Node) -> Iterator[Diagnostic]:
    """Warn about a crossentropy whose `from_logits` does not match the last activation."""
    loss = only_loss(experiment)
    activation = _last_activation(experiment)
    need = loss_need(canonical_name(loss))
    if not need.is_of_classes or need.outputs is not Gives.PROBABILITY or activation is None:
        return
    name, place = activation
    logits = loss.arguments.get("from_logits") is True
    needed = "sigmoid" if canonical_name(loss) in TWO_CLASSES else "softmax"
    if name == "linear" and need.logits_argument and not logits:
        yield warning(
            "loss-activation",
            f"{loss.name} expects probabilities, but the last layer has no activation",
            place,
            hint=f"set activation: {needed} on the last layer, or from_logits: true on the loss",
        )
    elif name == "softmax" and needed == "sigmoid" and _units_of(experiment) != 1 and not _has_more_classes(experiment):
        yield warning(
            "loss-activation",
            f"{loss.name} takes each output by itself, but the outputs of softmax add up to 1",
            place,
            hint="set activation: sigmoid on the last layer, or use categorical_crossentropy",
        )
    elif name in {"softmax", "sigmoid"} and logits:
        yield warning(
            "loss-activation",
            f"{loss.name} expects logits (from_logits: true), but the last layer outputs probabilities",
            place,
            hint=f"remove from_logits, or the activation {name}",
        )
    elif name in {"relu", "tanh"}:
        yield warning(
            "loss-activation",
            f"{loss.name} expects probabilities, but {name} does not output probabilities",
            place,
            hint=f"set activation: {needed} on the last layer",
        )


def _has_more_classes(experiment: Experiment) -> bool:
    """Whether the labels are known to have more than two classes, for which a binary loss is an error of its own."""
    return (experiment.data.known_classes or 0) > 2


def known_output(experiment: Experiment) -> Output | None:
    """Return what the only output gives, as far as the last layers tell; `None` where they do not."""
    units, activation = _units_of(experiment), _last_activation(experiment)
    if not isinstance(units, int) or experiment.model.outputs:
        return None
    return Output((units,), activation[0] if activation is not None else None, "Dense")


def output_place(experiment: Experiment) -> tuple[Location | None, str]:
    """Return where the number of outputs is written."""
    dense = _last_dense(experiment)
    return _units(dense) if dense is not None else (None, "model")


def _units_of(experiment: Experiment) -> Any:
    dense = _last_dense(experiment)
    return dense.arguments.get("units") if dense is not None else None


def _last_dense(experiment: Experiment) -> KerasComponent | None:
    """Return the layer that decides the number of outputs, if no later layer changes it."""
    for layer in _chain(experiment.model):
        if layer.name == "Dense":
            return layer
        if layer.name not in _SHAPING:
            return None
    return None


def _chain(model: ModelSection) -> Iterator[KerasComponent]:
    """Yield the Keras layers from the only output backwards, as long as each has one input."""
    nodes = {node.name: node for node in model.layers}
    ref = last_output(model)
    while ref is not None and ref.node in nodes and not ref.steps:
        node = nodes[ref.node]
        if not isinstance(node.component, KerasComponent):
            return
        yield node.component
        ref = node.takes if isinstance(node.takes, Ref) else None


def _last_activation(experiment: Experiment) -> tuple[str, tuple[Location | None, str]] | None:
    """Return the name and place of the last activation, if the last layer shows it."""
    last = next(_chain(experiment.model), None)
    if last is None:
        return None
    if last.name == "Softmax":
        return "softmax", _place(last)
    if last.name not in {"Dense", "Activation"}:
        return None
    activation = last.arguments.get("activation")
    if activation is None:
        return "linear", _place(last)
    if not isinstance(activation, KerasComponent):
        return None
    return activation.name.lower(), _place(activation)


def _units(dense: KerasComponent) -> tuple[Location | None, str]:
    return dense.value_locations.get("units", dense.location), f"{dense.path}.units"


def _place(component: KerasComponent) -> tuple[Location | None, str]:
    return component.location, component.path
