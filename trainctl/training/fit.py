"""A stage of the training: Keras's `fit` with our callback list, from its beginning or from a snapshot, again where it diverges."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace

from trainctl.backend import keras
from trainctl.components.callbacks.shared.logs_keras import NumberHistory
from trainctl.components.context import CallbackContext, SnapshotRequests
from trainctl.components.declared import FindsDivergence, KeepsEpoch, SavesBest
from trainctl.config.execution import SnapshotSection
from trainctl.config.experiment import Experiment
from trainctl.config.model.log_keys import directed
from trainctl.config.model.outputs import training_keys
from trainctl.diagnostics import Diagnostic
from trainctl.errors import BuildError, DivergedError, TrainctlError, TrainingError
from trainctl.events import CallbacksTimed, ExecutionDecided, Recovered, Sink
from trainctl.models import build
from trainctl.models.failures import find_culprit
from trainctl.runs import growing_files, snapshots
from trainctl.runs.layout import RunDirectory
from trainctl.runs.signals import StopRequest
from trainctl.runs.snapshots import BEGINNING, Begun, Snapshot
from trainctl.training import environment, state
from trainctl.training import splits_as_batches as batches
from trainctl.training.built import Built
from trainctl.training.callback_failure import CallbackFailure
from trainctl.training.callback_list import ProgressMeter, TrainingCallbacks
from trainctl.training.decisions import decisions
from trainctl.training.reporter import EpochNotices, EpochReporter
from trainctl.training.snapshots import SnapshotKeeper, SnapshotPlan
from trainctl.training.step_calls import MOST, take_over
from trainctl.training.validated_weights import ValidatedWeights

_TRACEBACK = "the traceback is in console.log in the run directory; --debug also shows it on screen"
_DEBUG = "--debug shows the traceback"
_DIVERGED = "lower the learning rate, clip gradients (clipnorm), or look for NaN in the data"


@dataclass(frozen=True, slots=True)
class Fitted:
    """What training came to.

    Args:
        history: The metrics of each epoch of the stage, those of earlier sessions included.
        kept_epoch: The epoch (from 1) whose weights the model ends with: the restored one, else the last.
        is_validated: Whether the validation after that epoch measured the weights that the model ends with.
        ended: Where the stage ended, and the next one begins.
        best_saved: The callback that has saved the best model, where there is one.
    """

    history: Sequence[Mapping[str, float]]
    kept_epoch: int
    is_validated: bool
    ended: Begun
    best_saved: SavesBest | None = None

    @property
    def kept(self) -> Mapping[str, float]:
        """The metrics of the epoch whose weights the model ends with."""
        return self.history[self.kept_epoch - 1 - self.ended.epoch + len(self.history)]


@dataclass(frozen=True, slots=True)
class Setting:
    """What all tries of one training share.

    Args:
        built: Data, experiment and compiled model.
        directory: The run directory.
        context: For the callbacks.
        seed: Decides the order of the samples.
        stop: A signal's request to stop, heeded after each step.
        dry_run: Whether to stop after one batch of training and of validation.
        begun: Where the stage began.
        epochs_after: Epochs of the stages after this one.
    """

    built: Built
    directory: RunDirectory
    context: CallbackContext
    seed: int
    stop: StopRequest
    dry_run: bool = False
    begun: Begun = BEGINNING
    epochs_after: int = 0

    @property
    def traceback_hint(self) -> str:
        """Where to look for the traceback of a failure; a dry run leaves no console.log."""
        return _DEBUG if self.dry_run else _TRACEBACK

    @property
    def emit(self) -> Sink:
        """Where events go."""
        return self.context.emit

    @property
    def experiment(self) -> Experiment:
        """The experiment, the data's facts filled in."""
        return self.built.experiment


