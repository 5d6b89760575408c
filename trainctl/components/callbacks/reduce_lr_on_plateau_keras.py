"""ReduceLROnPlateau that tells what it does."""

from __future__ import annotations

from collections.abc import Callable

from trainctl.aliases import Value
from trainctl.backend import keras
from trainctl.components.callbacks.reduce_lr_on_plateau import ReduceLROnPlateau
from trainctl.components.context import CallbackContext
from trainctl.events import CallbackNotice, Event


class TellingReduceLROnPlateau(keras.callbacks.ReduceLROnPlateau):
    """Keras's ReduceLROnPlateau, with a notice for each reduction.

    Args:
        emit: Where its notices go.
        **arguments: Those of Keras's ReduceLROnPlateau.
    """

    def __init__(self, emit: Callable[[Event], None], **arguments: Value) -> None:
        super().__init__(**arguments)
        self._emit = emit

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Reduce where it is time, and say so."""
        before = float(self.model.optimizer.learning_rate)
        super().on_epoch_end(epoch, logs)
        after = float(self.model.optimizer.learning_rate)
        if after < before:
            self._emit(
                CallbackNotice(callback="ReduceLROnPlateau", message=f"learning_rate {before:.3g} → {after:.3g}")
            )


def build(spec: ReduceLROnPlateau, context: CallbackContext) -> TellingReduceLROnPlateau:
    """Return Keras's ReduceLROnPlateau, which also says when it acts."""
    return TellingReduceLROnPlateau(context.emit, **spec.model_dump())
