"""Cross-validation that contradicts the other splits, or whose runs would write over each other."""

from __future__ import annotations

from collections.abc import Iterator

from trainctl.config.checks.places import error, location_at, place_of
from trainctl.config.experiment import Experiment
from trainctl.config.folds import BY_GROUP, BY_TIME
from trainctl.config.text.nodes import Node
from trainctl.diagnostics import Diagnostic
from trainctl.text import plural


def folds_are_the_test(experiment: Experiment, tree: Node) -> Iterator[Diagnostic]:
    """Report folds beside another test split: each run tests on the fold that is held out."""
    data = experiment.data
    if data.folds is None:
        return
    for key in ("test_split", "test"):
        if getattr(data, key) is not None:
            path = f"data.{key}"
            yield error(
                "split-twice",
                f"set only one of folds and {key}: each run of the folds tests on the one that is held out",
                (location_at(tree, path), path),
                hint=f"remove {key}; what validation_split takes comes from the other folds",
            )
    if data.source.known_test:
        yield error(
            "split-twice",
            f"{data.source.name_in_yaml} has its own test split, but each run of the folds tests on the one that is held out",
            (location_at(tree, "data.folds"), "data.folds"),
            hint="remove folds, or use a source with training samples only",
        )


def folds_have_samples(experiment: Experiment, tree: Node) -> Iterator[Diagnostic]:
    """Report more folds than data.limit leaves samples."""
    data = experiment.data
    if data.folds is not None and data.limit is not None and data.folds.k > data.limit:
        yield error(
            "no-training-data",
            f"data.limit leaves {plural(data.limit, 'sample')}, too few for {data.folds.k} folds",
            (location_at(tree, "data.folds.k"), "data.folds.k"),
            hint="lower k, or raise limit",
        )


def folds_are_split_one_way(experiment: Experiment, tree: Node) -> Iterator[Diagnostic]:
    """Report folds by one column beside a split by another."""
    data = experiment.data
    by = None if data.folds is None else data.folds.by
    if by is None:
        return
    place = (location_at(tree, "data.folds.by"), "data.folds.by")
    group, time = data.split_by_group, data.split_by_time
    if by == BY_TIME and group is not None:
        yield error(
            "split-twice",
            f"folds by time, but split_by_group: {group} keeps groups together",
            place,
            hint="remove one of them; for time, name the column: split_by_time: COLUMN",
        )
    elif by not in {BY_GROUP, BY_TIME, group, time} and (group or time) is not None:
        key, column = ("split_by_group", group) if group is not None else ("split_by_time", time)
        yield error(
            "split-twice",
            f"folds are split by {by}, but {key} by {column}",
            place,
            hint=f"remove {key}: validation_split follows folds.by",
        )
    elif by == BY_GROUP and time is not None:
        yield error(
            "split-twice",
            f"folds by group, but split_by_time: {time}",
            place,
            hint="write by: time, or name the column",
        )


def folds_write_apart(experiment: Experiment, tree: Node) -> Iterator[Diagnostic]:
    """Report files outside the run directory, which each fold would write over the others'."""
    if not experiment.data.is_cross_validated:
        return
    for callback in experiment.callbacks:
        for field, path in callback.outputs():
            if path.startswith("/") and not callback.shares:
                yield error(
                    "output-path",
                    f"each fold is a run of its own, and all of them would write {path}",
                    place_of(tree, callback, field),
                    hint="use a relative path: it is inside the directory of each fold",
                )
