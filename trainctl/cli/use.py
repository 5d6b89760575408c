"""`trainctl evaluate` and `trainctl predict`: use what was trained."""

from __future__ import annotations

import csv
import io
import json as encoder
import sys
import tempfile
from pathlib import Path
from typing import Annotated, Any

import typer

from trainctl.cli import options


def evaluate(
    run: options.RunName,
    split: Annotated[
        str | None,
        typer.Option(
            "--split",
            metavar="train|validation|test",
            show_default=False,
            help="Which part of the data; test where there is one.",
        ),
    ] = None,
    imports: options.ImportNames = None,
    runs_dir: options.RunsDir = options.DEFAULT_RUNS_DIR,
    json: options.Json = False,
) -> None:
    """The metrics of a run's model on its data."""
    from trainctl.errors import UsageError
    from trainctl.runs.console import captured
    from trainctl.runs.recorded import load_recorded
    from trainctl.runs.store import find_run
    from trainctl.words import number

    if split not in {None, "train", "validation", "test"}:
        raise UsageError(f"--split is train, validation or test, received '{split}'")
    found = find_run(runs_dir, run)
    with captured(None), tempfile.TemporaryDirectory(prefix="trainctl-evaluate-") as scratch:
        loaded = load_recorded(found, (), imports or (), runs_dir)
        from trainctl.runtime import use  # TensorFlow: seconds

        seed = int(found.record["seed"])
        known = (found.record.get("data") or {}).get("fingerprint")
        name, metrics, changed = use.evaluate(loaded, found.directory, seed, split, Path(scratch), known)
    if changed:
        sys.stderr.write("warning: the data has changed since the run: splits and classes may be others\n")
    if json:
        typer.echo(encoder.dumps({"run": found.directory.run_id, "split": name, "metrics": metrics}))
        return
    for key, value in metrics.items():
        typer.echo(f"{name}_{key} {number(value)}")


def predict(
    run: options.RunName,
    path: Annotated[
        Path, typer.Argument(metavar="INPUT", help="A .csv of raw rows, a .npy, or a .npz with x.", show_default=False)
    ],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            show_default=False,
            help="Write a .csv, or the raw outputs as .npy or .npz.",
        ),
    ] = None,
    imports: options.ImportNames = None,
    runs_dir: options.RunsDir = options.DEFAULT_RUNS_DIR,
    json: options.Json = False,
) -> None:
    """What a run's model says of new inputs, as CSV."""
    from trainctl.runs.console import captured
    from trainctl.runs.recorded import load_recorded
    from trainctl.runs.store import find_run

    _require_writable(output, path)
    found = find_run(runs_dir, run)
    names = (found.record.get("data") or {}).get("class_names") or ()
    with captured(None), tempfile.TemporaryDirectory(prefix="trainctl-predict-") as scratch:
        loaded = load_recorded(found, (), imports or (), runs_dir)
        from trainctl.runtime import use  # TensorFlow: seconds

        predictions = use.predict(loaded, found.directory, names, path, Path(scratch))
    if output is not None:
        _write(predictions, output)
    elif json:
        rows = list(predictions.rows())
        typer.echo(encoder.dumps([dict(zip(rows[0], row, strict=True)) for row in rows[1:]]))
    else:
        csv.writer(sys.stdout, lineterminator="\n").writerows(predictions.rows())


def _require_writable(output: Path | None, path: Path) -> None:
    """Refuse an output that would destroy the input, or of which nobody knows the form."""
    from trainctl.errors import UsageError

    if output is None:
        return
    if output.suffix not in {".csv", ".npy", ".npz"}:
        raise UsageError(f"-o takes a .csv, .npy or .npz, received '{output}'")
    if output.exists() and path.exists() and output.samefile(path):
        raise UsageError(f"the output {output} is the input", hint="give it another name")


def _write(predictions: Any, output: Path) -> None:
    from trainctl.errors import RunDirError, UsageError
    from trainctl.runs.directory import write_atomically

    try:
        if output.suffix == ".npy":
            import numpy as np  # loaded already, by TensorFlow

            if isinstance(predictions.values, dict):
                raise UsageError(f"{output} holds one array, but the model has several outputs", hint="write a .npz")
            np.save(output, predictions.values)
            return
        if output.suffix == ".npz":
            import numpy as np

            several = predictions.values if isinstance(predictions.values, dict) else {"output": predictions.values}
            np.savez(output, **several)
            return
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(predictions.rows())
        write_atomically(output, text.getvalue())
    except OSError as error:
        raise RunDirError(f"cannot write {output}: {error.strerror}") from None
