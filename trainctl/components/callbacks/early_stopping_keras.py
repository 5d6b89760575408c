"""EarlyStopping that tells what it does."""

from __future__ import annotations

from collections.abc import Callable

from trainctl.aliases import Value
from trainctl.backend import keras
from trainctl.components.declared import KeepsEpoch
from trainctl.events import CallbackNotice, Event
from trainctl.text import plural


class TellingEarlyStopping(KeepsEpoch, keras.callbacks.EarlyStopping):
    """Keras's EarlyStopping; `kept_epoch` is the epoch (from 0) whose weights the model ends with, where restored.

    Args:
        emit: Where its notice goes.
        **arguments: Those of Keras's EarlyStopping.
    """

    def __init__(self, emit: Callable[[Event], None], **arguments: Value) -> None:
        super().__init__(**arguments)
        self._emit = emit

    def on_train_end(self, logs: dict[str, float] | None = None) -> None:
        """Restore, and say so."""
        super().on_train_end(logs)
        restored = self.restore_best_weights and self.best_weights is not None
        self.kept_epoch = self.best_epoch if restored else None
        told = [
            f"no improvement of {self.monitor} for {plural(self.patience, 'epoch')}",
            f"stopped at {self.stopped_epoch + 1}",
        ]
        if self.stopped_epoch == 0:
            told = []
        if restored:
            told.append(f"restored epoch {self.best_epoch + 1}")
        if told:
            self._emit(CallbackNotice(callback="EarlyStopping", message=", ".join(told)))
