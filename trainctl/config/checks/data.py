"""Splits of the data that contradict each other."""

from __future__ import annotations

from collections.abc import Iterator

from trainctl.config.checks.places import error, location_at
from trainctl.config.experiment import Experiment
from trainctl.config.text.nodes import Node
from trainctl.diagnostics import Diagnostic


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
        if getattr(data, rule) is not None and data.validation_split is None and data.test_split is None:
            yield error(
                "no-split",
                f"{rule} has no effect without a split",
                (location_at(tree, f"data.{rule}"), f"data.{rule}"),
                hint="set validation_split: 0.2 or test_split: 0.2",
            )
