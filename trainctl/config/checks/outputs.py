"""What callbacks write: within the run directory, and not over each other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from trainctl.config.checks.places import error, place_of
from trainctl.config.experiment import Experiment
from trainctl.config.text.nodes import Node
from trainctl.diagnostics import Diagnostic, Related
from trainctl.runs.layout import RESERVED


def paths_stay_inside(experiment: Experiment, tree: Node) -> Iterator[Diagnostic]:
    """A relative output path may not leave the run directory, nor take the name of a file that trainctl writes there."""
    for callback in experiment.callbacks:
        for field, path in callback.outputs():
            parts = PurePosixPath(path).parts
            if PurePosixPath(path).is_absolute():
                continue
            if ".." in parts:
                yield error(
                    "output-path",
                    f"'{path}' leaves the run directory",
                    place_of(tree, callback, field),
                    hint="name a path below the run directory, or an absolute one",
                )
            elif not parts or parts[0] in RESERVED:
                yield error(
                    "output-path",
                    f"trainctl itself writes '{path}' in the run directory",
                    place_of(tree, callback, field),
                    hint="choose another name",
                )


def paths_are_distinct(experiment: Experiment, tree: Node) -> Iterator[Diagnostic]:
    """Two callbacks that write one file destroy each other's."""
    taken: dict[PurePosixPath, tuple[str, Related]] = {}
    for callback in experiment.callbacks:
        for field, path in callback.outputs():
            place = place_of(tree, callback, field)
            known = taken.get(PurePosixPath(path))
            if known is not None:
                yield error(
                    "output-path",
                    f"{callback.name_in_yaml} and {known[0]} both write '{path}'",
                    place,
                    hint="give one of them another name",
                    related=(known[1],),
                )
            elif place[0] is not None:
                taken[PurePosixPath(path)] = callback.name_in_yaml, Related("the other one", place[0])
