"""Files that callbacks write: inside the run directory, and each by one callback only."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from trainctl.config.checks.places import error, place_of
from trainctl.config.experiment import Experiment
from trainctl.config.text.nodes import Node
from trainctl.diagnostics import Diagnostic, Related
from trainctl.runs.layout import RESERVED


def paths_stay_inside(experiment: Experiment, tree: Node) -> Iterator[Diagnostic]:
    """Report relative output paths that leave the run directory or name a file that trainctl writes."""
    for callback in experiment.callbacks:
        for field, path in callback.outputs():
            parts = PurePosixPath(path).parts
            if "\0" in path:
                yield error("output-path", "a path cannot hold the character NUL", place_of(tree, callback, field))
                continue
            if PurePosixPath(path).is_absolute():
                continue
            if ".." in parts:
                yield error(
                    "output-path",
                    f"'{path}' is outside the run directory",
                    place_of(tree, callback, field),
                    hint="use a path below the run directory, or an absolute path",
                )
            elif not parts or parts[0] in RESERVED:
                yield error(
                    "output-path",
                    f"'{path}' is a file that trainctl itself writes to the run directory",
                    place_of(tree, callback, field),
                    hint="choose another name",
                )


def paths_are_distinct(experiment: Experiment, tree: Node) -> Iterator[Diagnostic]:
    """Report two callbacks that write the same file."""
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
                    hint="rename one of them",
                    related=(known[1],),
                )
            elif place[0] is not None:
                taken[PurePosixPath(path)] = callback.name_in_yaml, Related("the other one", place[0])
