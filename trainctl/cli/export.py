"""`trainctl export`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from trainctl.cli import options
from trainctl.cli.output import print_json
from trainctl.jobs import export as job
from trainctl.runs.console import captured
from trainctl.runs.store import find_run


def export(
    run: options.RunName,
    to: Annotated[
        str,
        typer.Option(
            "--to", metavar="FORMAT", help="keras, saved_model, litert, onnx or openvino.", show_default=False
        ),
    ],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="DIR",
            show_default=False,
            help="A new folder; by default exports/FORMAT in the run directory.",
        ),
    ] = None,
    checkpoint: options.Checkpoint = None,
    imports: options.ImportNames = None,
    runs_dir: options.RunsDir = options.DEFAULT_RUNS_DIR,
    json: options.Json = False,
) -> None:
    """Export a run's model to a format that serves it."""
    found = find_run(runs_dir, run)
    with captured(None):
        result = job.export(found, to, output, checkpoint, imports or (), runs_dir)
    if json:
        print_json(asdict(result))
        return
    if result.largest_difference is None:
        typer.echo("not checked: its runtime is not installed")
    else:
        typer.echo(f"largest difference on {result.samples} samples: {result.largest_difference:.3g}")
    typer.echo(f"wrote {result.directory}")
