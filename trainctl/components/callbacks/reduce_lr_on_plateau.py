"""ReduceLROnPlateau."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar

from pydantic import Field

from trainctl.components.callbacks.shared.monitor import Count, Delta, MonitorSpec, Verbose
from trainctl.components.fields import Number
from trainctl.components.spec import callback


@callback("ReduceLROnPlateau")
class ReduceLROnPlateau(MonitorSpec):
    """Lower the learning rate when a metric has stopped improving.

    The optimizer's learning rate has to be a number; a schedule cannot be lowered.

    Source: keras.callbacks.ReduceLROnPlateau, Keras 3.15.
    """

    controls_learning_rate: ClassVar[bool] = True
    state_attributes: ClassVar[tuple[str, ...]] = ("wait", "cooldown_counter", "best")
    removed: ClassVar[Mapping[str, str]] = {"epsilon": "it is now called min_delta"}
    renamed: ClassVar[Mapping[str, str]] = {"epsilon": "min_delta"}

    factor: Annotated[Number, Field(gt=0, lt=1, description="Factor by which to multiply the learning rate.")] = 0.1
    patience: Annotated[Count, Field(description="Epochs without improvement before the learning rate is lowered.")] = (
        10
    )
    verbose: Verbose = 0
    min_delta: Annotated[Delta, Field(description="Smallest change that counts as an improvement.")] = 0.0001
    cooldown: Annotated[Count, Field(description="Epochs to wait after lowering the learning rate.")] = 0
    min_lr: Annotated[Number, Field(ge=0, description="Lower bound of the learning rate.")] = 0.0
