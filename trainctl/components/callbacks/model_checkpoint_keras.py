"""ModelCheckpoint whose files are never half written."""

from __future__ import annotations

from typing import ClassVar

from trainctl.aliases import Logs, Value
from trainctl.backend import keras
from trainctl.components.callbacks.shared.checkpoint_keras import BestKept
from trainctl.components.callbacks.shared.logs_keras import RATE
from trainctl.components.callbacks.shared.rates_keras import learning_rate
from trainctl.components.context import CallbackContext
from trainctl.events import CallbackNotice
from trainctl.files import saved_atomically
from trainctl.text import format_number


class AtomicModelCheckpoint(BestKept, keras.callbacks.ModelCheckpoint):
    """Keras's ModelCheckpoint, saving aside and renaming.

    Args:
        context: For outputs and notices.
        period: Epochs between two saves, where it saves at the end of epochs.
        **arguments: Those of Keras's ModelCheckpoint; the file path as the person wrote it.
    """

    called: ClassVar[str] = "ModelCheckpoint"

    def __init__(self, context: CallbackContext, period: int = 1, **arguments: Value) -> None:
        super().__init__(**arguments)
        self._period = period
        self.context = context

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Save where it is time."""
        if (epoch + 1) % self._period == 0:
            super().on_epoch_end(epoch, logs)

    def _save_model(self, epoch: int, batch: int | None, logs: dict[str, float] | None) -> None:
        """Keras's method with the writing made atomic: the one seam, since its own writes in place.

        Without the metric that says which model is the best none is saved; Keras would write over the best one.
        """
        if self.save_best_only and self.monitor not in (logs or {}):
            return
        shown = self._get_file_path(epoch, batch, self._with_rate(logs))
        path = self.context.output(shown)
        if not self._should_save_model(epoch, batch, logs, str(path)):
            return
        save = self.model.save_weights if self.save_weights_only else self.model.save
        saved_atomically(path, save)
        self.saved = shown
        value = (logs or {}).get(self.monitor) if self.save_best_only else None
        because = "" if value is None else f" ({self.monitor} {format_number(float(value))})"
        self.context.emit(CallbackNotice(callback=self.called, message=f"saved {shown}{because}"))

    def _with_rate(self, logs: Logs) -> dict[str, Value]:
        """The logs with the learning rate, which those of a batch lack."""
        rate = learning_rate(getattr(self.model, "optimizer", None))
        return {**({} if rate is None else {RATE: rate}), **(logs or {})}
