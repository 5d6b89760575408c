"""`trainctl resume`."""

from __future__ import annotations

from typing import Annotated

import typer

from trainctl.cli import options
from trainctl.cli.training import finish, seconds_of, watching
from trainctl.errors import UsageError
from trainctl.jobs import fork as fork_job
from trainctl.jobs import resume as job
from trainctl.runs.signals import time_limit
from trainctl.runs.store import find_run

Fork = Annotated[
    str | None,
    typer.Option(
        "--fork",
        metavar="NAME",
        show_default=False,
        help="Continue in a new run called NAME, with any --set that keeps the model; the old run stays unchanged.",
    ),
]


AfterStage = Annotated[
    str | None,
    typer.Option(
        "--after-stage",
        metavar="STAGE",
        show_default=False,
        help="With --fork: start from the end of this stage, by name or number, instead of from the last snapshot.",
    ),
]


def resume(
    run: options.RunName,
    overrides: options.Overrides = None,
    fork: Fork = None,
    after_stage: AfterStage = None,
    imports: options.ImportNames = None,
    accept_missing: Annotated[
        bool,
        typer.Option(
            "--accept-missing",
            help="Continue with what is left where files have lost lines, and from the start where the snapshots are gone.",
        ),
    ] = False,
    allow_output: options.AllowOutput = None,
    runs_dir: options.RunsDir = options.DEFAULT_RUNS_DIR,
    plot_format: options.PlotFormat = None,
    max_time: options.MaxTime = None,
    max_time_exit: options.MaxTimeExit = 0,
    format: options.OutputFormat = options.Format.auto,
    json: options.Json = False,
) -> None:
    """Continue a run from its last snapshot, as if it had never been interrupted."""
    if after_stage is not None and fork is None:
        hint = f"trainctl resume {run} --fork NAME --after-stage {after_stage}"
        raise UsageError("--after-stage needs --fork: a run cannot go back to an earlier snapshot", hint=hint)
    found = find_run(runs_dir, run)
    more = (overrides or (), imports or (), runs_dir, allow_output or ())
    form = None if plot_format is None else plot_format.value
    with watching(format) as watch, time_limit(seconds_of(max_time), max_time_exit):
        if fork is None:
            ended = job.resume(found, watch, *more, accept_missing=accept_missing, plot_format=form)
        else:
            ended = fork_job.fork(
                found, fork, watch, *more, accept_missing=accept_missing, after_stage=after_stage, plot_format=form
            )
    finish(ended, format, json=json)
