"""TerminateOnNaN that says where."""

from __future__ import annotations

import math

from trainctl.aliases import Logs
from trainctl.backend import keras


class LocatingTerminateOnNaN(keras.callbacks.Callback):
    """Stops at the first batch with a loss that is no number, and remembers which: `found` is (epoch, batch, loss).

    Keras's own prints the batch to stdout and forgets it; whether it raises is the same here.

    Args:
        raise_error: Whether to raise at once rather than to stop after the other callbacks have ended.
    """

    def __init__(self, raise_error: bool = False) -> None:
        super().__init__()
        self.raise_error = raise_error
        self.found: tuple[int, int, float] | None = None
        self._epoch = 0

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        """Remember the epoch."""
        self._epoch = epoch

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        """Stop where the loss is NaN or infinite."""
        loss = (logs or {}).get("loss")
        if loss is None or math.isfinite(loss):
            return
        self.found = (self._epoch, batch, loss)
        self.model.stop_training = True
        if self.raise_error:
            raise FloatingPointError(f"the loss of batch {batch + 1} in epoch {self._epoch + 1} is {loss}")
