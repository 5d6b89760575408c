"""ModelCheckpoint whose files are never half written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras

from trainctl.components.keras.atomic import saved_atomically
from trainctl.components.keras.checkpoint import BestKept
from trainctl.events import CallbackNotice, Event
from trainctl.words import number


class AtomicModelCheckpoint(BestKept, keras.callbacks.ModelCheckpoint):
    """Keras's ModelCheckpoint, saving aside and renaming.

    Args:
        emit: Where its notices go.
        period: Epochs between two saves, where it saves at the end of epochs.
        shown: The file path as the person wrote it, for the notices.
        **arguments: Those of Keras's ModelCheckpoint.
    """

    def __init__(self, emit: Callable[[Event], None], shown: str, period: int = 1, **arguments: Any) -> None:
        super().__init__(**arguments)
        self._period = period
        self._emit = emit
        self._shown = Path(shown)

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Save where it is time."""
        if (epoch + 1) % self._period == 0:
            super().on_epoch_end(epoch, logs)

    def _save_model(self, epoch: int, batch: int | None, logs: dict[str, float] | None) -> None:
        """Keras's method with the writing made atomic: the one seam, since its own writes in place."""
        path = Path(self._get_file_path(epoch, batch, logs))
        if not self._should_save_model(epoch, batch, logs, str(path)):
            return
        save = self.model.save_weights if self.save_weights_only else self.model.save
        saved_atomically(path, save)
        value = (logs or {}).get(self.monitor) if self.save_best_only else None
        because = "" if value is None else f" ({self.monitor} {number(float(value))})"
        self._emit(
            CallbackNotice(callback="ModelCheckpoint", message=f"saved {self._shown.parent / path.name}{because}")
        )