def fit(setting: Setting, start: Snapshot | None = None) -> Fitted:
    """Train to the end; where training diverges and the experiment says so, go back to the last snapshot and try again.

    Args:
        setting: What is trained, and where.
        start: The snapshot to go on from.

    Raises:
        BuildError: A callback cannot be built or does not fit the model.
        TrainingError: A callback or a step raised; `DivergedError` where the loss is no number.
        RunDirError: The snapshot is of another model.
    """
    start = _adapt_to_data(setting, start)
    recover, recoveries = setting.experiment.execution.recover, start.recoveries if start else 0
    while True:
        attempt = _Attempt(setting, start, recoveries)
        try:
            return attempt.run()
        except DivergedError:
            if recover.on is None or recoveries >= recover.retries or setting.dry_run:
                raise
            recoveries += 1
            setting.context.endings.tell("failed", {})
            start = _return_to_snapshot(setting, recoveries, attempt.diverged_in)


def _adapt_to_data(setting: Setting, start: Snapshot | None) -> Snapshot | None:
    """The snapshot; with epochs of another length, as in a fork with other batches, the beginning of its epoch."""
    steps = batches.steps_per_epoch(setting.built)
    return start if start is None or start.steps == steps else replace(start, step=0, steps=steps)


def _return_to_snapshot(setting: Setting, recoveries: int, diverged_in: int) -> Snapshot:
    """The snapshot to try again from; the files that grow are cut back to it.

    Raises:
        DivergedError: There is none.
    """
    start, _ = snapshots.newest(setting.directory)
    if start is None:
        raise DivergedError(f"the loss diverged in epoch {diverged_in}, and there is no snapshot to recover from")
    growing = growing_files.of_run(setting.directory, setting.built.whole.experiment.every_callback)
    kept = [path for path in growing if path != setting.directory.events]  # what happened has happened
    growing_files.cut(setting.directory, kept, start.files)
    recover = setting.experiment.execution.recover
    rate = start.learning_rate * recover.learning_rate_factor ** (recoveries - start.recoveries)
    setting.emit(
        Recovered(
            diverged_in=diverged_in,
            epoch=start.epoch,
            step=start.step,
            learning_rate=rate,
            attempt=recoveries,
            retries=recover.retries,
        )
    )
    return replace(start, state={**start.state, "learning_rate": rate})


