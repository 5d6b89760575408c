"""The callback list that `fit` drives: it converts a batch's logs only when somebody reads them.

Keras's own converts every metric to a Python float after every step, which waits for the device, also where no callback
looks. Here a step without a reader costs one counter.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

import keras

from trainctl.events import Progress, Sink
from trainctl.runs.signals import StopRequest

_REFRESH_SECONDS = 0.1


class ProgressMeter:
    """Tells where the epoch is, at most ten times a second.

    Args:
        emit: Where the progress events go.
    """

    def __init__(self, emit: Sink) -> None:
        self._emit = emit
        self._due = 0.0
        self.epoch = 0
        self.conversions = 0

    def due(self) -> bool:
        """Whether it is time to tell again."""
        return time.perf_counter() >= self._due

    def tell(self, step: int, steps: int, metrics: Mapping[str, float], *, validating: bool = False) -> None:
        """Tell that `step` of `steps` is done."""
        self._due = time.perf_counter() + _REFRESH_SECONDS
        self._emit(Progress(epoch=self.epoch, step=step, steps=steps, validating=validating, metrics=metrics))


class TrainingCallbacks(keras.callbacks.CallbackList):
    """Keras's callback list with batch hooks only for those who need them.

    Args:
        callbacks: All callbacks, in call order.
        readers: Those among them whose batch hooks are called.
        meter: The progress meter.
        stop: Looked at after each step, where a signal may end the run.
        model: The model.
        epochs: Epochs of the run.
        steps: Steps of an epoch.
        validation_steps: Steps of a validation; 0 = none.
    """

    def __init__(
        self,
        callbacks: Sequence[Any],
        readers: Sequence[Any],
        meter: ProgressMeter,
        stop: StopRequest,
        model: Any,
        epochs: int,
        steps: int,
        validation_steps: int,
    ) -> None:
        super().__init__(list(callbacks), add_history=False, model=model, verbose=0, epochs=epochs, steps=steps)
        self._readers = list(readers)
        self._meter = meter
        self._stop = stop
        self._steps = steps
        self._validation_steps = validation_steps

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Steps may be waited for from here on: a signal ends the run after the one in flight."""
        self._meter.epoch = epoch + 1
        super().on_epoch_begin(epoch, logs)

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Only the readers."""
        for callback in self._readers:
            callback.on_train_batch_begin(batch, logs=logs)

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """The readers, with the logs as numbers; and ten times a second the display."""
        due = self._meter.due()
        if due or self._readers:
            self._meter.conversions += 1
            logs = as_floats(logs)
            for callback in self._readers:
                callback.on_train_batch_end(batch, logs=logs)
            if due:
                self._meter.tell(min(batch + 1, self._steps), self._steps, logs)
        self._stop.graceful = True  # the graph is built: from now on a signal waits for the end of a step
        self._stop.raise_if_asked()

    def on_test_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Nobody reads it."""

    def on_test_batch_end(self, batch: int, logs: Any = None) -> None:
        """Only the display."""
        if self._meter.due():
            self._meter.tell(min(batch + 1, self._validation_steps), self._validation_steps, {}, validating=True)
        self._stop.raise_if_asked()


def as_floats(logs: Mapping[str, Any] | None) -> dict[str, float]:
    """The logs as Python floats, keys sorted as Keras sorts them."""
    return {key: float(value) for key, value in sorted((logs or {}).items())}
