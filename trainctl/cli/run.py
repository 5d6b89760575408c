"""`trainctl run`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from trainctl.cli import options
from trainctl.cli.boundary import show_diagnostics
from trainctl.cli.loading import load_experiment
from trainctl.cli.training import finish, go_on, start

if TYPE_CHECKING:
    from trainctl.cli.training import End
    from trainctl.config.load import Loaded


def run(
    config: options.Config,
    overrides: options.Overrides = None,
    imports: options.ImportNames = None,
    no_imports: options.NoImports = False,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Stop after one batch of training and of validation; leave nothing behind."),
    ] = False,
    runs_dir: options.RunsDir = options.DEFAULT_RUNS_DIR,
    format: options.OutputFormat = options.Format.auto,  # noqa: A002  # the option's name
    json: options.Json = False,
) -> None:
    """Validate, build, train, record."""
    loaded = load_experiment(config, overrides, imports, no_imports=no_imports, runs_dir=runs_dir)
    _show_warnings(loaded, format.value)
    end = None if dry_run else _remembered(loaded, format.value)
    finish(end or start(loaded, runs_dir, format.value, dry_run=dry_run), format, json=json)


def _remembered(loaded: Loaded, format: str) -> End | None:  # noqa: A002  # the option's name
    """Go on with the run that a BackupAndRestore of the experiment remembers, or return `None` where there is none."""
    from trainctl.jobs.backups import remembered

    run = remembered(loaded)
    if run is None:
        return None
    from trainctl.jobs.base_runs import pin_base_runs
    from trainctl.jobs.recorded import load_recorded

    return go_on(run, load_recorded(run), pin_base_runs(loaded, run.record.get("places")), format)


def _show_warnings(loaded: Loaded, format: str) -> None:  # noqa: A002  # the option's name
    """Report what is allowed but looks like a mistake."""
    if loaded.warnings and format != "quiet":
        show_diagnostics(loaded.warnings, format)
