"""`trainctl report`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from trainctl.cli import options
from trainctl.cli.output import print_json
from trainctl.jobs import report as job
from trainctl.runs.console import captured
from trainctl.runs.store import find_run
from trainctl.text import format_bytes


def report(
    runs: Annotated[
        list[str],
        typer.Argument(
            metavar="RUN...", help="Paths, run ids, names (their newest runs) or latest.", show_default=False
        ),
    ],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            show_default=False,
            help="The file to write; by default report.html in the run directory.",
        ),
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the file of --output, if it exists.")] = False,
    evaluates: Annotated[
        bool,
        typer.Option(
            "--evaluate/--no-evaluate",
            help="Evaluate a run whose evaluations/ hold nothing newer than its model, which imports TensorFlow.",
        ),
    ] = True,
    imports: options.ImportNames = None,
    runs_dir: options.RunsDir = options.DEFAULT_RUNS_DIR,
    json: options.Json = False,
) -> None:
    """Write all that is known of a run, or how several compare, into one HTML file."""
    found = [find_run(runs_dir, run) for run in runs]
    with captured(None):
        made = job.report(found, output, imports or (), runs_dir, evaluates=evaluates, overwrites=overwrite)
    if json:
        print_json(asdict(made))
        return
    for run, evaluation in zip(made.runs, made.evaluations, strict=True):
        typer.echo(f"{run}: {evaluation}", err=True)
    typer.echo(f"wrote {made.path} ({format_bytes(made.bytes)})")
