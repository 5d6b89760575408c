"""What our checkpoint callbacks set right in Keras's."""

from __future__ import annotations

from typing import Any

from trainctl.backend import keras


class BestKept(keras.callbacks.Callback):
    """Sets the direction of the metric where the best model is kept, and before it is needed.

    Keras sets it at the end of an epoch only, and so would crash where it saves before; and it asks for it also where no
    best model is kept, and so would refuse a metric that no one looks at.
    """

    save_best_only: bool
    save_freq: str | int
    monitor_op: Any

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        """Save where it is time."""
        if self.save_freq != "epoch" and self.monitor_op is None:
            self._set_monitor_op()
        super().on_train_batch_end(batch, logs)

    def _set_monitor_op(self) -> None:
        if self.save_best_only:
            super()._set_monitor_op()
