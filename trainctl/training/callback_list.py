"""The callback list that `fit` drives: it converts a batch's logs only when somebody reads them.

Keras's own converts every metric to a Python float after every step, which waits for the device, also where no callback
looks. Here a step without a reader costs one counter.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence

from trainctl.aliases import Logs, Value
from trainctl.backend import keras
from trainctl.components.callbacks.shared.logs_keras import EpochLogs, as_python, scalars
from trainctl.components.callbacks.shared.rates_keras import learning_rate
from trainctl.data.batches import Epochs
from trainctl.errors import TrainingError
from trainctl.events import Progress, Sink, ignore
from trainctl.runs.signals import StopRequest
from trainctl.training.callback_failure import CallbackFailure, attribute_errors
from trainctl.training.reporter import EpochNotices
from trainctl.training.snapshots import SnapshotKeeper
from trainctl.training.splits_as_batches import Validation
from trainctl.training.step_calls import MOST, Calls, Pace

_REFRESH_SECONDS = 0.1


class ProgressMeter:
    """Tells where the epoch is, at most ten times a second.

    Args:
        emit: Where the progress events go.
        samples: How many samples an epoch has, to count in samples; `None` counts in steps.
    """

    def __init__(self, emit: Sink, samples: int | None = None) -> None:
        self._emit = emit
        self._samples = samples
        self._due = 0.0
        self.epoch = 0
        self.conversions = 0

    def due(self) -> bool:
        """Whether it is time to tell again."""
        return time.perf_counter() >= self._due

    def tell(self, step: int, steps: int, metrics: Mapping[str, float], *, validating: bool = False) -> None:
        """Tell that `step` of `steps` is done."""
        if self._samples is not None and not validating:
            step, steps = round(step / max(1, steps) * self._samples), self._samples
        self._due = time.perf_counter() + _REFRESH_SECONDS
        self._emit(Progress(epoch=self.epoch, step=step, steps=steps, validating=validating, metrics=metrics))


class TrainingCallbacks(keras.callbacks.CallbackList):
    """Keras's callback list with batch hooks only for those who need them, and a clock for each callback.

    Between two steps it looks whether a signal came and whether a snapshot is due. Where a run goes on in the middle of an
    epoch, it hides that from the callbacks: they see the number that each batch has in the epoch, and the epoch's end.

    Args:
        callbacks: All callbacks, in call order.
        silent: Those among them whose batch hooks are not called, though they have some.
        meter: The progress meter.
        stop: Looked at after each step, where a signal may end the run.
        data: The training data, told where each epoch begins.
        keeper: Takes the snapshots, and puts back the one that the run goes on from.
        model: The model.
        epochs: Epochs of the run.
        validation: The validation data; `None` without.
        keras_logs: Those that are given the logs of an epoch as Keras would give them.
        class_names: The names of the classes, for metrics with a value for each.
        notices: Where the callbacks report what they did; at the end of an epoch after the epoch is reported.
        calls: How steps of training and of validation are run, several in a call where nobody looks; `None` if by Keras.
        at_once: How many steps a call runs at most.
    """

    def __init__(
        self,
        callbacks: Sequence[keras.callbacks.Callback],
        silent: Sequence[keras.callbacks.Callback],
        meter: ProgressMeter,
        stop: StopRequest,
        data: Epochs,
        keeper: SnapshotKeeper,
        model: keras.Model,
        epochs: int,
        validation: Validation | None,
        keras_logs: Collection[keras.callbacks.Callback] = (),
        class_names: Sequence[str] = (),
        notices: EpochNotices | None = None,
        calls: tuple[Calls, Calls] | None = None,
        at_once: int = MOST,
    ) -> None:
        super().__init__(list(callbacks), add_history=False, model=model, verbose=0, epochs=epochs, steps=data.steps)
        heard = [callback for callback in callbacks if callback not in silent]
        self.train_readers = [callback for callback in heard if _overrides(callback, _TRAIN_HOOKS)]
        """Those that act at every batch."""
        self._test_readers = [callback for callback in heard if _overrides(callback, _TEST_HOOKS)]
        self._meter = meter
        self._stop = stop
        self._data = data
        self._keeper = keeper
        self._epochs = epochs
        self._steps = data.steps
        self._validation_steps = validation.steps if validation else 0
        self._validation_walk = validation.walk if validation else None
        self._epoch = 0
        self._offset = 0
        self._train_calls = None if calls is None else calls[0]
        self._test_calls = None if calls is None else calls[1]
        self._train_pace, self._test_pace = Pace(at_once), Pace(at_once)
        self._done = self._tested = 0
        self._running = 1
        self._ended_early = False
        self._left = False
        self._logs_before: Mapping[str, Value] = {}
        self._keras_logs = keras_logs
        self._class_names = class_names
        self._notices = notices or EpochNotices(ignore)
        self._logs_of_epoch: Mapping[str, Value] | None = None
        self.seconds = dict.fromkeys(callbacks, 0.0)

    def on_train_begin(self, logs: Logs = None) -> None:
        """All callbacks; then what they remember is put back, since Keras's reset themselves here."""
        self._run("on_train_begin", self.callbacks, logs=logs)
        self._keeper.restore()
        self._keeper.before_first_step()

    def on_train_end(self, logs: Logs = None) -> None:
        """All callbacks, with the logs of the last epoch."""
        self._run("on_train_end", self.callbacks, logs=as_python(logs) | dict(self._logs_of_epoch or {}))

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        """All callbacks. In the epoch that a run goes on with, they had seen it begin: what this did is undone."""
        self._epoch, self._offset, self._ended_early = epoch, self._keeper.offset(epoch), False
        self._left = False
        self._done = self._offset
        self._train_pace.begin()
        self._data.begin_at(epoch, self._offset)
        self._meter.epoch = epoch + 1
        self._run("on_epoch_begin", self.callbacks, epoch, logs=logs)
        if self._offset:
            self._keeper.restore()
            self._logs_before = self.model.get_metrics_result()

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """All callbacks, with one dictionary of logs that each may add to, the learning rate in it."""
        self._leave_steps()
        if self._offset == self._steps:  # Keras saw no step of this epoch, and so no logs
            logs = {**self._logs_before, **(logs or {})}
        found = EpochLogs(logs, learning_rate(self.model.optimizer), self._class_names)
        self._logs_of_epoch = found.shared
        self._keeper.after_steps()
        try:
            with self._notices.held():
                for callback in self.callbacks:
                    given = found.of_keras() if callback in self._keras_logs else found.shared
                    self._run("on_epoch_end", [callback], epoch, logs=given)
        except (CallbackFailure, TrainingError):
            self._keeper.after_failure(epoch)
            raise
        last = epoch + 1 == self._epochs or self.model.stop_training
        self._keeper.after_epoch(epoch + 1, last=last, asked=self._stop.asked)
        self._stop.raise_if_asked()

    def on_train_batch_begin(self, batch: int, logs: Logs = None) -> None:
        """Only the readers; then as many steps as may be run at once."""
        if self._train_calls is None:
            self._done = self._offset + batch
        else:
            due = self._keeper.steps_until_due(self._epoch, self._done)
            at_once = 1 if self.train_readers else min(self._train_pace.steps, due)
            walk, left = self._data.walk, self._steps - self._done
            self._running = min(at_once, left, left if walk is None else walk.left)
        if self._done < self._steps:  # else Keras is about to find that nothing is left
            self._run("on_train_batch_begin", self.train_readers, self._done, logs=logs)
        if self._train_calls is not None:
            self._train_calls.plan(self._running, self._data.walk)

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        """The readers, with the logs as numbers; ten times a second the display; then snapshots and signals."""
        due = self._meter.due()
        last = self._offset + batch if self._train_calls is None else self._done + self._running - 1
        step = self._done = min(last + 1, self._steps)
        if due or self.train_readers:
            self._meter.conversions += 1
            logs = as_python(logs)
            self._run("on_train_batch_end", self.train_readers, last, logs=logs)
            if due:
                self._meter.tell(step, self._steps, scalars(logs))
        if self._train_calls is not None:
            self._train_pace.ran(self._running, caught_up=due)
        self._stop.graceful = True  # the graph is built: from now on a signal waits for the end of a step
        if self.model.stop_training:
            return  # what a callback asked for is part of no snapshot before the epoch's end
        self._keeper.after_step(self._epoch, step, asked=self._stop.asked)
        self._stop.raise_if_asked()
        if step == self._steps and batch + 1 < self._steps:  # Keras counts calls, from 0, and would look for more
            self._ended_early = self.model.stop_training = True

    def _leave_steps(self) -> None:
        """The steps are done: hide how the ones of a resumed epoch ended. Called before validation, and at the epoch's end."""
        if self._ended_early:
            self._ended_early = self.model.stop_training = False
        if self._offset == self._steps and not self._left:
            self._keeper.restore()  # Keras tried a step: without data, but the seeds of random layers moved on
        self._left = True

    def on_test_begin(self, logs: Logs = None) -> None:
        """All callbacks."""
        self._leave_steps()
        self._tested = 0
        self._test_pace.begin()
        if self._validation_walk is not None:
            self._validation_walk.begin_at(0)
        self._keeper.after_steps()
        self._run("on_test_begin", self.callbacks, logs=logs)

    def on_test_end(self, logs: Logs = None) -> None:
        """All callbacks."""
        self._run("on_test_end", self.callbacks, logs=as_python(logs))

    def on_test_batch_begin(self, batch: int, logs: Logs = None) -> None:
        """Only the readers; then as many steps as may be run at once."""
        if self._test_calls is None:
            self._tested = batch
        else:
            left = self._validation_steps - self._tested  # none where nobody knows how many there are
            self._running = max(1, 1 if self._test_readers else min(self._test_pace.steps, left))
        self._run("on_test_batch_begin", self._test_readers, self._tested, logs=logs)
        if self._test_calls is not None:
            self._test_calls.plan(self._running, self._validation_walk)

    def on_test_batch_end(self, batch: int, logs: Logs = None) -> None:
        """The readers and the display."""
        due = self._meter.due()
        last = batch if self._test_calls is None else self._tested + self._running - 1
        if due or self._test_readers:
            logs = as_python(logs)
            self._run("on_test_batch_end", self._test_readers, last, logs=logs)
        self._tested = min(last + 1, self._validation_steps)
        if due:
            self._meter.tell(self._tested, self._validation_steps, {}, validating=True)
        if self._test_calls is not None:
            self._test_pace.ran(self._running, caught_up=due)
        if self._stop.asked:
            self._keeper.within_validation(self._epoch)
        self._stop.raise_if_asked()
        if self._tested == self._validation_steps and batch + 1 < self._validation_steps:  # Keras counts calls
            self.model.stop_evaluating = True

    def _run(self, hook: str, callbacks: Sequence[keras.callbacks.Callback], *index: int, logs: Logs) -> None:
        """Call `hook` of each of `callbacks`, in order, and charge each for its time."""
        for callback in callbacks:
            began = time.perf_counter()
            with attribute_errors(callback, hook):
                getattr(callback, hook)(*index, logs=logs)
            self.seconds[callback] += time.perf_counter() - began


_TRAIN_HOOKS = ("on_train_batch_begin", "on_train_batch_end", "on_batch_begin", "on_batch_end")
_TEST_HOOKS = ("on_test_batch_begin", "on_test_batch_end")


def _overrides(callback: keras.callbacks.Callback, hooks: Sequence[str]) -> bool:
    """Whether the callback does anything in one of `hooks`; Keras marks its own empty ones."""
    return any(not getattr(getattr(callback, hook), "_is_default", False) for hook in hooks)
