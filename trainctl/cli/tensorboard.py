"""`trainctl tensorboard`."""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec
from typing import Annotated

import typer

from trainctl.cli import options
from trainctl.errors import ConfigError
from trainctl.jobs.tensorboard import link_logs
from trainctl.runs.store import all_runs, find_run


def tensorboard(
    runs: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="RUN...", help="Paths, run ids, names (their newest runs) or latest; by default all runs."
        ),
    ] = None,
    host: Annotated[str, typer.Option("--host", help="The address that it listens at.")] = "localhost",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="The port that it listens at.")] = 6006,
    runs_dir: options.RunsDir = options.DEFAULT_RUNS_DIR,
) -> None:
    """Open TensorBoard on runs, each under its name and time. Ctrl-C ends it."""
    if find_spec("tensorboard") is None:
        raise ConfigError("TensorBoard is not installed", hint="pip install tensorboard")
    found = [find_run(runs_dir, run) for run in runs] if runs else all_runs(runs_dir)
    folder = link_logs(found)
    # -P: not from the working directory, which may be a stranger's, with a json.py in it
    words = ["-P", "-m", "tensorboard.main", "--logdir", str(folder), "--host", host, "--port", str(port)]
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, *words])  # noqa: S606  # signals and the exit code are its own
