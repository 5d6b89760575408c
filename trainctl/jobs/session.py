"""A session: one run from its directory to its last words, whatever happens on the way."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from trainctl.aliases import Value
from trainctl.config.compose.overrides import redacted
from trainctl.config.compose.variables import hashed
from trainctl.config.load import Loaded
from trainctl.errors import RunDirError
from trainctl.events import Notice, RunFinished, RunStarted, Sink, fan_out
from trainctl.jobs.data_errors import located, look
from trainctl.runs.console import Streams, captured
from trainctl.runs.directory import create, read_json_lines
from trainctl.runs.ending import Outcome, Tally, make_run_finished, missed
from trainctl.runs.experiment_files import write_inputs
from trainctl.runs.failure import log_traceback, translate_error
from trainctl.runs.layout import RunDirectory
from trainctl.runs.lock import locked
from trainctl.runs.recorder import Recorder
from trainctl.runs.signals import StopRequest, listening

Work = Callable[[RunDirectory, Sink, StopRequest], Outcome]
MakeDisplay = Callable[[Streams], AbstractContextManager[Sink]]
Draw = Callable[[Sequence[dict[str, Value]], Path, str], None]


def run(
    loaded: Loaded, runs_dir: Path, seed: int, work: Work, display: MakeDisplay, *, draw: Draw, dry_run: bool = False
) -> tuple[RunFinished, BaseException | None]:
    """Do `work` in a new run directory, and record how it ends.

    Args:
        loaded: The experiment.
        runs_dir: The folder of all runs.
        seed: The run's seed.
        work: The training, which imports TensorFlow.
        display: Makes the display, given the real streams once everything else goes to console.log.
        draw: Writes the plot of the lines of metrics.jsonl to a path, under a title.
        dry_run: Whether to leave nothing behind.

    Returns:
        The last event, and what ended the run where it did not simply end.

    Raises:
        RunDirError: The run directory cannot be made or written.
    """
    with _directory(runs_dir, loaded.name, dry_run) as directory, locked(directory):
        write_inputs(directory, loaded, seed)
        started = start_of(loaded, directory, seed, dry_run=dry_run)
        return recorded(loaded, Recorder(directory), started, work, display, draw)


def recorded(
    loaded: Loaded,
    recorder: Recorder,
    started: RunStarted,
    work: Work,
    display: MakeDisplay,
    draw: Draw,
    notices: Sequence[str] = (),
) -> tuple[RunFinished, BaseException | None]:
    """Do `work` in the recorder's directory, whose lock is held, and record how it ends.

    Args:
        loaded: The experiment.
        recorder: Keeps run.json.
        started: The first event.
        work: The training, which imports TensorFlow.
        display: Makes the display.
        draw: Writes the plot.
        notices: What to say aloud at the start.

    Returns:
        The last event, and what ended the run where it did not simply end.
    """
    began, directory, tally = time.perf_counter(), recorder.directory, Tally(resumable=not started.dry_run)
    with captured(directory.console) as streams, display(streams) as show, listening() as stop:
        emit = fan_out(recorder, tally, show)
        outcome: Outcome | None = None
        error: BaseException | None = None
        try:
            emit(started)
            for notice in notices:
                emit(Notice(message=notice, loud=True))
            with located(loaded):
                look(loaded)
                outcome = work(directory, emit, stop)
            _require_whole(directory)
            error = missed(outcome)
        except (Exception, KeyboardInterrupt, SystemExit) as raised:  # noqa: BLE001  # the boundary: every ending is recorded
            stop.finishing = True  # at once: a signal now must not cut the record of the ending short
            error = translate_error(raised, directory)
            if stop.explains(error) and not isinstance(error, KeyboardInterrupt):
                error, error.__cause__ = KeyboardInterrupt(), error
            log_traceback(error)
        stop.finishing = True
        finished = make_run_finished(directory, tally, outcome, error, stop, time.perf_counter() - began)
        try:
            recorder.finish(finished)
        except OSError as failed:
            error = error or translate_error(failed, directory)
            finished = make_run_finished(directory, tally, outcome, error, stop, time.perf_counter() - began)
        show(finished)
        stop.finishing = False
        # Whoever asked for the end is waiting, and matplotlib takes its time.
        if finished.status != "terminated" and (finished.status != "interrupted" or tally.epochs):
            _draw_history(draw, directory, loaded.name)
    return finished, error


def _require_whole(directory: RunDirectory) -> None:
    """Fail where the run directory was deleted: what wrote into it since has only made the folder anew.

    Raises:
        RunDirError: It was.
    """
    if not directory.resolved.is_file():
        raise RunDirError(f"the run directory {directory.shown} was deleted during the run")


def _draw_history(draw: Draw, directory: RunDirectory, name: str) -> None:
    """history.png, however the run ended. A plot that cannot be drawn is no reason for a run to fail."""
    with suppress(Exception, KeyboardInterrupt):
        draw(read_json_lines(directory.metrics), directory.history_plot, name)


@contextmanager
def _directory(runs_dir: Path, name: str, dry_run: bool) -> Iterator[RunDirectory]:
    if not dry_run:
        yield create(runs_dir, name)
        return
    temporary = Path(tempfile.mkdtemp(prefix="trainctl-dry-run-"))
    try:
        yield create(temporary, name)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def start_of(
    loaded: Loaded, directory: RunDirectory, seed: int, *, dry_run: bool = False, resumed: str | None = None
) -> RunStarted:
    """The first event of a session.

    Args:
        loaded: The experiment.
        directory: The run directory.
        seed: The run's seed.
        dry_run: Whether nothing is left behind.
        resumed: From where the run goes on, in words.
    """
    epochs: Any = loaded.experiment.fit.epochs  # or still to come from the data
    return RunStarted(
        name=loaded.name,
        run_id=directory.run_id,
        directory=str(directory.shown),
        config=loaded.sources[0].name,
        seed=seed,
        epochs=epochs if isinstance(epochs, int) else 0,
        overrides=tuple(map(redacted, loaded.overrides)),
        imports=tuple(asdict(each) for each in loaded.imports),
        variables=hashed(loaded.resolved),
        places=loaded.places,
        dry_run=dry_run,
        resumed=resumed,
    )
