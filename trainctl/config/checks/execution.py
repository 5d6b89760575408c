"""Settings of the execution that cannot do what they say."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from trainctl.config.checks.places import error, location_at
from trainctl.config.experiment import Experiment, KerasComponent
from trainctl.config.text.nodes import Node
from trainctl.diagnostics import Diagnostic

_PATH = "execution.recover"


def recovery_can_lower_the_rate(experiment: Experiment, tree: Node) -> Iterator[Diagnostic]:
    """Going on with a smaller learning rate needs a rate that is a number, and that nobody else sets."""
    if experiment.execution.recover.on is None:
        return
    optimizer: Any = experiment.compile.optimizer
    rate = optimizer.arguments.get("learning_rate") if isinstance(optimizer, KerasComponent) else None
    place = (location_at(tree, _PATH), _PATH)
    if isinstance(rate, KerasComponent):
        yield error(
            "recover-conflict",
            f"recover lowers the learning rate, but the optimizer's is the schedule {rate.name}",
            place,
            hint="give the optimizer a number, or leave recover out",
        )
    if isinstance(optimizer, KerasComponent) and optimizer.name == "MultiOptimizer":
        yield error(
            "recover-conflict",
            "recover lowers the learning rate, but MultiOptimizer has several",
            place,
            hint="use one optimizer, or leave recover out",
        )
    if any(callback.name_in_yaml == "LearningRateScheduler" for callback in experiment.callbacks):
        yield error(
            "recover-conflict",
            "recover lowers the learning rate, but LearningRateScheduler sets it in each epoch",
            place,
            hint="use ReduceLROnPlateau, or leave recover out",
        )
