"""`evaluate`: how good a run's model is, on its data or on other data of the same form."""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from trainctl.aliases import Array, Value
from trainctl.components.context import DataContext
from trainctl.components.spec import SourceSpec
from trainctl.config.load import Loaded, load
from trainctl.errors import DataError, RunDirError, UsageError
from trainctl.events import Baseline, Statistics
from trainctl.files import WORKING_DIRECTORY, own_folder
from trainctl.jobs.given_data import with_recorded_data
from trainctl.jobs.recorded import load_recorded
from trainctl.jobs.thumbnails import thumbnails
from trainctl.jobs.trained_models import trained_models
from trainctl.runs.checkpoints import model_file
from trainctl.runs.children import kind_of_children, statistics
from trainctl.runs.directory import write_json
from trainctl.runs.failure import in_directory
from trainctl.runs.store import Run, children
from trainctl.sources.given import GivenData

if TYPE_CHECKING:
    from trainctl.training.evaluation import Found

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
        checkpoint: The file of the model, relative to the run directory.
        samples: How many samples were evaluated.
        data: The data that took the place of the run's own; `None` for the run's own.
        baseline: What constants come to, by the keys of the logs without a prefix.
        quality: What else there is to say of the predictions, as `data/quality.py` says it.
        prefix: What the keys of the metrics begin with in logs: `val_`.
        images: The inputs of the worst mistakes, where these are images.
    """

    run: str
    split: str
    metrics: Mapping[str, float]
    data_changed: bool = False
    statistics: Mapping[str, Statistics] = field(default_factory=dict)
    checkpoint: str = ""
    samples: int = 0
    data: str | None = None
    baseline: Baseline = field(default_factory=dict)
    quality: Mapping[str, Value] = field(default_factory=dict)
    prefix: str = ""
    images: Array | None = field(default=None, compare=False)

    def as_dict(self) -> dict[str, Value]:
        """Return the evaluation for machines; metrics under the keys of the logs, such as `val_loss`."""
        named = {f"{self.prefix}{key}": value for key, value in self.metrics.items()}
        spread = {f"{self.prefix}{key}": asdict(each) for key, each in self.statistics.items()}
        alone = {
            "checkpoint": self.checkpoint,
            "samples": self.samples,
            "data": self.data,
            "baseline": {f"{self.prefix}{key}": kinds for key, kinds in self.baseline.items()},
            **self.quality,
        }
        return {"run": self.run, "split": self.split, "metrics": named, **({"statistics": spread} if spread else alone)}


def evaluate(
    run: Run,
    split: str | None = None,
    imports: Sequence[str] = (),
    runs_dir: Path = Path("runs"),
    given: GivenData | None = None,
    *,
    data: str | None = None,
    checkpoint: str | None = None,
    importance: bool | None = False,
    boosting: bool = False,
) -> Evaluation:
    """Evaluate the run's model on one split of its data, or that of each run that it consists of, on its own split.

    The experiment's callbacks are called.

    Args:
        run: The run.
        split: train, validation or test; `None` takes test where there is one, else validation, else train.
        imports: `--import` arguments; where there are none, the recorded modules are loaded.
        runs_dir: Where the runs are whose models it may build on.
        given: Data given in Python in place of the experiment's source.
        data: A file as that of training, or an experiment file whose source is taken, in place of a split.
        checkpoint: The file of the model, relative to the run directory; `None` for the final one.
        importance: Whether to shuffle each column of a table, to see how much the model depends on it; `None` does so where
            that is possible.
        boosting: Whether gradient boosting is a baseline too, of a table and a single run.

    Raises:
        UsageError: There is no such split, a split is named beside other data, or the run consists of several and
            `importance` is set.
        DataError: The data is gone, or has no such split.
        RunDirError: The run has no such model.
    """
    if split not in {None, *SPLITS}:
        raise UsageError(f"--split must be train, validation or test, got '{split}'")
    if split is not None and data is not None:
        raise UsageError("--split chooses a part of the run's own data, so it does not go with --data")
    if importance:
        require_one_model(run, "--importance")
    kind = kind_of_children(run.record)
    if kind is not None:
        if not children(run):
            raise RunDirError(f"{run.directory.path} holds none of its {kind}", hint="copy the whole run directory")
        parts = [
            evaluate(
                replace(each, checkpoint=run.checkpoint),
                split,
                imports,
                runs_dir,
                given,
                data=data,
                checkpoint=checkpoint,
            )
            for each in children(run)
        ]
        each_metric = statistics([part.metrics for part in parts])
        means = {name: each.mean for name, each in each_metric.items()}
        changed = any(part.data_changed for part in parts)
        run_id, prefix = run.directory.run_id, parts[0].prefix
        return Evaluation(run_id, parts[0].split, means, changed, each_metric, data=data, prefix=prefix)
    chosen = model_file(run, checkpoint)
    with tempfile.TemporaryDirectory(prefix="trainctl-evaluate-") as scratch:
        loaded = with_recorded_data(load_recorded(run, (), imports, runs_dir), run, given)
        source = None if data is None else _source(loaded, data)
        evaluation = trained_models().evaluation
        asked = evaluation.Asked(split, source, chosen, importance, boosting)
        known = (run.record.get("data") or {}).get("fingerprint")
        found = evaluation.evaluate(loaded, run.directory, run.seed, asked, Path(scratch), known)
        prefix = evaluation.PREFIXES[found.split]
    return _made(run, chosen, found, prefix, data)


def require_one_model(run: Run, option: str) -> None:
    """Refuse an option that looks at one model where the run consists of several runs.

    Raises:
        UsageError: It does.
    """
    kind = kind_of_children(run.record)
    if kind is not None:
        raise UsageError(
            f"{option} looks at one model, but the run {run.directory.run_id} consists of {kind}",
            hint=f"evaluate one of them: trainctl evaluate {run.directory.run_id}/{kind}/1 {option}",
        )


def record(run: Run, evaluation: Evaluation) -> Path:
    """Write the evaluation as `evaluations/<time>.json` into the run directory, and return the file.

    Raises:
        RunDirError: It cannot be written.
    """
    now = datetime.now(UTC)
    path = run.directory.evaluations / f"{now:%Y%m%d-%H%M%S}-{secrets.token_hex(3)}.json"
    with in_directory(path, "write the evaluation", "free some space, or make the run directory writable"):
        own_folder(path.parent)
        write_json(path, {"time": f"{now:%Y-%m-%dT%H:%M:%SZ}", **as_recorded(evaluation)})
    return path


def as_recorded(evaluation: Evaluation) -> dict[str, Value]:
    """Return what a file in `evaluations/` says besides its time."""
    images = {} if evaluation.images is None else {"images": thumbnails(evaluation.images)}
    return {**evaluation.as_dict(), "data_changed": evaluation.data_changed, **images}


def _made(run: Run, chosen: Path, found: Found, prefix: str, data: str | None) -> Evaluation:
    return Evaluation(
        run.directory.run_id,
        found.split,
        found.metrics,
        found.data_changed,
        checkpoint=str(chosen.relative_to(run.directory.path)),
        samples=found.samples,
        data=data,
        baseline=found.baseline,
        quality=found.quality,
        prefix=prefix,
        images=found.images,
    )


def _source(loaded: Loaded, data: str) -> SourceSpec:
    """Return the source of an experiment file, or that of training on other files.

    Raises:
        UsageError: That source reads no files.
        ConfigError: The experiment file is invalid.
        DataError: There is no such file.
    """
    if data.lower().endswith((".yaml", ".yml")):
        source = load(data).experiment.data.source
    else:
        known = loaded.experiment.data.source
        if "path" not in type(known).model_fields:
            raise UsageError(
                f"{known.name_in_yaml} reads no files, so --data {data} cannot take its place",
                hint="pass an experiment file whose data.source is to be evaluated: --data other.yaml",
            )
        source = known.model_copy(update={"path": str(Path(data).absolute())})
    try:
        source.look(DataContext(lambda _event: None, kinds={}))
    except DataError as error:
        error.hint = error.hint_for_new if data.lower().endswith((".yaml", ".yml")) else WORKING_DIRECTORY
        raise
    return source
