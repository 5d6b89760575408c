"""What the commands that train share: the display, and how the result is reported."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from trainctl.cli import options
from trainctl.cli.boundary import Ended
from trainctl.cli.output import print_json
from trainctl.events import Sink
from trainctl.runs.console import captured
from trainctl.ui.displays import make_display
from trainctl.ui.github import GithubDisplay
from trainctl.ui.jsonl import JsonlDisplay

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


def finish(ended: session.Ended, format: options.Format, *, json: bool = False) -> None:
    """Print the result with --json, and end with the run's exit code."""
    finished, error = ended
    if json and format is not options.Format.jsonl:  # there the last line says the same
        print_json(finished.as_dict())
    if error is not None:
        raise Ended(finished.exit_code) from error
