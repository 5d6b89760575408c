"""`trainctl find-lr`."""

from __future__ import annotations

import sys
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from trainctl.cli import options
from trainctl.cli.loading import load_experiment
from trainctl.cli.output import print_json
from trainctl.cli.pictures import drawn, require_picture
from trainctl.events import Event, Notice
from trainctl.jobs import find_lr as job
from trainctl.jobs.data_errors import located
from trainctl.runs.console import captured
from trainctl.text import printable
from trainctl.ui.rate_plot import rate_lines, write_rate_plot


def find_lr(
    config: options.Config,
    lowest: Annotated[float, typer.Option("--from", metavar="RATE", help="The first learning rate.")] = 1e-6,
    highest: Annotated[float, typer.Option("--to", metavar="RATE", help="The last learning rate.")] = 1.0,
    steps: Annotated[int, typer.Option("--steps", metavar="N", help="How many steps to train.")] = 200,
    plot: Annotated[
        Path | None,
        typer.Option("--plot", metavar="FILE", show_default=False, help="Also draw the curve: a .png, .svg or .pdf."),
    ] = None,
    overrides: options.Overrides = None,
    imports: options.ImportNames = None,
    no_imports: options.NoImports = False,
    runs_dir: options.RunsDir = options.DEFAULT_RUNS_DIR,
    json: options.Json = False,
) -> None:
    """Train a moment at learning rates that grow, and suggest one."""
    job.require_range(lowest, highest, steps)
    require_picture(plot)
    load = partial(load_experiment, config, names=imports, no_imports=no_imports, runs_dir=runs_dir)
    setting = job.tested_setting(load(overrides))  # what is wrong with the file is reported as its own
    loaded = load([*(overrides or ()), f"{setting}={lowest}"])  # a schedule would have the last word
    notices: list[Notice] = []

    def note(event: Event) -> None:
        if isinstance(event, Notice):
            notices.append(event)

    with (
        located(loaded),
        captured(None) as screen,
        typer.progressbar(length=steps, label="testing learning rates", file=screen.stderr) as progress,
    ):
        found = job.find_lr(loaded, note, lambda: progress.update(1), lowest=lowest, highest=highest, steps=steps)
    for notice in notices:
        sys.stderr.write(f"{'warning' if notice.loud else 'note'}: {printable(notice.message)}\n")
    if plot is not None:
        with drawn(plot):
            write_rate_plot(found.learning_rates, found.losses, found.suggestion, plot, f"{loaded.name}: learning rate")
    if json:
        print_json({**asdict(found), "plot": None if plot is None else str(plot)})
        return
    for line in rate_lines(found.learning_rates, found.losses, found.suggestion):
        typer.echo(line)
    typer.echo("")
    typer.echo(_conclusion(found, setting))
    if plot is not None:
        typer.echo(f"wrote {plot}")


def _conclusion(found: job.FoundRate, setting: str) -> str:
    ends = f"lowest at {found.lowest_at:.2g}"
    if found.broke_at is not None:
        ends += f", and breaks at {found.broke_at:.2g}"
    if found.suggestion is None:
        return f"no suggestion: the loss hardly falls; it is {ends}"
    rate = f"{found.suggestion:.2g}"
    return (
        f"suggestion: {setting}={rate}, where the loss falls fastest; it is {ends}\n"
        f"for one cycle: {setting}={{OneCycle: {{max_learning_rate: {rate}}}}}"
    )
