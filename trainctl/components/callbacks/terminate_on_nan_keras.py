"""TerminateOnNaN that says where."""

from __future__ import annotations

import math
from typing import ClassVar

from trainctl.aliases import Logs
from trainctl.backend import keras
from trainctl.components.callbacks.terminate_on_nan import TerminateOnNaN
from trainctl.components.context import CallbackContext
from trainctl.components.declared import FindsDivergence


class LocatingTerminateOnNaN(FindsDivergence, keras.callbacks.Callback):
    """Stops at the first batch with a loss that is no number, and remembers which: `diverged_at` is (epoch, batch, loss).

    Keras's own prints the batch to stdout and forgets it; whether it raises is the same here.

    Args:
        raise_error: Whether to raise immediately rather than to stop after the other callbacks have ended.
    """

    called: ClassVar[str] = "TerminateOnNaN"

    def __init__(self, raise_error: bool = False) -> None:
        super().__init__()
        self.raise_error = raise_error
        self._epoch = 0

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        """Remember the epoch."""
        self._epoch = epoch

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        """Stop where the loss is NaN or infinite."""
        loss = (logs or {}).get("loss")
        if loss is None or math.isfinite(loss):
            return
        self.diverged_at = (self._epoch, batch, loss)
        self.model.stop_training = True
        if self.raise_error:
            raise FloatingPointError(f"the loss of batch {batch + 1} in epoch {self._epoch + 1} is {loss}")


def build(spec: TerminateOnNaN, _context: CallbackContext) -> LocatingTerminateOnNaN:
    """Return Keras's TerminateOnNaN, with the step and the value in its message."""
    return LocatingTerminateOnNaN(raise_error=spec.raise_error)
