"""A session: one run from its directory to its last words, whatever happens on the way."""

from __future__ import annotations

import shlex
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from trainctl.components.base import SourceSpec
from trainctl.config.checks.places import place_of
from trainctl.config.load import Loaded
from trainctl.config.overrides import redacted
from trainctl.config.render import resolved_yaml
from trainctl.config.variables import hashed
from trainctl.diagnostics import Diagnostic
from trainctl.errors import (
    DataError,
    DivergedError,
    ExpectationError,
    RunDirError,
    TrainctlError,
    exit_code_of,
)
from trainctl.events import (
    CallbacksTimed,
    DataLoaded,
    EpochEnded,
    Event,
    Notice,
    RunFinished,
    RunStarted,
    Sink,
    fan_out,
)
from trainctl.runs import snapshots
from trainctl.runs.console import Streams, captured
from trainctl.runs.directory import RunDirectory, create, read_json_lines, write_atomically
from trainctl.runs.lock import locked
from trainctl.runs.recorder import Recorder
from trainctl.runs.signals import StopRequest, listening
from trainctl.runs.trouble import log_traceback, understood


@dataclass(frozen=True, slots=True)
class Outcome:
    """What training came to.

    Args:
        epochs: Epochs that were run.
        metrics: Those of the weights that were kept.
        kept_epoch: The epoch (from 1) they are of.
        met: Expectations with their values, met ones.
        missed: Expectations with their values, missed ones.
        weights: BLAKE2b of the weights that were kept, in hexadecimal.
    """

    epochs: int
    metrics: Mapping[str, float]
    kept_epoch: int
    met: tuple[str, ...] = ()
    missed: tuple[str, ...] = ()
    weights: str | None = None


Work = Callable[[RunDirectory, Sink, StopRequest], Outcome]
MakeDisplay = Callable[[Streams], AbstractContextManager[Sink]]
Draw = Callable[[Sequence[dict[str, Any]], Path, str], None]


@dataclass(slots=True)
class _Tally:
    """What has been seen of the run so far, for its last words."""

    epochs: int = 0
    metrics: Mapping[str, float] = field(default_factory=dict)
    stand_in_for: str | None = None
    callback_seconds: Mapping[str, float] = field(default_factory=dict)
    resumable: bool = True

    def __call__(self, event: Event) -> None:
        if isinstance(event, EpochEnded):
            self.epochs, self.metrics = event.epoch, event.metrics
        elif isinstance(event, DataLoaded):
            self.stand_in_for = event.stand_in_for
        elif isinstance(event, CallbacksTimed):
            self.callback_seconds = event.seconds


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
    loaded: Loaded, recorder: Recorder, started: RunStarted, work: Work, display: MakeDisplay, draw: Draw,
    notices: Sequence[str] = (),
) -> tuple[RunFinished, BaseException | None]:  # fmt: skip
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
    began, directory, tally = time.time(), recorder.directory, _Tally(resumable=not started.dry_run)
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
            error = _missed(outcome)
        except (Exception, KeyboardInterrupt, SystemExit) as raised:  # noqa: BLE001  # the boundary: every ending is recorded
            error = understood(raised, directory)
            log_traceback(error)
        stop.finishing = True
        finished = _last_words(directory, tally, outcome, error, stop, time.time() - began)
        try:
            recorder.finish(finished)
        except OSError as failed:
            error = error or understood(failed, directory)
        show(finished)
        stop.finishing = False
        if finished.status != "terminated":  # whoever sent it is waiting, and matplotlib takes its time
            _draw_history(draw, directory, loaded.name)
    return finished, error


def look(loaded: Loaded) -> None:
    """A quick look at all data, before TensorFlow is waited for.

    Raises:
        DataError: A file is missing, or visibly not what it should be; points at the line that names it.
    """
    for source in loaded.experiment.data.sources:
        with located(loaded, source):
            source.look()


