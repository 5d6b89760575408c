"""Settings of `execution` that cannot work with the rest of the experiment."""

from __future__ import annotations

from collections.abc import Iterator

from trainctl.config.checks.places import error, location_at
from trainctl.config.component import KerasComponent
from trainctl.config.experiment import Experiment
from trainctl.config.model.keras_names import inner_optimizer
from trainctl.config.text.nodes import Node
from trainctl.diagnostics import Diagnostic

_PATH = "execution.recover"


def recovery_can_lower_the_rate(experiment: Experiment, tree: Node) -> Iterator[Diagnostic]:
    """Report `recover` if the learning rate is not a single number that only `recover` changes."""
    if experiment.execution.recover.on is None:
        return
    place = (location_at(tree, _PATH), _PATH)
    match inner_optimizer(experiment.compile.optimizer):
        case KerasComponent(arguments={"learning_rate": KerasComponent(name=schedule)}):
            yield error(
                "recover-conflict",
                f"recover lowers the learning rate, but the optimizer uses the schedule {schedule}",
                place,
                hint="set the optimizer's learning_rate to a number, or remove recover",
            )
        case KerasComponent(name="MultiOptimizer"):
            yield error(
                "recover-conflict",
                "recover lowers the learning rate, but MultiOptimizer has several learning rates",
                place,
                hint="use one optimizer, or remove recover",
            )
    for callback in experiment.callbacks:
        if callback.sets_rate_each_epoch:
            yield error(
                "recover-conflict",
                f"recover lowers the learning rate, but {callback.name_in_yaml} sets it in each epoch",
                place,
                hint=f"remove {callback.name_in_yaml}, or remove recover",
            )
            return
