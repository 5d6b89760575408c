"""What the callbacks that watch a metric share: fields, and the direction in which a metric is better."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from trainctl.components.fields import Integer, Number, Text, Texts
from trainctl.components.spec import CallbackSpec

Mode = Literal["auto", "min", "max"]
Verbose = Annotated[
    Literal[0, 1], Field(description="Keras's own messages in console.log: 0 = none, 1 = when it acts.")
]
Delta = Annotated[Number, AfterValidator(abs)]
"""A change, whatever its sign: Keras takes the absolute value."""
Names = Annotated[Texts, BeforeValidator(lambda value: () if value is None else value)]
"""Some names; null, which is Keras's default, is none."""
Count = Annotated[Integer, Field(ge=0)]
Frequency = Literal["epoch"] | Annotated[Integer, Field(ge=1)]
"""After each epoch, or every so many batches."""


class MonitorSpec(CallbackSpec):
    """A callback that watches one metric at the end of each epoch."""

    monitor: Annotated[Text, Field(min_length=1, description="The metric to watch, as it is named in the logs.")] = (
        "val_loss"
    )
    mode: Annotated[
        Mode, Field(description="Whether lower (min) or higher (max) is better; auto = the metric's own direction.")
    ] = "auto"

    def monitored(self) -> Iterator[tuple[str, str]]:
        """The watched metric."""
        yield "monitor", self.monitor
