"""SwapEMAWeights."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from trainctl.components.fields import Boolean
from trainctl.components.spec import CallbackSpec, callback


@callback("SwapEMAWeights")
class SwapEMAWeights(CallbackSpec):
    """Validate, and with `swap_on_epoch` also save, with the moving average of the weights.

    The optimizer needs `use_ema: true`. With `swap_on_epoch` it is before ModelCheckpoint.

    Source: keras.callbacks.SwapEMAWeights, Keras 3.15.
    """

    needs_ema: ClassVar[bool] = True
    swaps_weights: ClassVar[bool] = True
    state_attributes: ClassVar[tuple[str, ...]] = ("_ema_weights_in_model",)

    swap_on_epoch: Annotated[
        Boolean, Field(description="Whether to also use the averages at the end of each epoch, so that they are saved.")
    ] = False
