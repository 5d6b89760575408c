"""`predict`: what a run's model says of new inputs."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from trainctl.aliases import Data
from trainctl.components.data_schema import DataSchema
from trainctl.errors import UsageError
from trainctl.jobs.new_inputs import as_path
from trainctl.jobs.recorded import load_recorded
from trainctl.jobs.trained_models import trained_models
from trainctl.runs.checkpoints import model_file
from trainctl.runs.evaluations import recorded_evaluations
from trainctl.runs.store import Run
from trainctl.text import one_of

if TYPE_CHECKING:
    from trainctl.components.new_inputs import Counts
    from trainctl.data.prediction_files import Part
    from trainctl.data.predictions import Predictions

_SUFFIXES = (".csv", ".jsonl", ".parquet", ".npy", ".npz")
BEST = "best"
"""The threshold at which an evaluation found the highest F1."""


@dataclass(frozen=True, slots=True)
class Options:
    """How to predict.

    Args:
        columns: Columns of a table to carry along; `None` for all.
        each: Whether to give the probability of every class.
        checkpoint: The file of the model, relative to the run directory; `None` for the final one.
        threshold: From which probability on the second of two classes is predicted; `None` for the likelier.
        skip: Whether to skip rows and files that cannot be read.
    """

    columns: Sequence[str] | None = None
    each: bool = False
    checkpoint: str | None = None
    threshold: float | None = None
    skip: bool = False


def predict_parts(
    run: Run,
    paths: Sequence[Path],
    lines: Iterable[str],
    options: Options,
    counts: Counts,
    imports: Sequence[str] = (),
    runs_dir: Path = Path("runs"),
) -> Iterator[Part]:
    """Yield what the run's model says of new inputs, part by part, so that memory stays constant.

    Args:
        run: The run.
        paths: Files, folders or globs; `-` is JSON lines.
        lines: What `-` reads.
        options: How to predict.
        counts: Counted on the way.
        imports: `--import` arguments; where there are none, the recorded modules are loaded.
        runs_dir: Where the runs are whose models it may build on.

    Raises:
        UsageError: There is a threshold, but the model has not two classes.
        DataError: A file is missing, or not what the model takes.
        RunDirError: The run has no such model.
    """
    chosen = model_file(run, options.checkpoint)
    with tempfile.TemporaryDirectory(prefix="trainctl-predict-") as scratch:
        loaded = load_recorded(run, (), imports, runs_dir)
        new_parts = trained_models().new_parts
        asked = new_parts.Asked(paths, lines, chosen, options.columns, options.threshold, options.each, options.skip)
        recorded = run.record.get("data") or {}
        yield from new_parts.predict_parts(loaded, run.directory, recorded, asked, Path(scratch), counts)


@dataclass(frozen=True, slots=True)
class Threshold:
    """From which probability on the second of two classes is predicted.

    Args:
        value: The probability.
        found_on: What an evaluation found it on, in words; `None` where the user gave the number.
    """

    value: float
    found_on: str | None = None


def find_threshold(run: Run, wanted: str, checkpoint: str | None = None) -> Threshold:
    """Return the threshold that is meant; `best` is that of the newest evaluation of the same model.

    Args:
        run: The run.
        wanted: A number, or `best`.
        checkpoint: The file of the model, relative to the run directory; `None` for the one that `run` means.

    Raises:
        UsageError: It is no number between 0 and 1, or there is no such evaluation.
        RunDirError: The run has no such model.
    """
    if wanted != BEST:
        try:
            value = float(wanted)
        except ValueError:
            value = -1.0
        if not 0 <= value <= 1:
            raise UsageError(f"--threshold must be between 0 and 1, or best, got '{wanted}'")
        return Threshold(value)
    name = str(model_file(run, checkpoint).relative_to(run.directory.path))
    for each in recorded_evaluations(run):
        found, threshold = each.facts, each.facts.get("threshold")
        if (
            found.get("checkpoint") == name
            and each.is_current
            and isinstance(threshold, dict)
            and isinstance(threshold.get("value"), float)
            and 0 <= threshold["value"] <= 1
        ):
            return Threshold(threshold["value"], found.get("data") or f"the {found.get('split')} split")
    raise UsageError(
        f"--threshold best needs an evaluation of {name} that found one",
        hint=f"evaluate first: trainctl evaluate {run.directory.run_id} --split validation",
    )


def predict(
    run: Run,
    path: Path,
    imports: Sequence[str] = (),
    runs_dir: Path = Path("runs"),
    checkpoint: str | None = None,
) -> Predictions:
    """Predict on the inputs in `path`; the experiment's callbacks are called.

    Args:
        run: The run.
        path: A file, a folder or a glob, as `training/prediction.py` reads it.
        imports: `--import` arguments; where there are none, the recorded modules are loaded.
        runs_dir: Where the runs are whose models it may build on.
        checkpoint: The file of the model, relative to the run directory; `None` for the one that `run` means.

    Raises:
        DataError: A file is missing, or not what the model takes.
        RunDirError: The run has no such model.
    """
    chosen = model_file(run, checkpoint)
    with tempfile.TemporaryDirectory(prefix="trainctl-predict-") as scratch:
        loaded = load_recorded(run, (), imports, runs_dir)
        said: Predictions = trained_models().prediction.predict(
            loaded, run.directory, chosen, run.record.get("data") or {}, path, Path(scratch)
        )
        return said


def predict_inputs(run: Run, inputs: Data, imports: Sequence[str] = (), runs_dir: Path = Path("runs")) -> Predictions:
    """Predict on inputs that are given in Python.

    Args:
        run: The run.
        inputs: As `jobs/new_inputs.py` takes them.
        imports: `--import` arguments; where there are none, the recorded modules are loaded.
        runs_dir: Where the runs are whose models it may build on.

    Raises:
        UsageError: They are nothing to predict on.
        DataError: A file is missing, or they are not what the model takes.
        RunDirError: The run has no model.
    """
    with tempfile.TemporaryDirectory(prefix="trainctl-inputs-") as folder:
        is_table = bool(DataSchema.from_record(run.record.get("data") or {}).columns)
        path, files = as_path(inputs, Path(folder), is_table=is_table)
        predictions = predict(run, path, imports, runs_dir)
    return predictions if files is None else replace(predictions, files=files)


def require_writable(output: Path, path: Path) -> None:
    """Refuse an output that would destroy the input, or of which no one knows the form.

    Raises:
        UsageError: It is one.
    """
    if output.suffix and output.suffix not in _SUFFIXES:
        raise UsageError(f"-o must be a {one_of(_SUFFIXES)}, or a folder for masks, got '{output}'")
    if not output.suffix and output.is_file():
        raise UsageError(f"{output} is a file; -o without an ending is a folder for masks", hint="choose another name")
    if output.exists() and path.exists() and output.samefile(path):
        raise UsageError(f"the output {output} is also the input", hint="choose another name")