class _Attempt:
    """One call of Keras's `fit`, from the beginning or from a snapshot."""

    def __init__(self, setting: Setting, start: Snapshot | None, recoveries: int) -> None:
        self._setting = setting
        self._start = start
        experiment = setting.experiment
        self._specs = directed(experiment)
        self._first = setting.begun.epoch
        count = 1 if setting.dry_run else experiment.fit.epochs - experiment.fit.initial_epoch
        self._epochs = self._first + count
        requests = SnapshotRequests()
        self._notices = EpochNotices(setting.emit)
        context = replace(
            setting.context,
            emit=self._notices,
            snapshots=requests,
            resumes=start is not None or setting.begun.stage > 0,
        )
        self._callbacks = build.build_callbacks(self._specs, context)
        self._calls = take_over(setting.built.model)
        in_graph, dry_run = self._calls is not None and not environment.has_gpu(), setting.dry_run
        steps = 1 if dry_run else batches.steps_per_epoch(setting.built)
        self._data = batches.training_data(setting.built, steps, in_graph=in_graph)
        self._validation = batches.validation_data(setting.built, dry_run=dry_run, in_graph=in_graph)
        self._reporter = EpochReporter(
            setting.emit,
            training_keys(experiment)[1:],
            self._epochs + setting.epochs_after,
            self._data.steps,
            batches.counted_samples(setting.built),
        )
        named = dict(zip(snapshots.unique_names(self._specs), self._callbacks, strict=True))
        self._every = {"History of Keras": NumberHistory(), **named}
        self._validated = ValidatedWeights()
        self._every |= {"validated weights": self._validated, "reporter": self._reporter}
        self._keeper = self._make_keeper(_plan(setting, requests), recoveries)
        self._driver = self._make_driver()
        if recoveries == 0:
            self._tell_decisions()

    def _tell_decisions(self) -> None:
        names = dict(zip(self._callbacks, (spec.name_in_yaml for spec in self._specs), strict=True))
        readers = [names.get(each, type(each).__name__) for each in self._driver.train_readers]
        found = decisions(self._setting.built, self._calls, readers, self._data.walk)
        self._setting.emit(ExecutionDecided(decisions=dict(found)))

    @property
    def diverged_in(self) -> int:
        """The epoch (from 1) in which the loss became NaN or infinite."""
        return self._reporter.diverged_in or self._first + len(self._reporter.history) + 1

    def run(self) -> Fitted:
        """Train.

        Raises:
            TrainingError: A callback or a step raised; `DivergedError` where the loss is no number.
        """
        setting, stop = self._setting, self._setting.stop
        try:
            self._fit()
            self._keeper.settle()
        except (TrainctlError, OSError, MemoryError, KeyboardInterrupt, SystemExit):
            self._close_files()
            raise
        except CallbackFailure as failure:
            self._close_files()
            raise TrainingError(str(failure), hint=setting.traceback_hint) from failure.error
        except Exception as error:
            self._close_files()
            if stop.explains(error):
                raise KeyboardInterrupt from error
            raise training_error(error, setting.experiment, setting.traceback_hint) from error
        finally:
            stop.graceful = False
            setting.emit(CallbacksTimed(seconds=self._sum_seconds()))
        self._require_finite()
        stop.raise_if_asked()
        kept = self._find_kept_epoch()
        savers = [
            each for each in self._callbacks if isinstance(each, SavesBest) and each.save_best_only and each.saved
        ]
        is_validated = self._validated.measured(kept)
        return Fitted(
            self._reporter.history, kept, is_validated, self._ended(), best_saved=savers[0] if savers else None
        )

    def _ended(self) -> Begun:
        begun, epochs = self._setting.begun, len(self._reporter.history)
        return Begun(begun.stage + 1, begun.epoch + epochs, begun.step + epochs * self._data.steps)

    def _fit(self) -> None:
        start = self._start
        with warnings.catch_warnings(), self._setting.built.data.reading(), _messages_of_keras():
            if start is not None and start.step == start.steps:  # only its validation is left of the first epoch
                warnings.filterwarnings("ignore", message="Your input ran out of data")
            self._setting.built.model.fit(
                self._data.dataset,
                validation_data=self._validation and self._validation.dataset,
                validation_freq=1 if self._setting.dry_run else self._setting.experiment.fit.validation_freq,
                initial_epoch=start.epoch if start else self._first,
                epochs=start.epoch if start and start.stopped and not start.step else self._epochs,
                callbacks=self._driver,
                verbose=0,
                shuffle=False,  # the pipeline shuffles; Keras would only warn
            )

    def _make_keeper(self, plan: SnapshotPlan, recoveries: int) -> SnapshotKeeper:
        start, model = self._start, self._setting.built.model
        state.build_optimizer(model)
        if start is not None and start.step:
            self._data.begin_at(start.epoch, 0)
            state.build_metrics(model, self._data.first())
        else:
            state.build_metrics_early(model, self._data.like)
        return SnapshotKeeper(plan, model, self._every, self._data.steps, start, recoveries, self._setting.begun)

    def _make_driver(self) -> TrainingCallbacks:
        setting, model = self._setting, self._setting.built.model
        meter = ProgressMeter(setting.emit, batches.counted_samples(setting.built))
        pairs = list(zip(self._callbacks, self._specs, strict=True))
        silent = [callback for callback, spec in pairs if spec.reads_batches is False]
        try:
            return TrainingCallbacks(
                list(self._every.values()),
                silent,
                meter,
                setting.stop,
                self._data,
                self._keeper,
                model,
                self._epochs,
                self._validation,
                [callback for callback, spec in pairs if spec.keras_logs],
                setting.built.data.class_names or (),
                self._notices,
                self._calls,
                MOST if setting.experiment.execution.steps_per_execution == "auto" else 1,
            )
        except (ValueError, TypeError) as error:
            raise BuildError(f"a callback does not fit the model: {build.first_sentence(error)}") from error

    def _require_finite(self) -> None:
        """Fail where the loss is NaN or infinite: a run that diverged is never a success."""
        watchers = [each for each in self._callbacks if isinstance(each, FindsDivergence)]
        found = next((each.diverged_at for each in watchers if each.diverged_at is not None), None)
        if found is not None:
            epoch, batch, loss = found
            raise DivergedError(f"the loss of batch {batch + 1} in epoch {epoch + 1} is {loss}", hint=_DIVERGED)
        if self._reporter.diverged_in is not None:
            loss = self._reporter.history[-1]["loss"]
            raise DivergedError(f"the loss of epoch {self._reporter.diverged_in} is {loss}", hint=_DIVERGED)

    def _find_kept_epoch(self) -> int:
        stoppers = [each for each in self._callbacks if isinstance(each, KeepsEpoch)]
        kept = [each.kept_epoch for each in stoppers if each.kept_epoch is not None]
        return kept[-1] + 1 if kept else self._first + len(self._reporter.history)

    def _close_files(self) -> None:
        """Let callbacks that hold files close them: Keras calls no `on_train_end` where training is cut short."""
        with suppress(OSError, TrainctlError):  # the first error counts
            self._keeper.settle()
        for callback, spec in zip(self._callbacks, self._specs, strict=True):
            if spec.closes_files:
                try:
                    callback.on_train_end()
                except Exception:  # noqa: BLE001, S112  # it may not have begun, or the disk is full: the first error counts
                    continue

    def _sum_seconds(self) -> dict[str, float]:
        """What each callback of the experiment cost, most expensive first; those of one name together."""
        seconds: dict[str, float] = {}
        for callback, spec in zip(self._callbacks, self._specs, strict=True):
            seconds[spec.name_in_yaml] = seconds.get(spec.name_in_yaml, 0.0) + self._driver.seconds.get(callback, 0.0)
        return dict(sorted(seconds.items(), key=lambda item: -item[1]))


