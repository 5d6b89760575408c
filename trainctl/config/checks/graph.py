"""The graph of the model: unused nodes, outputs without a loss, and settings for outputs that do not exist."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from trainctl.aliases import Value
from trainctl.components.nodes.model import Graph
from trainctl.config.checks.places import error, listed, location_at, warning
from trainctl.config.component import KerasComponent, walk_components
from trainctl.config.compose.paths import find
from trainctl.config.experiment import ONLY, Experiment
from trainctl.config.model.graph import GraphNode, Ref, refs_in
from trainctl.config.model.keras_names import learned_argument
from trainctl.config.model.outputs import losses, output_names
from trainctl.config.model.own import own_entry, own_model
from trainctl.config.text.nodes import Node
from trainctl.diagnostics import Diagnostic
from trainctl.text import nearest, one_of


def nodes_are_used(experiment: Experiment, tree: Node) -> Iterator[Diagnostic]:
    """Warn about layers whose output is not used: usually a forgotten `from:` or output."""
    model = experiment.model
    needed = _needed(model)
    for node in model.layers:
        if node.name not in needed:
            yield warning(
                "unused-node",
                f"the output of '{node.name}' is not used",
                (node.location, node.path),
                hint="name it under from: or model.outputs, or remove the layer",
            )
    for name in model.inputs:
        if name not in needed:
            yield warning(
                "unused-node",
                f"the input '{name}' is not used by any layer",
                (location_at(tree, f"model.inputs.{name}"), f"model.inputs.{name}"),
                hint=f"add beside a layer: from: {name}",
            )


def _needed(model: Graph) -> set[str]:
    """Return the names of all nodes and inputs that the outputs depend on."""
    nodes = {node.name: node for node in model.layers}
    ends: Any = model.outputs or {"": Ref(model.layers[-1].name)}
    waiting, needed = [ref.node for ref in refs_in(ends)], set[str]()
    while waiting:
        name = waiting.pop()
        if name not in needed:
            needed.add(name)
            node = nodes.get(name)
            waiting += [ref.node for ref in node.refs()] if node else []
            waiting += [node.reuse] if node and node.reuse else []
    return needed


def blocks_are_used(_experiment: Experiment, tree: Node) -> Iterator[Diagnostic]:
    """Warn about blocks that are not used; their layers are never checked."""
    model = tree.value["model"]
    blocks = model.value.get("blocks")
    if blocks is None or not blocks.is_mapping:
        return
    keys = {key for node in model.walk() if node.is_mapping and node is not blocks for key in node.value}
    words = {node.value for node in model.walk() if isinstance(node.value, str)}
    for name in blocks.value:
        if name not in keys | words:
            yield warning(
                "unused-block",
                f"the block '{name}' is not used",
                (blocks.key_location(name), f"model.blocks.{name}"),
                hint=f"add it to the layers: - {name}: {{…}}",
            )


def layers_can_learn(experiment: Experiment, _tree: Node) -> Iterator[Diagnostic]:
    """Report layers that must learn from the data at places where they cannot."""
    for component in walk_components([experiment.data.map, experiment.data.augment]):
        yield from _cannot_learn(component, "move it to the start of model.layers, where it is saved with the model")
    for component in _within_layers(experiment.model):
        yield from _cannot_learn(component, "make it a layer of its own in the list")


def _within_layers(model: Graph) -> Iterator[KerasComponent]:
    """Yield the components that are arguments of layers, including those of nested models."""
    for node in model.layers:
        match node.component:
            case Graph() as nested:
                yield from _within_layers(nested)
            case KerasComponent() as component:
                for value in component.arguments.values():
                    own = [each.component for each in value.layers] if isinstance(value, Graph) else value
                    yield from walk_components(own)


def _cannot_learn(component: KerasComponent, hint: str) -> Iterator[Diagnostic]:
    argument = learned_argument(component)
    if argument is not None:
        yield error(
            "cannot-learn",
            f"{component.name} cannot learn from the data here",
            (component.location, component.path),
            hint=f"{hint}, or set {argument}",
        )


def own_models_stand_alone(experiment: Experiment, _tree: Node) -> Iterator[Diagnostic]:
    """A user's model with its own `train_step` is the whole model; within another one, Keras would not call that."""
    model = experiment.model
    if own_model(model) is not None:
        return
    for node in _all_nodes(model):
        entry = own_entry(node.component)
        if entry is not None:
            methods = one_of([f"{method}()" for method in entry.own_methods], "and")
            yield error(
                "own-model",
                f"{entry.name} has its own {methods}, which Keras calls only where it is the whole model",
                (node.location, node.path),
                hint=f"make {entry.name} the only one of model.layers",
            )


