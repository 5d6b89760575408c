"""`trainctl run`."""

from __future__ import annotations

from typing import Annotated

import typer

from trainctl.cli import options
from trainctl.cli.boundary import show_diagnostics
from trainctl.cli.expect import as_overrides
from trainctl.cli.loading import load_experiment
from trainctl.cli.training import finish, watching
from trainctl.jobs import run as job


def run(
    config: options.Config,
    overrides: options.Overrides = None,
    expect: options.Expect = None,
    imports: options.ImportNames = None,
    no_imports: options.NoImports = False,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Stop after one training and one validation batch; leave nothing behind."),
    ] = False,
    allow_output: options.AllowOutput = None,
    runs_dir: options.RunsDir = options.DEFAULT_RUNS_DIR,
    format: options.OutputFormat = options.Format.auto,
    json: options.Json = False,
) -> None:
    """Train an experiment and record the run."""
    loaded = load_experiment(
        config,
        [*(overrides or ()), *as_overrides(expect or ())],
        imports,
        no_imports=no_imports,
        runs_dir=runs_dir,
        allowed_outputs=allow_output,
    )
    if loaded.warnings and format is not options.Format.quiet:  # what is allowed but looks like a mistake
        show_diagnostics(loaded.warnings, format.value)
    with watching(format) as watch:
        ended = job.run(loaded, runs_dir, watch, dry_run=dry_run)
    finish(ended, format, json=json)
