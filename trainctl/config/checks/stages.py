"""Stages beside each other: their names, what they freeze, and whether data and `--set` are for all of them."""

from __future__ import annotations

from collections.abc import Iterator

from trainctl.aliases import Value
from trainctl.components.nodes.model import Graph
from trainctl.components.nodes.saved import Saved
from trainctl.config.checks.places import error, location_at
from trainctl.config.component import KerasComponent
from trainctl.config.compose.stages import each_laid
from trainctl.config.experiment import Experiment, Stage
from trainctl.config.model.graph import GraphNode, meets
from trainctl.config.model.keras_names import TWO_CLASSES
from trainctl.config.model.log_keys import is_classification
from trainctl.config.model.needs import loss_need
from trainctl.config.model.outputs import losses
from trainctl.config.model.soft import with_soft_losses
from trainctl.config.model.wanted import wanted_labels
from trainctl.config.text.nodes import Node
from trainctl.diagnostics import Diagnostic, Location, Related
from trainctl.text import nearest, one_of


def stages_have_names_of_their_own(experiment: Experiment, tree: Node) -> Iterator[Diagnostic]:
    """Report two stages of one name."""
    seen: dict[str, Location] = {}
    for number, stage in enumerate(experiment.stages):
        if stage.name is None:
            continue
        path = f"stages.{number}.name"
        at = location_at(tree, path)
        if stage.name in seen:
            yield error(
                "duplicate-name",
                f"two stages are called {stage.name}",
                (at, path),
                hint="rename one of them",
                related=(Related("the other one", seen[stage.name]),),
            )
        seen.setdefault(stage.name, at)


def overrides_reach_a_stage(experiment: Experiment, tree: Node) -> Iterator[Diagnostic]:
    """Report a `--set` of a default that every stage replaces: a `--set` is never ignored silently."""
    used = {node.location for _, laid in each_laid(tree) for key in _DEFAULTS for node in _at(laid, key)}
    first = next(iter(experiment.stages))
    for key in _DEFAULTS:
        for node in _at(tree, key):
            is_leaf = not (node.is_mapping or node.is_list)
            if is_leaf and node.location.source.name.startswith("--set ") and node.location not in used:
                path = node.location.source.text.partition("=")[0]
                yield error(
                    "no-effect",
                    f"{path} has no effect: every stage sets its own",
                    (node.location, path),
                    hint=f"set that of a stage: --set {first.setting}.{path}=…",
                )


_DEFAULTS = ("compile", "fit", "callbacks", "data")


def _at(tree: Node, key: str) -> Iterator[Node]:
    """Yield the nodes of a section that stages may have of their own."""
    section = tree.value.get(key)
    if section is not None and key == "data":
        section = section.value.get("batch_size") if section.is_mapping else None
    if section is not None:
        yield from section.walk()


def frozen_layers_exist(experiment: Experiment, tree: Node) -> Iterator[Diagnostic]:
    """Report names and patterns of `freeze` that match no layer, where all layers are known without building them."""
    if any(map(_is_opaque, _nodes(experiment.model))):
        return
    paths = list(_paths(experiment.model))
    for stage in experiment.stages:
        for pattern in _named(stage):
            if not any(meets(path, pattern) for path in paths):
                close = nearest(pattern.strip("*"), paths)
                yield error(
                    "unknown-layer",
                    f"no layer of the model is called '{pattern}'",
                    (location_at(tree, f"{stage.setting}.freeze"), f"{stage.setting}.freeze"),
                    hint=f"did you mean '{close}'?" if close else f"it has {one_of(paths[:8], 'and')}",
                )


def _named(stage: Stage) -> tuple[str, ...]:
    frozen = stage.freeze
    return () if frozen is None else (*frozen.patterns, *([frozen.until] if frozen.until is not None else []))


def _nodes(model: Graph) -> Iterator[GraphNode]:
    for node in model.layers:
        yield node
        if isinstance(node.component, Graph):
            yield from _nodes(node.component)


def _is_opaque(node: GraphNode) -> bool:
    """Return whether only building tells which layers it is made of: a trained model, or the sum of a residual branch."""
    is_backbone = isinstance(node.component, KerasComponent) and node.component.kind == "application"
    return node.is_sum or is_backbone or isinstance(node.component, Saved)


def _paths(model: Graph, prefix: str = "") -> Iterator[str]:
    for node in model.layers:
        yield prefix + node.name
        if isinstance(node.component, Graph):
            yield from _paths(node.component, f"{prefix}{node.name}/")


def something_is_trained(experiment: Experiment, tree: Node) -> Iterator[Diagnostic]:
    """Report a stage that freezes everything."""
    for stage in experiment.stages:
        if stage.freeze is not None and "*" in stage.freeze.patterns:
            path = f"{stage.setting}.freeze"
            yield error(
                "nothing-trained",
                "the stage freezes every layer and trains nothing",
                (location_at(tree, path), path),
                hint="name the layers to freeze, such as freeze: backbone",
            )


def labels_are_the_same(experiment: Experiment, tree: Node) -> Iterator[Diagnostic]:
    """Report a loss that takes other labels than that of the first stage: the data is loaded, and split, once."""
    head = experiment.stages[0].setting
    first, *others = (with_soft_losses(each) for each in experiment.at_each_stage)
    for stage, other in zip(experiment.stages[1:], others, strict=True):
        if _labels(other) != _labels(first):
            path = f"{stage.setting}.compile.loss"
            yield error(
                "stage-labels",
                "the loss of this stage takes other labels than that of the first stage",
                (location_at(tree, path), path),
                hint="use a loss for the same labels in all stages",
                related=(Related("the loss of the first stage", location_at(tree, f"{head}.compile.loss")),),
            )


def _labels(experiment: Experiment) -> Value:
    """Return what decides how labels are read and split."""
    wanted = {
        output: (loss_need(each.loss).labels, each.loss in TWO_CLASSES, each.kind, each.ignored)
        for output, each in wanted_labels(experiment).items()
    }
    return wanted, [is_classification(loss) for loss in losses(experiment).values()]
