"""`trainctl resume`."""

from __future__ import annotations

from typing import Annotated

import typer

from trainctl.cli import options
from trainctl.cli.training import finish, watching

Fork = Annotated[
    str | None,
    typer.Option(
        "--fork",
        metavar="NAME",
        show_default=False,
        help="Go on in a new run called NAME, with any --set that leaves the model as it is; the old run stays.",
    ),
]


def resume(
    run: options.RunName,
    overrides: options.Overrides = None,
    fork: Fork = None,
    imports: options.ImportNames = None,
    runs_dir: options.RunsDir = options.DEFAULT_RUNS_DIR,
    format: options.OutputFormat = options.Format.auto,  # noqa: A002  # the option's name
    json: options.Json = False,
) -> None:
    """Go on with a run from its last snapshot, as if never interrupted."""
    from trainctl.jobs import fork as fork_job
    from trainctl.jobs import resume as job
    from trainctl.runs.store import find_run

    found = find_run(runs_dir, run)
    with watching(format) as watch:
        if fork is None:
            ended = job.resume(found, watch, overrides or (), imports or (), runs_dir)
        else:
            ended = fork_job.fork(found, fork, watch, overrides or (), imports or (), runs_dir)
    finish(ended, format, json=json)
