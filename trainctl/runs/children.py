"""The runs that a run consists of, such as the folds of cross-validation: their results, and what they come to together."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from statistics import fmean, stdev

from trainctl.aliases import Value
from trainctl.events import Baseline, ChildRun, ChildRuns, Statistics
from trainctl.runs.layout import CHILDREN, RunDirectory


def child_run(directory: RunDirectory, record: Mapping[str, Value]) -> ChildRun:
    """Return what the run in `directory` came to, as its run.json says."""
    return ChildRun(
        name=directory.path.name,
        run_id=directory.run_id,
        directory=f"{directory.path.parent.name}/{directory.path.name}",
        status=str(record.get("status")),
        exit_code=record.get("exit_code") or 0,
        epochs=record.get("epochs_run") or 0,
        kept_epoch=record.get("kept_epoch"),
        seconds=record.get("seconds") or 0.0,
        metrics={key: math.nan if value is None else value for key, value in (record.get("metrics") or {}).items()},
        weights=record.get("weights"),
        baseline=record.get("baseline") or {},
    )


def together(kind: str, runs: Iterable[ChildRun]) -> ChildRuns:
    """Return the runs with the statistics of the metrics that all of those have which are done."""
    runs = tuple(runs)
    return ChildRuns(kind, runs, statistics([run.metrics for run in runs if run.status == "done"]))


def statistics(several: Sequence[Mapping[str, float]]) -> dict[str, Statistics]:
    """Return mean and deviation of each metric that all of several runs have."""
    names = several[0] if several else ()
    return {name: _of([each[name] for each in several]) for name in names if all(name in each for each in several)}


def _of(values: list[float]) -> Statistics:
    if not all(map(math.isfinite, values)):  # of which there is no deviation
        return Statistics(sum(values) / len(values), math.nan, tuple(values))
    return Statistics(fmean(values), stdev(values) if len(values) > 1 else 0.0, tuple(values))


def mean_baseline(runs: Sequence[ChildRun]) -> Baseline:
    """Return the mean of what constants came to in several runs, in each metric and kind that all of them have."""
    first = runs[0].baseline if runs else {}
    found: dict[str, dict[str, float]] = {}
    for metric, kinds in first.items():
        for kind in kinds:
            values = [run.baseline.get(metric, {}).get(kind) for run in runs]
            known = [value for value in values if value is not None]
            if len(known) == len(runs):
                found.setdefault(metric, {})[kind] = fmean(known)
    return found


def recorded_children(children: ChildRuns) -> dict[str, Value]:
    """Return what run.json says of the runs, under their kind."""
    facts = asdict(children)
    return {facts.pop("kind"): facts}


def kind_of_children(record: Mapping[str, Value]) -> str | None:
    """Return what runs a recorded run consists of, as their folder is called; `None` if it is a single one."""
    for kind in CHILDREN:  # a list asks 10,000 times
        if isinstance(record.get(kind), dict):
            return kind
    return None
