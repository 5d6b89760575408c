"""The experiment's name, against what already means something else where a run is named."""

from __future__ import annotations

from collections.abc import Iterator

from trainctl.config.checks.places import error, location_at
from trainctl.config.experiment import Experiment
from trainctl.config.text.nodes import Node
from trainctl.diagnostics import Diagnostic

NEWEST = "latest"
"""What the user calls the newest run of all."""


def name_means_nothing_else(experiment: Experiment, tree: Node) -> Iterator[Diagnostic]:
    """Refuse a name by which no run could be found."""
    if experiment.name == NEWEST:
        place = location_at(tree, "name"), "name"
        yield error(
            "reserved-name", f"name cannot be {NEWEST!r}, which means the newest run", place, hint="choose another name"
        )
