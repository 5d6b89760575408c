"""Values from the environment that leave the machine."""

from __future__ import annotations

from collections.abc import Iterator

from trainctl.config.checks.places import warning
from trainctl.config.compose.paths import PathError, find, join
from trainctl.config.experiment import Experiment
from trainctl.config.text.nodes import Node
from trainctl.diagnostics import Diagnostic


def secrets_are_sent_knowingly(experiment: Experiment, tree: Node) -> Iterator[Diagnostic]:
    """Yield a warning for each argument that a callback sends elsewhere and that holds a value from the environment."""
    for callback in experiment.callbacks:
        for field in callback.sends:
            path = join(callback.setting, field)
            try:
                node = find(tree, path.split("."))
            except PathError:
                continue
            for each in node.walk():
                if each.secret:
                    yield warning(
                        "secret-is-sent",
                        f"{callback.name_in_yaml} receives the value of {each.raw} in {field} and shows it",
                        (each.location, path),
                        hint="use a value that is not a secret",
                    )
