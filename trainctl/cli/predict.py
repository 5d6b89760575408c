"""`trainctl predict`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from trainctl.cli import options
from trainctl.cli.output import print_json
from trainctl.data.predictions import to_csv, write
from trainctl.jobs import predict as job
from trainctl.runs.console import captured
from trainctl.runs.store import find_run


def predict(
    run: options.RunName,
    path: Annotated[
        Path,
        typer.Argument(
            metavar="INPUT",
            show_default=False,
            help="Rows (.csv, .parquet), arrays (.npy, .npz with x), images, audio, or texts (.txt, .csv): a file, a folder or a glob.",
        ),
    ],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            show_default=False,
            help="Write a .csv, the raw outputs as .npy or .npz, or masks as images into a folder.",
        ),
    ] = None,
    imports: options.ImportNames = None,
    runs_dir: options.RunsDir = options.DEFAULT_RUNS_DIR,
    json: options.Json = False,
) -> None:
    """Predict on new data."""
    if output is not None:
        job.require_writable(output, path)
    found = find_run(runs_dir, run)
    with captured(None):
        predictions = job.predict(found, path, imports or (), runs_dir)
    if output is not None:
        write(predictions, output)
    elif json:
        head, *rows = predictions.rows()
        print_json([dict(zip(head, row, strict=True)) for row in rows])
    else:
        sys.stdout.write(to_csv(predictions))
