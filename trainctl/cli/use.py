"""`trainctl evaluate` and `trainctl predict`: use what was trained."""

from __future__ import annotations

import csv
import io
import sys
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from trainctl.cli import options
from trainctl.cli.output import print_json


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
    from trainctl.jobs.recorded import load_recorded
    from trainctl.runs.console import captured
    from trainctl.runs.store import find_run
    from trainctl.text import number

    if split not in {None, "train", "validation", "test"}:
        raise UsageError(f"--split is train, validation or test, received '{split}'")
    found = find_run(runs_dir, run)
    with captured(None), tempfile.TemporaryDirectory(prefix="trainctl-evaluate-") as scratch:
        loaded = load_recorded(found, (), imports or (), runs_dir)
        from trainctl.jobs import use  # TensorFlow: seconds

        seed = int(found.record["seed"])
        known = (found.record.get("data") or {}).get("fingerprint")
        name, metrics, changed = use.evaluate(loaded, found.directory, seed, split, Path(scratch), known)
    if changed:
        sys.stderr.write("warning: the data has changed since the run: splits and classes may be others\n")
    if json:
        facts = {"run": found.directory.run_id, "split": name, "metrics": metrics}
        print_json(facts)
        return
    for key, value in metrics.items():
        typer.echo(f"{name}_{key} {number(value)}")


def predict(
    run: options.RunName,
    path: Annotated[
        Path,
        typer.Argument(
            metavar="INPUT",
            show_default=False,
            help="Rows (.csv, .parquet), arrays (.npy, .npz with x), images, or texts (.txt, .csv): a file, a folder or a glob.",
        ),
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
    from trainctl.jobs.recorded import load_recorded
    from trainctl.runs.console import captured
    from trainctl.runs.store import find_run

    _require_writable(output, path)
    found = find_run(runs_dir, run)
    with captured(None), tempfile.TemporaryDirectory(prefix="trainctl-predict-") as scratch:
        loaded = load_recorded(found, (), imports or (), runs_dir)
        from trainctl.jobs import use  # TensorFlow: seconds

        predictions = use.predict(loaded, found.directory, found.record.get("data") or {}, path, Path(scratch))
    if output is not None:
        _write(predictions, output)
    elif json:
        head, *rows = predictions.rows()
        print_json([dict(zip(head, row, strict=True)) for row in rows])
    else:
        sys.stdout.write(_csv(predictions))


def _require_writable(output: Path | None, path: Path) -> None:
    """Refuse an output that would destroy the input, or of which nobody knows the form."""
    from trainctl.errors import UsageError

    if output is None:
        return
    if output.suffix not in {".csv", ".npy", ".npz"}:
        raise UsageError(f"-o takes a .csv, .npy or .npz, received '{output}'")
    if output.exists() and path.exists() and output.samefile(path):
        raise UsageError(f"the output {output} is the input", hint="give it another name")


def _csv(predictions: Any) -> str:
    text = io.StringIO()
    rows = ([f"{cell:g}" if isinstance(cell, float) else cell for cell in row] for row in predictions.rows())
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def _write(predictions: Any, output: Path) -> None:
    """Write a whole file aside, then rename it."""
    import numpy as np  # loaded already, by TensorFlow

    from trainctl.errors import RunDirError, UsageError
    from trainctl.files import saved_atomically

    values = predictions.values
    several = values if isinstance(values, dict) else {"output": values}
    if output.suffix == ".npy" and len(several) > 1:
        raise UsageError(f"{output} holds one array, but the model has several outputs", hint="write a .npz")
    save = {
        ".csv": lambda aside: Path(aside).write_text(_csv(predictions), encoding="utf-8"),
        ".npy": lambda aside: np.save(aside, *several.values()),
        ".npz": lambda aside: _save_npz(aside, several),
    }
    try:
        saved_atomically(output, save[output.suffix])
    except OSError as error:
        raise RunDirError(f"cannot write {output}: {error.strerror}") from None


def _save_npz(path: str, arrays: Mapping[str, Any]) -> None:
    """As numpy.savez, which takes no array that is called as one of its own arguments: `file`."""
    import numpy as np

    with zipfile.ZipFile(path, "w") as archive:
        for name, array in arrays.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                np.lib.format.write_array(member, np.asarray(array), allow_pickle=False)