def _require_whole(directory: RunDirectory) -> None:
    """Fail where the run directory was deleted: what wrote into it since has only made the folder anew.

    Raises:
        RunDirError: It was.
    """
    if not (directory.path / "resolved.yaml").is_file():
        raise RunDirError(f"the run directory {directory.shown} was deleted during the run")


@contextmanager
def located(loaded: Loaded, source: SourceSpec | None = None) -> Iterator[None]:
    """A data error points at the argument of the data source that is to blame, or at the source.

    Args:
        loaded: The experiment.
        source: The data source; `None` for the one to train on.
    """
    try:
        yield
    except DataError as error:
        location, path = place_of(loaded.resolved, source or loaded.experiment.data.source, error.field)
        if not error.diagnostics and location is not None:
            error.diagnostics = (Diagnostic("data", error.message, location, path, hint=error.hint),)
        raise


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


def write_inputs(directory: RunDirectory, loaded: Loaded, seed: int) -> None:
    """Write the experiment byte for byte, each file it extends, and the resolved experiment.

    Raises:
        RunDirError: They cannot be written.
    """
    own, *bases = loaded.sources
    try:
        if own.path is not None:
            (directory.path / "experiment.yaml").write_bytes(own.data)
        for number, base in enumerate(bases, start=1):
            (directory.path / "inputs").mkdir(exist_ok=True)
            if base.path is not None:
                (directory.path / "inputs" / f"{number}-{base.path.name}").write_bytes(base.data)
        write_atomically(directory.path / "resolved.yaml", resolved_yaml(loaded, seed))
    except OSError as error:
        raise RunDirError(f"cannot write into {directory.path}: {error.strerror}") from error


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
        dry_run=dry_run,
        resumed=resumed,
    )


def _missed(outcome: Outcome) -> TrainctlError | None:
    if not outcome.missed:
        return None
    return ExpectationError(
        f"not met: {'; '.join(outcome.missed)}", hint="train longer, or change the model or the expectation"
    )


def _last_words(
    directory: RunDirectory,
    tally: _Tally,
    outcome: Outcome | None,
    error: BaseException | None,
    stop: StopRequest,
    seconds: float,
) -> RunFinished:
    status, exit_code, message = _ending(error, stop)
    expectations = (
        () if outcome is None else (*(f"✓ {each}" for each in outcome.met), *(f"✗ {each}" for each in outcome.missed))
    )
    return RunFinished(
        status=status,
        exit_code=exit_code,
        epochs=outcome.epochs if outcome else tally.epochs,
        seconds=seconds,
        directory=str(directory.shown),
        metrics=outcome.metrics if outcome else tally.metrics,
        kept_epoch=outcome.kept_epoch if outcome else None,
        weights=outcome.weights if outcome else None,
        expectations=expectations,
        stand_in_for=tally.stand_in_for,
        callback_seconds=tally.callback_seconds,
        message=message,
        hint=getattr(error, "hint", None),
        resume=_resume_command(directory, error) if tally.resumable and error is not None else None,
    )


def _resume_command(directory: RunDirectory, error: BaseException) -> str | None:
    """The command that goes on with the run; `None` where that would end as it did."""
    if isinstance(error, ExpectationError | DivergedError):
        return None
    if not isinstance(error, KeyboardInterrupt) and not snapshots.paths(directory):
        return None
    return f"trainctl resume {shlex.quote(str(directory.shown))}"


def _ending(error: BaseException | None, stop: StopRequest) -> tuple[str, int, str | None]:
    """The status, the exit code, and what there is to say."""
    if error is None:
        return "done", 0, None
    if isinstance(error, KeyboardInterrupt):
        asked = stop.ending
        return asked.status, asked.exit_code, f"{asked.status} by {asked.by}"
    bug = f"a bug in trainctl: {type(error).__name__}: {error}"
    return "failed", exit_code_of(error), str(error) if isinstance(error, TrainctlError) else bug
