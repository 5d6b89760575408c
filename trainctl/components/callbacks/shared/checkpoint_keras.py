"""What our checkpoint callbacks set right in Keras's."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from trainctl.aliases import Value
from trainctl.backend import keras
from trainctl.components.context import CallbackContext
from trainctl.components.declared import SavesBest, state_attributes
from trainctl.events import CallbackNotice
from trainctl.text import format_number


class BestKept(SavesBest, keras.callbacks.Callback):
    """Sets the direction of the metric where the best model is kept, before it is needed; and tells when that is gone.

    Keras sets the direction at the end of an epoch only, and so would crash where it saves before; and it asks for it also
    where no best model is kept, and so would refuse a metric that no one looks at.
    """

    called: ClassVar[str]
    save_best_only: bool
    save_freq: str | int
    monitor: str
    monitor_op: Any
    best: Any
    context: CallbackContext
    saved: str | None = None
    """Where it saved last, as the person wrote it."""
    _told: bool = False

    def state_dict(self) -> dict[str, Value]:
        """What Keras's class remembers, and where it saved last."""
        kind: type = type(self)
        names = [name for name in state_attributes(kind) if hasattr(self, name)]
        return {**{name: getattr(self, name) for name in names}, "saved": self.saved}

    def load_state_dict(self, state: Mapping[str, Value]) -> None:
        """Go on; tell where the best model is gone, which is saved again only when a better one comes."""
        for name, value in state.items():
            setattr(self, name, value)
        if self.save_best_only and self.saved is not None and not self._told and not self._is_there(self.saved):
            self._told = True
            best = f"{self.monitor} {format_number(float(self.best))}"
            message = f"{self.saved}, the best so far ({best}), is gone; only a better one is saved from here on"
            self.context.emit(CallbackNotice(callback=self.called, message=message))

    def _is_there(self, saved: str) -> bool:
        return Path(self.context.directory, saved).exists()

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        """Save where it is time."""
        if self.save_freq != "epoch" and self.monitor_op is None:
            self._set_monitor_op()
        super().on_train_batch_end(batch, logs)

    def _set_monitor_op(self) -> None:
        if self.save_best_only:
            super()._set_monitor_op()
