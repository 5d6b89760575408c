"""What the commands that train share: the display, and how the result is reported."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from trainctl.cli import options
from trainctl.cli.boundary import Ended
from trainctl.cli.output import print_json
from trainctl.errors import UsageError
from trainctl.events import RunFinished, Sink
from trainctl.masking import mask
from trainctl.runs.console import captured
from trainctl.runs.layout import RunDirectory
from trainctl.text import literal, parse_duration
from trainctl.ui.displays import make_display
from trainctl.ui.github import GithubDisplay
from trainctl.ui.jsonl import JsonlDisplay
from trainctl.ui.step_summary import format_step_summary

if TYPE_CHECKING:
    from trainctl.jobs import session  # which imports all that a run needs


@contextmanager
def watching(format: options.Format) -> Iterator[Sink]:
    """Yield the display that `format` names; what TensorFlow and others print meanwhile is kept off the screen."""
    with (
        captured(None) as streams,
        make_display(format.value, stdout=streams.stdout, stderr=streams.stderr, environ=os.environ) as watch,
    ):
        yield watch
    if isinstance(watch, GithubDisplay | JsonlDisplay) and watch.lost is not None:
        raise watch.lost  # what was asked for on stdout is not there


def seconds_of(max_time: str | None) -> float | None:
    """Return the seconds that `--max-time` allows; `None` where it was not given.

    Raises:
        UsageError: It is not a duration.
    """
    if max_time is None:
        return None
    seconds = parse_duration(max_time)
    if not seconds:
        raise UsageError(f"--max-time must be a duration such as 90s, 30min or 2h, received {literal(max_time)}")
    return seconds


def finish(ended: session.Ended, format: options.Format, *, json: bool = False) -> None:
    """Print the result with --json, and end with the run's exit code."""
    finished, error = ended
    place = os.environ.get("GITHUB_STEP_SUMMARY")
    if place:
        _add_step_summary(Path(place), finished)
    if json and format is not options.Format.jsonl:  # there the last line says the same
        print_json(finished.as_dict())
    if error is not None:
        raise Ended(finished.exit_code) from error


def _add_step_summary(place: Path, finished: RunFinished) -> None:
    """Append the result to the page that GitHub Actions shows of the job; a page that cannot be written ends no run."""
    plot = RunDirectory(Path(finished.directory)).history_plot if finished.directory else None
    try:
        with place.open("a", encoding="utf-8") as page:
            page.write(mask(format_step_summary(finished, plot if plot is not None and plot.is_file() else None)))
    except OSError as error:
        typer.echo(f"warning: {place} ($GITHUB_STEP_SUMMARY) cannot be written: {error.strerror}", err=True)
