"""EarlyStopping."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from trainctl.components.callbacks.shared.monitor import Count, Delta, MonitorSpec, Verbose
from trainctl.components.context import CallbackContext
from trainctl.components.fields import Boolean, Number
from trainctl.components.spec import callback
from trainctl.text import plural

if TYPE_CHECKING:
    from trainctl.backend import keras


@callback("EarlyStopping")
class EarlyStopping(MonitorSpec):
    """Stop training when a metric has stopped improving.

    Source: keras.callbacks.EarlyStopping, Keras 3.15. `restore_best_weights` restores at the end of training also when
    training ran through all epochs.
    """

    may_stop: ClassVar[bool] = True
    state_attributes: ClassVar[tuple[str, ...]] = ("wait", "stopped_epoch", "best", "best_epoch", "best_weights")

    min_delta: Annotated[Delta, Field(description="Smallest change that counts as an improvement.")] = 0
    patience: Annotated[Count, Field(description="Epochs without improvement before training stops.")] = 0
    verbose: Verbose = 0
    baseline: Annotated[
        Number | None, Field(description="Value to improve on from the start; null = the first epoch's.")
    ] = None
    restore_best_weights: Annotated[
        Boolean, Field(description="Whether to restore the weights of the best epoch at the end of training.")
    ] = False
    start_from_epoch: Annotated[Count, Field(description="Epochs to wait before monitoring starts.")] = 0

    def never_acts(self, epochs: int) -> Iterator[tuple[str, str, str]]:
        """The epochs that it waits outlast the run."""
        if self.start_from_epoch >= epochs:
            yield (
                "start_from_epoch",
                f"EarlyStopping can never stop training: start_from_epoch is {self.start_from_epoch}, and there are only "
                f"{plural(epochs, 'epoch')}",
                "lower start_from_epoch, or raise fit.epochs",
            )
        elif self.start_from_epoch + self.patience >= epochs and not self.restore_best_weights:
            later = f" after the first {self.start_from_epoch}" if self.start_from_epoch else ""
            yield (
                "patience",
                f"EarlyStopping can never stop training: patience is {self.patience}{later}, and there are only {epochs} epochs",
                "lower patience, or raise fit.epochs",
            )

    def build(self, context: CallbackContext) -> keras.callbacks.Callback:
        """Keras's EarlyStopping, which also tells when it stops or restores."""
        from trainctl.components.callbacks.early_stopping_keras import TellingEarlyStopping  # imports Keras

        return TellingEarlyStopping(context.emit, **self.model_dump())
