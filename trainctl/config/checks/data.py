"""Splits of the data that contradict each other."""

from __future__ import annotations

from collections.abc import Iterator

from trainctl.config.checks.places import error, location_at, warning
from trainctl.config.component import walk_components
from trainctl.config.compose.paths import join
from trainctl.config.experiment import Experiment
from trainctl.config.model.effects import EFFECTS, RANDOM, Effect
from trainctl.config.model.outputs import output_names
from trainctl.config.text.nodes import Node
from trainctl.diagnostics import Diagnostic
from trainctl.text import nearest, one_of


def splits_leave_samples(experiment: Experiment, tree: Node) -> Iterator[Diagnostic]:
    """Report validation and test splits that together leave no training samples."""
    validation, test = experiment.data.validation_split, experiment.data.test_split
    if isinstance(validation, float) and isinstance(test, float) and validation + test >= 1:
        yield error(
            "no-training-data",
            f"validation_split {validation:g} and test_split {test:g} leave no samples to train on",
            (location_at(tree, "data.test_split"), "data.test_split"),
            hint="choose splits that add up to less than 1",
        )


def splits_are_given_once(experiment: Experiment, tree: Node) -> Iterator[Diagnostic]:
    """Report a split that is defined twice, or a rule for splitting without a split."""
    data = experiment.data
    pairs = (("validation", "validation_split"), ("test", "test_split"), ("split_by_group", "split_by_time"))
    for one, other in pairs:
        if getattr(data, one) is not None and getattr(data, other) is not None:
            yield error(
                "split-twice",
                f"set only one of {one} and {other}",
                (location_at(tree, f"data.{other}"), f"data.{other}"),
                hint="remove one of them",
            )
    for rule in ("split_by_group", "split_by_time"):
        shares = (data.validation_split, data.test_split, data.folds)
        if getattr(data, rule) is not None and shares == (None, None, None):
            yield error(
                "no-split",
                f"{rule} has no effect without a split",
                (location_at(tree, f"data.{rule}"), f"data.{rule}"),
                hint="set validation_split: 0.2, test_split: 0.2 or folds: 5",
            )


def changed_labels_are_there(experiment: Experiment, tree: Node) -> Iterator[Diagnostic]:
    """Report changes of labels that nothing learns: of an autoencoder, or of an output that there is not."""
    changes, outputs = experiment.data.map_labels, output_names(experiment)
    if changes and experiment.data.target == "inputs":
        yield error(
            "no-effect",
            "map_labels changes the labels, but target: inputs learns the inputs",
            (location_at(tree, "data.map_labels"), "data.map_labels"),
            hint="remove map_labels, or change the inputs with map",
        )
    for name in changes if outputs else ():
        if name not in outputs:
            close = nearest(name, outputs)
            path = join("data.map_labels", name) if name else "data.map_labels"
            yield error(
                "unknown-output",
                f"map_labels names the output {name!r}, which the model does not have"
                if name
                else "map_labels does not say which output it is for",
                (location_at(tree, path), path),
                hint=f"did you mean {close}?" if name and close else f"the outputs are {one_of(outputs, 'and')}",
            )


def layers_suit_the_data(experiment: Experiment, _tree: Node) -> Iterator[Diagnostic]:
    """Layers over the data that do nothing, or that need labels which there are not."""
    data = experiment.data
    for component in walk_components([data.map, data.augment]):
        place = (component.location, component.path)
        if EFFECTS.get(component.name) is Effect.BOXES or component.arguments.get("bounding_box_format"):
            yield error(
                "bounding-boxes",
                f"{component.name} changes bounding boxes, but trainctl does not support them as labels",
                place,
                hint="remove bounding_box_format" if component.arguments else f"remove {component.name}",
            )
    for component in walk_components(data.map):
        if component.name in RANDOM:
            make = error if component.name == "RandomCrop" else warning
            yield make(
                "no-effect",
                f"{component.name} changes nothing in data.map, whose layers are not random",
                (component.location, component.path),
                hint="use CenterCrop, or move it to data.augment" if make is error else "move it to data.augment",
            )
    mixing = [each for each in walk_components(data.augment) if EFFECTS.get(each.name) is Effect.MIXES]
    if mixing and data.sample_weight is not None:
        yield error(
            "mixed-weights",
            f"{mixing[0].name} mixes samples, which sample_weight gives different weights; a mixed sample has no single one",
            (mixing[0].location, mixing[0].path),
            hint="remove sample_weight, or use class_weight",
        )
