"""Training for the commands that train: what is done, on which display, and how the result is told."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trainctl.aliases import Value
from trainctl.cli import options
from trainctl.cli.boundary import Ended
from trainctl.cli.output import print_json

if TYPE_CHECKING:
    from trainctl.config.load import Loaded
    from trainctl.events import RunFinished
    from trainctl.jobs.session import MakeDisplay
    from trainctl.runs.console import Streams
    from trainctl.runs.ending import Outcome
    from trainctl.runs.store import Run

    End = tuple[RunFinished, BaseException | None]
    """The last event, and what ended the run where it did not simply end."""


def start(loaded: Loaded, runs_dir: Path, format: str, *, dry_run: bool) -> End:  # noqa: A002  # the option's name
    """Train `loaded` in a new run directory."""
    from trainctl.jobs import session
    from trainctl.jobs.base_runs import pin_base_runs

    loaded = pin_base_runs(loaded)
    seed = loaded.experiment.seed
    if not isinstance(seed, int):
        seed = int.from_bytes(os.urandom(4))
    work = _work(loaded, seed, dry_run=dry_run)
    return session.run(loaded, runs_dir, seed, work, display_for(format), draw=draw, dry_run=dry_run)


def go_on(run: Run, old: Loaded, new: Loaded, format: str) -> End:  # noqa: A002  # the option's name
    """Go on with `run`, on its own data, in its own directory."""
    from trainctl.jobs import resume

    known = (run.record.get("data") or {}).get("fingerprint")
    work = _work(new, resume.seed_of(new, run), known_data=known)
    return resume.resume(run, old, new, work, display_for(format), draw)


def fork(run: Run, old: Loaded, new: Loaded, runs_dir: Path, format: str) -> End:  # noqa: A002  # the option's name
    """Go on from where `run` is, in a new run directory."""
    from trainctl.jobs import resume

    return resume.fork(run, old, new, runs_dir, _work(new, resume.seed_of(new, run)), display_for(format), draw)


def finish(end: End, format: options.Format, *, json: bool) -> None:  # noqa: A002  # the option's name
    """Print the result where it is wanted, and end with the run's exit code."""
    finished, error = end
    if json and format is not options.Format.jsonl:  # there the last line says the same
        print_json(finished.as_dict())
    if error is not None:
        raise Ended(finished.exit_code) from error


def display_for(format: str) -> MakeDisplay:  # noqa: A002  # the option's name
    """Makes the display that `format` names, given the real streams."""
    from trainctl.ui.displays import make_display

    def display(streams: Streams) -> Any:
        return make_display(format, stdout=streams.stdout, stderr=streams.stderr, environ=os.environ)

    return display


def draw(rows: Sequence[dict[str, Value]], path: Path, title: str) -> None:
    """Write the plot of the lines of metrics.jsonl to `path`."""
    from trainctl.ui.plot import write_history_plot

    write_history_plot(rows, path, title)


def _work(loaded: Loaded, seed: int, *, known_data: str | None = None, dry_run: bool = False) -> Callable[..., Outcome]:
    def work(directory: Any, emit: Any, stop: Any, start: Any = None) -> Outcome:
        from trainctl.events import PhaseStarted

        emit(PhaseStarted(phase="importing TensorFlow"))
        from trainctl.training.train import train  # TensorFlow: seconds; only work pays

        return train(loaded, directory, seed, emit, stop, start=start, known_data=known_data, dry_run=dry_run)

    return work
