"""`trainctl run`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from trainctl.cli import options
from trainctl.cli.boundary import Ended, show_diagnostics
from trainctl.cli.loading import load_experiment

if TYPE_CHECKING:
    from trainctl.config.load import Loaded
    from trainctl.events import RunFinished
    from trainctl.runs.console import Streams
    from trainctl.runs.session import MakeDisplay


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
    show_warnings(loaded, format.value)
    ended = None if dry_run else go_on(loaded, format.value)
    finish(ended or start(loaded, runs_dir, format.value, dry_run=dry_run), format, json=json)


def go_on(loaded: Loaded, format: str) -> tuple[RunFinished, BaseException | None] | None:  # noqa: A002
    """Go on with the run that a BackupAndRestore of the experiment remembers, or return `None` where there is none."""
    from trainctl.runs.backups import remembered

    run = remembered(loaded)
    if run is None:
        return None
    from trainctl.cli.resume import work_of
    from trainctl.runs.pins import pinned
    from trainctl.runs.recorded import load_recorded
    from trainctl.runs.resume import resume

    loaded = pinned(loaded, run.record.get("places"))
    return resume(run, load_recorded(run), loaded, work_of(loaded, run, same_data=True), display_for(format), draw)


def finish(ended: tuple[RunFinished, BaseException | None], format: options.Format, *, json: bool) -> None:  # noqa: A002
    """Print the result where it is wanted, and end with the run's exit code."""
    finished, error = ended
    if json and format is not options.Format.jsonl:  # there the last line says the same
        import json as encoder

        from trainctl.runs.directory import without_nan

        typer.echo(encoder.dumps(without_nan(finished.as_dict()), ensure_ascii=False))
    if error is not None:
        raise Ended(finished.exit_code) from error


def start(loaded: Loaded, runs_dir: Path, format: str, *, dry_run: bool) -> tuple[RunFinished, BaseException | None]:  # noqa: A002
    """Train `loaded` in a new run directory; returns the last event, and what ended the run where it did not simply end."""
    from trainctl.runs import last_words, session
    from trainctl.runs.pins import pinned

    loaded = pinned(loaded)
    seed = loaded.experiment.seed
    if not isinstance(seed, int):
        seed = int.from_bytes(os.urandom(4))

    def work(directory: Any, emit: Any, stop: Any) -> last_words.Outcome:
        from trainctl.events import PhaseStarted

        emit(PhaseStarted(phase="importing TensorFlow"))
        from trainctl.runtime.train import train  # TensorFlow: seconds; only work pays

        return train(loaded, directory, seed, emit, stop, dry_run=dry_run)

    return session.run(loaded, runs_dir, seed, work, display_for(format), draw=draw, dry_run=dry_run)


def display_for(format: str) -> MakeDisplay:  # noqa: A002  # the option's name
    """Makes the display that `format` names, given the real streams."""
    from trainctl.ui.displays import make_display

    def display(streams: Streams) -> Any:
        return make_display(format, stdout=streams.stdout, stderr=streams.stderr, environ=os.environ)

    return display


def draw(rows: Sequence[dict[str, Any]], path: Path, title: str) -> None:
    """Write the plot of the lines of metrics.jsonl to `path`."""
    from trainctl.ui.plot import write_history_plot

    write_history_plot(rows, path, title)


def show_warnings(loaded: Loaded, format: str) -> None:  # noqa: A002  # the option's name
    """Report what is allowed but looks like a mistake."""
    if loaded.warnings and format != "quiet":
        show_diagnostics(loaded.warnings, format)
