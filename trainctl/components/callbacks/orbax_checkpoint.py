"""OrbaxCheckpoint."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from trainctl.components.callbacks.shared.checkpoint import CheckpointSpec
from trainctl.components.extras import Extra
from trainctl.components.fields import Boolean, Integer, OutputFile
from trainctl.components.spec import callback


@callback("OrbaxCheckpoint")
class OrbaxCheckpoint(CheckpointSpec):
    """Save the model with its optimizer's state in Orbax's format, beside training and atomically.

    The folder holds one checkpoint for each step that is kept: the epoch (from 0), or the number of batches where
    `save_freq` counts them. `keras.saving.load_model(folder)` loads the newest.

    Source: keras.callbacks.OrbaxCheckpoint, Keras 3.15; needs `pip install "trainctl[orbax]"`.
    """

    extra: ClassVar[Extra] = Extra("orbax", "orbax.checkpoint")
    state_attributes: ClassVar[tuple[str, ...]] = (
        "best",
        "_batches_seen_since_last_saving",
        "_last_batch_seen",
        "_total_batches_seen",
    )
    closes_files: ClassVar[bool] = True

    verbose: Annotated[Literal[0, 1], Field(description="No effect: Keras has no messages for it.")] = 0
    directory: Annotated[
        OutputFile,
        Field(description="The folder of the checkpoints, relative to the run directory.", examples=["checkpoints"]),
    ]
    max_to_keep: Annotated[
        Annotated[Integer, Field(ge=1)] | None,
        Field(description="Number of newest checkpoints to keep; null = all."),
    ] = 1
    save_on_background: Annotated[
        Boolean, Field(description="Whether to continue training while a checkpoint is written.")
    ] = True
    save_weights_only: Annotated[
        Boolean, Field(description="Whether to save only the weights, without the optimizer's state.")
    ] = False

    def notes(self) -> Iterator[tuple[str, str]]:
        """Keras reads no `verbose` here."""
        if self.verbose:
            yield "verbose", "Keras has no messages for it"

    def outputs(self) -> Iterator[tuple[str, str]]:
        """Yield the folder of the checkpoints."""
        yield "directory", self.directory
