"""The graph of the model: nodes that lead nowhere, outputs that learn nothing, and sections that name no output."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from trainctl.aliases import Value
from trainctl.components.nodes.model import Graph
from trainctl.config.checks.places import error, listed, location_at, warning
from trainctl.config.compose.paths import find
from trainctl.config.experiment import Experiment, KerasComponent, walk_components
from trainctl.config.model.graph import Ref, refs_in
from trainctl.config.model.keras_names import learnt_argument
from trainctl.config.model.outputs import losses, output_names
from trainctl.config.text.nodes import Node
from trainctl.diagnostics import Diagnostic
from trainctl.text import nearest


def nodes_are_used(experiment: Experiment, tree: Node) -> Iterator[Diagnostic]:
    """A layer whose output nobody takes is built for nothing: most often a forgotten `from:` or output."""
    model = experiment.model
    needed = _needed(model)
    for node in model.layers:
        if node.name not in needed:
            yield warning(
                "unused-node",
                f"nothing takes the output of '{node.name}'",
                (node.location, node.path),
                hint="name it in a from: or in model.outputs, or remove it",
            )
    for name in model.inputs:
        if name not in needed:
            yield warning(
                "unused-node",
                f"no layer takes the input '{name}'",
                (location_at(tree, f"model.inputs.{name}"), f"model.inputs.{name}"),
                hint=f"write beside a layer: from: {name}",
            )


def _needed(model: Graph) -> set[str]:
    """The names of all nodes and inputs that the outputs are made of."""
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
    """A block that no layer names: nobody has checked what stands in it."""
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
                f"no layer uses the block '{name}'",
                (blocks.key_location(name), f"model.blocks.{name}"),
                hint=f"write among the layers: - {name}: {{…}}",
            )


def layers_can_learn(experiment: Experiment, _tree: Node) -> Iterator[Diagnostic]:
    """A layer that learns from the data does so where the model calls it: nowhere else is it told what arrives."""
    for component in walk_components([experiment.data.map, experiment.data.augment]):
        yield from _cannot_learn(component, "put it first among model.layers, where it is saved with the model")
    for component in _within_layers(experiment.model):
        yield from _cannot_learn(component, "put it in a place of its own among the layers")


def _within_layers(model: Graph) -> Iterator[KerasComponent]:
    """Components that are arguments of layers, also of those of models within the model."""
    for node in model.layers:
        if isinstance(node.component, Graph):
            yield from _within_layers(node.component)
        elif isinstance(node.component, KerasComponent):
            for value in node.component.arguments.values():
                own = [each.component for each in value.layers] if isinstance(value, Graph) else value
                yield from walk_components(own)


def _cannot_learn(component: KerasComponent, hint: str) -> Iterator[Diagnostic]:
    argument = learnt_argument(component)
    if argument is not None:
        yield error(
            "cannot-learn",
            f"{component.name} learns from the data, which it cannot here",
            (component.location, component.path),
            hint=f"{hint}, or give it its {argument}",
        )


def outputs_are_known(experiment: Experiment, tree: Node) -> Iterator[Diagnostic]:
    """What `compile` says of an output names one that the model has."""
    names = output_names(experiment) or tuple(experiment.model.outputs)
    for key in ("loss", "loss_weights", "metrics", "weighted_metrics"):
        section = getattr(experiment.compile, key)
        for name in section if isinstance(section, Mapping) else ():
            if name in names:
                continue
            path, written = f"compile.{key}.{name}", find(tree, ("compile", key))
            close = nearest(name, names)
            hint = (
                f"did you mean '{close}'?" if close else "name the outputs: model.outputs: [...]" if not names else None
            )
            yield error(
                "unknown-output",
                f"the model has no output called '{name}'",
                (written.key_location(name), path),
                expected=f"one of {listed(names)}" if names else None,
                hint=hint,
            )


def outputs_learn(experiment: Experiment, tree: Node) -> Iterator[Diagnostic]:
    """An output without a loss learns nothing of its own."""
    learning, written = losses(experiment), experiment.compile.loss
    names = output_names(experiment)
    if isinstance(written, Mapping) and not set(written) <= set(names):
        return  # another name is meant
    for name in names:
        if name not in learning and not (isinstance(written, Mapping) and name in written):  # null says it is meant
            yield warning(
                "no-loss",
                f"the output '{name}' has no loss: nothing trains it",
                (location_at(tree, "compile.loss"), "compile.loss"),
                hint=f"add {name}: … to compile.loss",
            )


def epochs_remain(experiment: Experiment, tree: Node) -> Iterator[Diagnostic]:
    """There is something left to train after the first epoch's number."""
    first: Value = experiment.fit.initial_epoch
    last: Value = experiment.fit.epochs  # either may still be `Late`
    if isinstance(first, int) and isinstance(last, int) and first >= last:
        path = "fit.initial_epoch"
        yield error(
            "no-epochs",
            f"initial_epoch {first} leaves none of {last} epochs to train",
            (location_at(tree, path), path),
            hint=f"raise fit.epochs above {first}: it is the last epoch's number",
        )


def class_weights_have_one_output(experiment: Experiment, tree: Node) -> Iterator[Diagnostic]:
    """Classes are weighed where there is one output, whose classes are meant."""
    if experiment.fit.class_weight is not None and output_names(experiment):
        path = "fit.class_weight"
        yield error(
            "class-weight",
            "class_weight is for a model with one output",
            (location_at(tree, path), path),
            hint="give the samples weights instead, or weigh the outputs with compile.loss_weights",
        )
