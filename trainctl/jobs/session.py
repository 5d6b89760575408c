"""A session: one process's part of a run, from its directory to its last event, whatever happens on the way."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from types import ModuleType
from typing import Any, NamedTuple

from trainctl.aliases import Value
from trainctl.config.compose.overrides import redacted
from trainctl.config.compose.variables import hashed
from trainctl.config.load import Loaded
from trainctl.errors import RunDirError
from trainctl.events import Notice, Phase, PhaseStarted, RunFinished, RunStarted, Sink, fan_out
from trainctl.jobs.cells import used_definitions
from trainctl.jobs.data_errors import located, look
from trainctl.runs.console import captured
from trainctl.runs.directory import read_json_lines
from trainctl.runs.ending import Outcome, Tally, make_run_finished
from trainctl.runs.expected import missed
from trainctl.runs.experiment_files import write_inputs
from trainctl.runs.failure import log_traceback, name_no_folder, translate_error
from trainctl.runs.layout import RunDirectory, in_format
from trainctl.runs.lock import locked
from trainctl.runs.recorder import Recorder
from trainctl.runs.signals import StopRequest, listening
from trainctl.runs.snapshots import Snapshot
from trainctl.runs.store import read_run, stages_of
from trainctl.ui.history_plot import Result, write_history_plot

Work = Callable[[RunDirectory, Sink, StopRequest], Outcome]
"""What a session does in its directory: the training, or in a test what takes its place."""


class Ended(NamedTuple):
    """How a session ended: its last event, and what ended it where it did not simply end."""

    finished: RunFinished
    error: BaseException | None


class KerasAtWork(NamedTuple):
    """The modules that train, which import TensorFlow."""

    train: ModuleType
    ensemble: ModuleType


def keras_at_work() -> KerasAtWork:
    """Return the modules that train: importing them takes seconds, which only training pays."""
    from trainctl.training import ensemble, train  # TensorFlow

    return KerasAtWork(train, ensemble)


@dataclass(frozen=True, slots=True)
class Training:
    """The training of an experiment. TensorFlow is imported only when it is called.

    Args:
        loaded: The experiment.
        seed: Decides initial weights, order and splits.
        start: The snapshot to continue from.
        known_data: What run.json says of the data, where the run continues: it must be the same.
        dry_run: Whether to stop after one batch of training and of validation.
        boosting: Whether gradient boosting is a baseline too.
    """

    loaded: Loaded
    seed: int
    start: Snapshot | None = None
    known_data: Mapping[str, Value] | None = None
    dry_run: bool = False
    boosting: bool = False

    def __call__(self, directory: RunDirectory, emit: Sink, stop: StopRequest) -> Outcome:
        """Train in `directory`, as `training/train.py` says."""
        emit(PhaseStarted(phase=Phase.IMPORTING))
        outcome: Outcome = keras_at_work().train.train(
            self.loaded,
            directory,
            self.seed,
            emit,
            stop,
            start=self.start,
            known_data=self.known_data,
            dry_run=self.dry_run,
            boosting=self.boosting,
        )
        return outcome


def recorded(
    loaded: Loaded,
    recorder: Recorder,
    started: RunStarted,
    work: Work,
    watch: Sink,
    notices: Sequence[str] = (),
    stop: StopRequest | None = None,
) -> Ended:
    """Do `work` in the recorder's directory, whose lock is held, and record how it ends.

    Args:
        loaded: The experiment.
        recorder: Keeps run.json.
        started: The first event.
        work: The training.
        watch: Where events go besides the record: a display. It must not write to file descriptors 1 and 2, which lead
            to console.log meanwhile.
        notices: What to say aloud at the start.
        stop: What the run listens to that this one is part of; `None` if it stands alone.
    """
    began, directory, tally = time.perf_counter(), recorder.directory, Tally(is_kept=not started.dry_run)
    with captured(directory.console), listening(stop) as stop:
        emit = fan_out(recorder, tally, watch)
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
            draw_history(directory, loaded.name, outcome=outcome)  # before the record says that the run is done
            error = missed(loaded.experiment, outcome.expectations)
        except (Exception, KeyboardInterrupt, SystemExit) as raised:  # noqa: BLE001  # the boundary: every ending is recorded
            stop.finishing = True  # immediately: a signal now must not cut the record of the ending short
            error = translate_error(raised, directory)
            if stop.explains(error) and not isinstance(error, KeyboardInterrupt):
                error, error.__cause__ = KeyboardInterrupt(), error
            log_traceback(error)
            if started.dry_run:
                name_no_folder(error, directory.path)
        stop.finishing = True
        finished = make_run_finished(directory, tally, outcome, error, stop, time.perf_counter() - began)
        try:
            recorder.finish(finished)
        except OSError as failed:
            error = error or translate_error(failed, directory)
            finished = make_run_finished(directory, tally, outcome, error, stop, time.perf_counter() - began)
        watch(finished)
        stop.finishing = False
        # Whoever asked for the end is waiting, and matplotlib takes its time.
        if outcome is None and (
            finished.status == "failed" or (finished.status in {"interrupted", "paused"} and tally.epochs)
        ):
            draw_history(directory, loaded.name)
    return Ended(finished, error)


def begin_in(
    directory: RunDirectory,
    loaded: Loaded,
    seed: int,
    watch: Sink,
    work: Work,
    *,
    dry_run: bool = False,
    stop: StopRequest | None = None,
) -> Ended:
    """Do `work` in a new run directory, which is locked meanwhile and gets the experiment first.

    Args:
        directory: The run directory, still empty.
        loaded: The experiment.
        seed: The run's seed.
        watch: Where events go besides the record.
        work: The training.
        dry_run: Whether nothing is left behind.
        stop: What the run listens to that this one is part of; `None` if it stands alone.

    Raises:
        RunDirError: The run directory cannot be written.
    """
    with locked(directory):
        inputs = write_inputs(directory, loaded, seed)
        started = start_of(loaded, directory, seed, dry_run=dry_run)
        return recorded(loaded, Recorder(directory, {"inputs": inputs}), started, work, watch, stop=stop)


def _require_whole(directory: RunDirectory) -> None:
    """Fail where the run directory was deleted: what wrote into it since has only made the folder again.

    Raises:
        RunDirError: It was.
    """
    if not directory.resolved.is_file():
        raise RunDirError(f"the run directory {directory.shown} was deleted during the run")


def draw_history(
    directory: RunDirectory, name: str, parts: Sequence[RunDirectory] = (), outcome: Outcome | None = None
) -> None:
    """Draw the history, however the run ended. A plot that cannot be drawn is no reason for a run to fail.

    Args:
        directory: The run directory.
        name: What to write above.
        parts: The runs that it consists of, whose curves are drawn; none if it is a single one.
        outcome: What the training came to, where run.json does not say so yet.
    """
    with suppress(Exception, KeyboardInterrupt):
        runs = [read_json_lines(each.metrics) for each in parts or [directory]]
        record = read_run(directory.path).record
        stages = {} if parts else stages_of(record)
        kept_epoch, metrics = (record.get(key) for key in ("kept_epoch", "metrics"))
        if outcome is not None:  # which the record does not have yet
            kept_epoch, metrics = outcome.kept_epoch, outcome.metrics
        result = Result(kept_epoch, {} if parts else metrics or {}, directory.run_id)
        before = directory.history_plot
        path = in_format(before, record.get("plot_format"))
        write_history_plot(runs, path, name, record.get("baseline") or {}, stages, result)
        if before != path:  # drawn in another format by an earlier session
            before.unlink(missing_ok=True)


def start_of(
    loaded: Loaded, directory: RunDirectory, seed: int, *, dry_run: bool = False, resumed: str | None = None
) -> RunStarted:
    """Return the first event of a session.

    Args:
        loaded: The experiment.
        directory: The run directory.
        seed: The run's seed.
        dry_run: Whether nothing is left behind.
        resumed: From where the run continues, in words.
    """
    epochs: Any = loaded.experiment.at_stage(-1).fit.epochs  # or still to come from the data
    return RunStarted(
        name=loaded.name,
        run_id=directory.run_id,
        directory="" if dry_run else str(directory.shown),
        config=loaded.sources[0].name,
        seed=seed,
        epochs=epochs if isinstance(epochs, int) else 0,
        overrides=tuple(map(redacted, loaded.overrides)),
        imports=tuple(asdict(each) for each in loaded.imports),
        variables=hashed(loaded.resolved),
        places=loaded.places,
        given_data=loaded.given,
        definitions=tuple(asdict(each) for each in used_definitions(loaded)),
        dry_run=dry_run,
        resumed=resumed,
        keras=loaded.experiment.execution.keras_settings,
        plot_format=loaded.plot_format,
    )
