"""`trainctl evaluate`."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import Annotated

import typer

from trainctl.cli import options
from trainctl.cli.output import print_json
from trainctl.jobs import evaluate as job
from trainctl.runs.console import captured
from trainctl.runs.store import find_run
from trainctl.text import format_number
from trainctl.ui.facts import format_statistics


def evaluate(
    run: options.RunName,
    split: Annotated[
        str | None,
        typer.Option(
            "--split",
            metavar="train|validation|test",
            show_default=False,
            help="The split to evaluate on; by default test, else validation, else train.",
        ),
    ] = None,
    imports: options.ImportNames = None,
    runs_dir: options.RunsDir = options.DEFAULT_RUNS_DIR,
    json: options.Json = False,
) -> None:
    """Evaluate a run's model on its data."""
    found = find_run(runs_dir, run)
    with captured(None):
        result = job.evaluate(found, split, imports or (), runs_dir)
    if result.data_changed:
        sys.stderr.write("warning: the data has changed since the run; splits and classes may differ\n")
    if json:
        several = {name: asdict(each) for name, each in result.statistics.items()}
        more = {"statistics": several} if several else {}
        print_json({"run": result.run, "split": result.split, "metrics": result.metrics, **more})
        return
    for key, value in result.metrics.items():
        of_several = result.statistics.get(key)
        shown = format_number(value) if of_several is None else format_statistics(value, of_several.deviation)
        typer.echo(f"{result.split}_{key} {shown}")
