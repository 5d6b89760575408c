"""A session: one run from its directory to its last words, whatever happens on the way."""

from __future__ import annotations

import shutil
import tempfile
import time
import traceback
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
from trainctl.diagnostics import Diagnostic
from trainctl.errors import (
    DataError,
    ExpectationError,
    RunDirError,
    TrainctlError,
    TrainingError,
    exit_code_of,
)
from trainctl.events import CallbacksTimed, DataLoaded, EpochEnded, Event, RunFinished, RunStarted, Sink, fan_out
from trainctl.runs.console import Streams, captured
from trainctl.runs.directory import RunDirectory, create, read_json_lines, write_atomically
from trainctl.runs.recorder import Recorder
from trainctl.runs.signals import StopRequest, listening


@dataclass(frozen=True, slots=True)
class Outcome:
    """What training came to.

    Args:
        epochs: Epochs that were run.
        metrics: Those of the weights that were kept.
        kept_epoch: The epoch (from 1) they are of.
        met: Expectations with their values, met ones.
        missed: Expectations with their values, missed ones.
    """

    epochs: int
    metrics: Mapping[str, float]
    kept_epoch: int
    met: tuple[str, ...] = ()
    missed: tuple[str, ...] = ()


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
    with _directory(runs_dir, loaded.name, dry_run) as directory:
        _write_inputs(directory, loaded, seed)
        return _recorded(loaded, directory, seed, work, display, draw, dry_run)


def _recorded(
    loaded: Loaded, directory: RunDirectory, seed: int, work: Work, display: MakeDisplay, draw: Draw, dry_run: bool
) -> tuple[RunFinished, BaseException | None]:
    started = time.time()
    recorder, tally = Recorder(directory), _Tally()
    with captured(directory.console) as streams, display(streams) as show, listening() as stop:
        emit = fan_out(recorder, tally, show)
        outcome: Outcome | None = None
        error: BaseException | None = None
        try:
            emit(_started(loaded, directory, seed, dry_run))
            with located(loaded):
                look(loaded)
                outcome = work(directory, emit, stop)
            error = _missed(outcome)
        except (Exception, KeyboardInterrupt) as raised:  # noqa: BLE001  # the boundary: every ending is recorded
            error = _understood(raised, directory)
            _log_traceback(error)
        _draw_history(draw, directory, loaded.name)
        finished = _last_words(directory, tally, outcome, error, stop, time.time() - started)
        try:
            recorder.finish(finished)
        except OSError as failed:
            error = error or _understood(failed, directory)
        show(finished)
    return finished, error


def look(loaded: Loaded) -> None:
    """A quick look at all data, before TensorFlow is waited for.

    Raises:
        DataError: A file is missing, or visibly not what it should be; points at the line that names it.
    """
    for source in loaded.experiment.data.sources:
        with located(loaded, source):
            source.look()


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
    with suppress(Exception):
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


def _write_inputs(directory: RunDirectory, loaded: Loaded, seed: int) -> None:
    """The experiment byte for byte, each file it extends, and the resolved experiment."""
    own, *bases = loaded.sources
    try:
        if own.path is not None:
            shutil.copyfile(own.path, directory.path / "experiment.yaml")
        for number, base in enumerate(bases, start=1):
            (directory.path / "inputs").mkdir(exist_ok=True)
            if base.path is not None:
                shutil.copyfile(base.path, directory.path / "inputs" / f"{number}-{base.path.name}")
        write_atomically(directory.path / "resolved.yaml", resolved_yaml(loaded, seed))
    except OSError as error:
        raise RunDirError(f"cannot write into {directory.path}: {error.strerror}") from error


def _started(loaded: Loaded, directory: RunDirectory, seed: int, dry_run: bool) -> RunStarted:
    epochs: Any = loaded.experiment.fit.epochs  # or still to come from the data
    return RunStarted(
        name=loaded.name,
        run_id=directory.run_id,
        directory=str(_short(directory.path)),
        config=loaded.sources[0].name,
        seed=seed,
        epochs=epochs if isinstance(epochs, int) else 0,
        overrides=tuple(map(redacted, loaded.overrides)),
        imports=tuple(asdict(each) for each in loaded.imports),
        dry_run=dry_run,
    )


def _missed(outcome: Outcome) -> TrainctlError | None:
    if not outcome.missed:
        return None
    return ExpectationError(
        f"not met: {'; '.join(outcome.missed)}", hint="train longer, or change the model or the expectation"
    )


_DISK_FULL = ("no space left on device", "errno = 28", "disk quota exceeded", "errno = 122")


def _understood(error: BaseException, directory: RunDirectory) -> BaseException:
    """The error as one of ours, where a person can understand and mend it; else as it is, a bug."""
    if isinstance(error, TrainctlError | KeyboardInterrupt):
        return error
    text = str(error).lower()
    if any(sign in text for sign in _DISK_FULL):
        return _chained(RunDirError(f"the disk is full: cannot write into {_short(directory.path)}",
                                    hint="free some space, or choose another folder with --runs-dir"), error)  # fmt: skip
    if (
        isinstance(error, OSError)
        and error.filename is not None
        and str(error.filename).startswith(str(directory.path))
    ):
        return _chained(RunDirError(f"cannot write {error.filename}: {error.strerror}",
                                    hint="was the run directory deleted or made read-only?"), error)  # fmt: skip
    if isinstance(error, MemoryError):
        return _chained(TrainingError("out of memory", hint="lower data.batch_size, or set data.limit"), error)
    return error


def _log_traceback(error: BaseException) -> None:
    """The traceback of an unforeseen failure into console.log, where stderr leads now."""
    if error.__cause__ is not None or not isinstance(error, TrainctlError | KeyboardInterrupt):
        with suppress(OSError):  # the disk may be full
            traceback.print_exception(error)


def _chained(error: TrainctlError, cause: BaseException) -> TrainctlError:
    error.__cause__ = cause
    return error


def _last_words(
    directory: RunDirectory,
    tally: _Tally,
    outcome: Outcome | None,
    error: BaseException | None,
    stop: StopRequest,
    seconds: float,
) -> RunFinished:
    interrupted = isinstance(error, KeyboardInterrupt)
    signal_number = stop.signal_number or 2
    status = "done" if error is None else "failed"
    if interrupted:
        status = "terminated" if signal_number == 15 else "interrupted"
    expectations = (
        () if outcome is None else (*(f"✓ {each}" for each in outcome.met), *(f"✗ {each}" for each in outcome.missed))
    )
    return RunFinished(
        status=status,
        exit_code=128 + signal_number if interrupted else 0 if error is None else exit_code_of(error),
        epochs=outcome.epochs if outcome else tally.epochs,
        seconds=seconds,
        directory=str(_short(directory.path)),
        metrics=outcome.metrics if outcome else tally.metrics,
        kept_epoch=outcome.kept_epoch if outcome else None,
        expectations=expectations,
        stand_in_for=tally.stand_in_for,
        callback_seconds=tally.callback_seconds,
        message=None if error is None else _message(error, status),
        hint=getattr(error, "hint", None),
    )


def _message(error: BaseException, status: str) -> str:
    if isinstance(error, KeyboardInterrupt):
        return f"{status} by {'SIGTERM' if status == 'terminated' else 'Ctrl-C'}"
    return str(error) if isinstance(error, TrainctlError) else f"a bug in trainctl: {type(error).__name__}: {error}"


def _short(path: Path) -> Path:
    """The path relative to the working directory where it lies below it."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
