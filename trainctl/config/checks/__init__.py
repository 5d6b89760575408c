"""Checks across sections: plain functions in one list, each yielding diagnostics. A new check is a new entry of `CHECKS`."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from trainctl.config.experiment import Experiment
from trainctl.config.nodes import Node
from trainctl.diagnostics import Diagnostic

Check = Callable[[Experiment, Node], Iterator[Diagnostic]]
CHECKS: tuple[Check, ...] = ()


def check(experiment: Experiment, tree: Node) -> list[Diagnostic]:
    """What all checks find in an experiment whose sections are each valid."""
    return [problem for each in CHECKS for problem in each(experiment, tree)]
