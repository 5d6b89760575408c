"""What the callbacks that keep a run in a tracking service share."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from trainctl.components.fields import Boolean, Text
from trainctl.components.spec import CallbackSpec

Name = Annotated[Text, Field(min_length=1)]


class TrackerSpec(CallbackSpec):
    """A callback that tells a tracking service the settings, each epoch's metrics, and how the run ended."""

    sends: ClassVar[tuple[str, ...]] = ("tags", "name")

    name: Annotated[Name | None, Field(description="The run's name in the service; by default the run id.")] = None
    log_model: Annotated[
        Boolean, Field(description="Whether to upload the trained model when the run has succeeded.")
    ] = False

    @property
    def hooks(self) -> tuple[str, ...]:
        """The hooks at which it tells the service something; the end comes after Keras's."""
        return ("on_train_begin", "on_epoch_end")
