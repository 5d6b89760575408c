"""OrbaxCheckpoint whose failures are told."""

from __future__ import annotations

from typing import Any

import keras


class TellingOrbaxCheckpoint(keras.callbacks.OrbaxCheckpoint):
    """Keras's OrbaxCheckpoint; a checkpoint that could not be written in the background is an error at the end.

    Args:
        **arguments: Those of Keras's OrbaxCheckpoint.
    """

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        """Save where it is time. Keras sets the direction only at the end of an epoch and would crash here before."""
        if self.save_best_only and self.save_freq != "epoch" and self.monitor_op is None:
            self._set_monitor_op()
        super().on_train_batch_end(batch, logs)

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Save where it is time. Keras asks for the direction of the metric also where no best model is kept."""
        if self.save_freq == "epoch" and not self.save_best_only:
            self._save_checkpoint(step=epoch, logs=logs)
        elif self.save_freq == "epoch":
            super().on_epoch_end(epoch, logs)

    def on_train_end(self, logs: Any = None) -> None:
        """Wait for what is being written, which raises what went wrong; Keras closes without a word."""
        try:
            self.wait_until_finished()
        finally:
            super().on_train_end(logs)
