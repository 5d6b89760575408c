"""`predict`: what a run's model says of new inputs."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from trainctl.aliases import Data
from trainctl.components.data_schema import DataSchema
from trainctl.errors import UsageError
from trainctl.jobs.new_inputs import as_path
from trainctl.jobs.recorded import load_recorded
from trainctl.runs.store import Run

if TYPE_CHECKING:
    from trainctl.data.predictions import Predictions

_SUFFIXES = (".csv", ".npy", ".npz")


def predict(run: Run, path: Path, imports: Sequence[str] = (), runs_dir: Path = Path("runs")) -> Predictions:
    """Predict on the inputs in `path`; the experiment's callbacks are called.

    Args:
        run: The run.
        path: A file, a folder or a glob, as `training/prediction.py` reads it.
        imports: `--import` arguments; where there are none, the recorded modules are loaded.
        runs_dir: Where the runs are whose models it may build on.

    Raises:
        DataError: A file is missing, or not what the model takes.
        RunDirError: The run has no model.
    """
    with tempfile.TemporaryDirectory(prefix="trainctl-predict-") as scratch:
        loaded = load_recorded(run, (), imports, runs_dir)
        from trainctl.training import prediction  # TensorFlow: seconds, which a wrong argument need not wait for

        return prediction.predict(loaded, run.directory, run.record.get("data") or {}, path, Path(scratch))


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
        raise UsageError(f"-o must be a .csv, .npy or .npz, or a folder for masks, got '{output}'")
    if not output.suffix and output.is_file():
        raise UsageError(f"{output} is a file; -o without an ending is a folder for masks", hint="choose another name")
    if output.exists() and path.exists() and output.samefile(path):
        raise UsageError(f"the output {output} is also the input", hint="choose another name")
