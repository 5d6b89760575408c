"""`evaluate`: the metrics of a run's model on its data."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from trainctl.errors import UsageError
from trainctl.events import Statistics
from trainctl.jobs.given_data import with_recorded_data
from trainctl.jobs.recorded import load_recorded
from trainctl.runs.children import kind_of_children, statistics
from trainctl.runs.store import Run, children
from trainctl.sources.given import GivenData

SPLITS = ("train", "validation", "test")


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What an evaluation came to.

    Args:
        run: The id of the run.
        split: train, validation or test.
        metrics: By the keys of the logs, without a prefix.
        data_changed: Whether the data is not what the run was trained on: splits and classes may differ.
        statistics: Of a run that consists of several, each metric of all of them; `metrics` are then the means.
    """

    run: str
    split: str
    metrics: Mapping[str, float]
    data_changed: bool = False
    statistics: Mapping[str, Statistics] = field(default_factory=dict)


def evaluate(
    run: Run,
    split: str | None = None,
    imports: Sequence[str] = (),
    runs_dir: Path = Path("runs"),
    given: GivenData | None = None,
) -> Evaluation:
    """Evaluate the run's model on one split of its data, or that of each run that it consists of, on its own split.

    The experiment's callbacks are called.

    Args:
        run: The run.
        split: train, validation or test; `None` takes test where there is one, else validation, else train.
        imports: `--import` arguments; where there are none, the recorded modules are loaded.
        runs_dir: Where the runs are whose models it may build on.
        given: Data given in Python in place of the experiment's source.

    Raises:
        UsageError: There is no such split.
        DataError: The data is gone, or has no such split.
        RunDirError: The run has no model.
    """
    if split not in {None, *SPLITS}:
        raise UsageError(f"--split must be train, validation or test, got '{split}'")
    kind = kind_of_children(run.record)
    if kind is not None:
        parts = [evaluate(each, split, imports, runs_dir, given) for each in children(run)]
        each_metric = statistics([part.metrics for part in parts])
        means = {name: each.mean for name, each in each_metric.items()}
        changed = any(part.data_changed for part in parts)
        return Evaluation(run.directory.run_id, parts[0].split, means, changed, each_metric)
    with tempfile.TemporaryDirectory(prefix="trainctl-evaluate-") as scratch:
        loaded = with_recorded_data(load_recorded(run, (), imports, runs_dir), run, given)
        from trainctl.training import evaluation  # TensorFlow: seconds, which a wrong argument need not wait for

        known = (run.record.get("data") or {}).get("fingerprint")
        name, metrics, changed = evaluation.evaluate(loaded, run.directory, run.seed, split, Path(scratch), known)
    return Evaluation(run.directory.run_id, name, metrics, changed)
