"""Wandb."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from trainctl.components.callbacks.shared.monitor import Names
from trainctl.components.callbacks.shared.tracker import Name, TrackerSpec
from trainctl.components.context import CallbackContext
from trainctl.components.extras import Extra
from trainctl.components.fields import Integer
from trainctl.components.spec import callback

if TYPE_CHECKING:
    from trainctl.backend import keras


@callback("Wandb")
class Wandb(TrackerSpec):
    """Keep the run in Weights & Biases: settings, metrics each epoch, the experiment's files, and the model.

    `mode: offline` needs no network and no account; `wandb sync` uploads the folder `wandb` of the run directory later.
    A resumed run goes on under the same id: online in the same W&B run, offline in a further folder (`wandb sync --append`).
    Online, log in first (`wandb login`, or WANDB_API_KEY); W&B uploads beside training, which never waits for it.

    Source: trainctl; needs `pip install "trainctl[wandb]"`.
    """

    extra: ClassVar[Extra] = Extra("wandb", "wandb")

    project: Annotated[Name | None, Field(description="The W&B project; by default the name of the experiment.")] = None
    entity: Annotated[Name | None, Field(description="The user or team that owns the project.")] = None
    mode: Annotated[
        Literal["online", "offline", "disabled"],
        Field(description="Upload at once, keep in the run directory, or do nothing."),
    ] = "online"
    tags: Annotated[Names, Field(description="Tags of the run.")] = ()
    timeout: Annotated[
        Integer,
        Field(
            ge=1,
            description="Seconds to wait for W&B at the start, and for uploads at the end; files that are not "
            "uploaded by then stay in the run directory for wandb sync.",
        ),
    ] = 60

    def build(self, context: CallbackContext) -> keras.callbacks.Callback:
        """The tracker, or a callback that does nothing where it is disabled or nothing may be left behind."""
        import keras

        if context.run_id is None or self.mode == "disabled":
            return keras.callbacks.Callback()
        from trainctl.components.callbacks.wandb_keras import WandbTracker  # imports Keras

        return WandbTracker(context, **self.model_dump())