def _all_nodes(model: Graph) -> Iterator[GraphNode]:
    for node in model.layers:
        yield node
        if isinstance(node.component, Graph):
            yield from _all_nodes(node.component)


def outputs_are_known(experiment: Experiment, tree: Node) -> Iterator[Diagnostic]:
    """Report keys of `compile` that name an output that the model does not have."""
    names = output_names(experiment) or tuple(experiment.model.outputs)
    for key in ("loss", "loss_weights", "metrics", "weighted_metrics"):
        section = getattr(experiment.compile, key)
        for name in section if isinstance(section, Mapping) else ():
            if name in names or (name == ONLY and not output_names(experiment)):
                continue
            if name == ONLY:
                place = (location_at(tree, f"compile.{key}"), f"compile.{key}")
                yield error(
                    "unknown-output",
                    "loss_weights must name the outputs",
                    place,
                    hint=f"write: loss_weights: {{{names[0]}: …}}",
                )
                continue
            path, written = f"compile.{key}.{name}", find(tree, ("compile", key))
            close = nearest(name, names)
            hint = (
                f"did you mean '{close}'?" if close else "name the outputs under model.outputs" if not names else None
            )
            yield error(
                "unknown-output",
                f"the model has no output called '{name}'",
                (written.key_location(name), path),
                expected=f"one of {listed(names)}" if names else None,
                hint=hint,
            )


def outputs_learn(experiment: Experiment, tree: Node) -> Iterator[Diagnostic]:
    """Warn about outputs without a loss."""
    learning, written = losses(experiment), experiment.compile.loss
    names = output_names(experiment)
    if isinstance(written, Mapping) and not set(written) <= set(names):
        return  # a misspelled name is reported elsewhere
    for name in names:
        if name not in learning and not (isinstance(written, Mapping) and name in written):  # null means it is intended
            yield warning(
                "no-loss",
                f"the output '{name}' has no loss and is not trained",
                (location_at(tree, "compile.loss"), "compile.loss"),
                hint=f"add {name}: … to compile.loss",
            )


def epochs_remain(experiment: Experiment, tree: Node) -> Iterator[Diagnostic]:
    """Report `initial_epoch` if it leaves no epochs to train."""
    first: Value = experiment.fit.initial_epoch
    last: Value = experiment.fit.epochs  # either may still be `Late`
    if isinstance(first, int) and isinstance(last, int) and first >= last:
        path = "fit.initial_epoch"
        yield error(
            "no-epochs",
            f"initial_epoch {first} leaves no epochs to train: epochs is {last}",
            (location_at(tree, path), path),
            hint=f"raise fit.epochs above {first}; it is the number of the last epoch",
        )


def class_weights_have_one_output(experiment: Experiment, tree: Node) -> Iterator[Diagnostic]:
    """Report `class_weight` for a model with several outputs, or that learns its inputs."""
    if experiment.fit.class_weight is None:
        return
    place = (location_at(tree, "fit.class_weight"), "fit.class_weight")
    if output_names(experiment):
        yield error(
            "class-weight",
            "class_weight needs a model with one output",
            place,
            hint="use data.sample_weight, or weight the outputs with compile.loss_weights",
        )
    elif experiment.data.target == "inputs":
        message = "class_weight needs classes, but the model learns its inputs (data.target: inputs)"
        yield error("class-weight", message, place, hint="remove fit.class_weight")
