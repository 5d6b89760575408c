"""LearningRateScheduler that tells what it does."""

from __future__ import annotations

from collections.abc import Callable

from trainctl.aliases import Logs
from trainctl.backend import keras
from trainctl.components.callbacks.learning_rate_scheduler import LearningRateScheduler
from trainctl.components.callbacks.shared.rates_keras import learning_rate
from trainctl.components.context import CallbackContext
from trainctl.events import CallbackNotice, Event


class TellingLearningRateScheduler(keras.callbacks.LearningRateScheduler):
    """Keras's LearningRateScheduler, with a notice for each change.

    Args:
        emit: Where its notices go.
        schedule: The rate of an epoch (from 0), from the rate before it.
        verbose: Keras's.
    """

    def __init__(self, emit: Callable[[Event], None], schedule: Callable[[int, float], float], verbose: int) -> None:
        super().__init__(schedule, verbose=verbose)
        self._emit = emit

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        """Set the rate, and say so where it is another one."""
        before = learning_rate(self.model.optimizer)
        super().on_epoch_begin(epoch, logs)
        after = learning_rate(self.model.optimizer)
        if before is not None and after is not None and after != before:
            message = f"learning_rate {before:.3g} → {after:.3g}"
            self._emit(CallbackNotice(callback="LearningRateScheduler", message=message))


def build(spec: LearningRateScheduler, context: CallbackContext) -> TellingLearningRateScheduler:
    """Return Keras's LearningRateScheduler with the schedule as a function, which also says what it sets."""
    return TellingLearningRateScheduler(context.emit, spec.rates(context.instantiate), spec.verbose)
