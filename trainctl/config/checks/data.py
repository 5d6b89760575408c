"""The data: splits that leave nothing."""

from __future__ import annotations

from collections.abc import Iterator

from trainctl.config.checks.places import error, location_at
from trainctl.config.experiment import Experiment
from trainctl.config.nodes import Node
from trainctl.diagnostics import Diagnostic


def splits_leave_samples(experiment: Experiment, tree: Node) -> Iterator[Diagnostic]:
    """Validation and test together may not take everything."""
    validation, test = experiment.data.validation_split, experiment.data.test_split
    if isinstance(validation, float) and isinstance(test, float) and validation + test >= 1:
        yield error("no-training-data", f"validation_split {validation:g} and test_split {test:g} leave nothing to train on",
                    (location_at(tree, "data.test_split"), "data.test_split"), hint="let them add up to less than 1")  # fmt: skip