@contextmanager
def _messages_of_keras() -> Iterator[None]:
    """Let callbacks print what `verbose: 1` asks for: standard output leads to console.log."""
    keras.config.enable_interactive_logging()
    try:
        yield
    finally:
        keras.config.disable_interactive_logging()


def _plan(setting: Setting, requests: SnapshotRequests) -> SnapshotPlan:
    execution, dry_run = setting.experiment.execution, setting.dry_run
    section = SnapshotSection(every_epochs=0) if dry_run else execution.snapshot
    growing = growing_files.of_run(setting.directory, setting.built.whole.experiment.every_callback)
    from_the_start = execution.recover.on is not None and not dry_run
    return SnapshotPlan(setting.directory, section, requests, setting.emit, growing, from_the_start)


def _smaller_batch(size: int) -> str:
    """Return what to try where the memory does not hold a batch of `size` samples."""
    if size == 1:
        return "make the model smaller"
    return f"lower data.batch_size from {size} to {size // 2}, or make the model smaller"


def training_error(error: Exception, experiment: Experiment, hint: str) -> TrainingError:
    """What stopped training, for people; points at the layer or the metric that is to blame, where that can be told."""
    name, text = type(error).__name__, build.first_sentence(error)
    if isinstance(error, FloatingPointError):
        return DivergedError(text, hint=_DIVERGED)
    if name == "ResourceExhaustedError":
        return TrainingError(f"out of memory: {text}", hint=_smaller_batch(experiment.data.batch_size))
    failed = TrainingError(f"training failed: {name}: {text}", hint=hint)
    culprit = find_culprit(error, experiment)
    if culprit is not None:
        message = f"{culprit.name} failed while training: {name}: {text}"
        failed.diagnostics = (Diagnostic("training", message, culprit.location, culprit.path, hint=hint),)
    return failed
