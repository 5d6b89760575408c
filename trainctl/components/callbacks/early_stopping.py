"""EarlyStopping."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from trainctl.components.callbacks.shared.monitor import Count, MonitorSpec, Verbose
from trainctl.components.context import CallbackContext
from trainctl.components.fields import Boolean, Number
from trainctl.components.spec import callback

if TYPE_CHECKING:
    from trainctl.backend import keras


@callback("EarlyStopping")
class EarlyStopping(MonitorSpec):
    """Stop training when a metric has stopped improving.

    Source: keras.callbacks.EarlyStopping, Keras 3.15. `restore_best_weights` restores at the end of training also when
    training ran through all epochs.
    """

    min_delta: Annotated[Number, Field(ge=0, description="Smallest change that counts as an improvement.")] = 0
    patience: Annotated[Count, Field(description="Epochs without improvement after which training stops.")] = 0
    verbose: Verbose = 0
    baseline: Annotated[
        Number | None, Field(description="Value to improve on from the start; null = the first epoch's.")
    ] = None
    restore_best_weights: Annotated[
        Boolean, Field(description="Whether the weights of the best epoch are put back at the end of training.")
    ] = False
    start_from_epoch: Annotated[Count, Field(description="Epochs to wait before watching begins.")] = 0

    def build(self, context: CallbackContext) -> keras.callbacks.Callback:
        """Keras's EarlyStopping, which also tells when it stops or restores."""
        from trainctl.components.callbacks.early_stopping_keras import TellingEarlyStopping

        return TellingEarlyStopping(context.emit, **self.model_dump())
