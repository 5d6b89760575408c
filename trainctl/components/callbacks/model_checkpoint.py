"""ModelCheckpoint."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, ClassVar, Self

from pydantic import Field, model_validator

from trainctl.components.callbacks.shared.checkpoint import CheckpointSpec
from trainctl.components.callbacks.shared.model_files import quoted, wrong_suffix
from trainctl.components.context import CallbackContext
from trainctl.components.fields import ArgumentError, Boolean, Integer, OutputFile
from trainctl.components.spec import CallbackSpec, callback

if TYPE_CHECKING:
    from trainctl.backend import keras


@callback("ModelCheckpoint")
class ModelCheckpoint(CheckpointSpec):
    """Save the model, or its weights, each epoch or whenever a metric is better than ever.

    The file is written under another name and renamed, so that a kill at any instant leaves the old one or the new one.

    Source: keras.callbacks.ModelCheckpoint, Keras 3.15.
    """

    state_attributes: ClassVar[tuple[str, ...]] = (
        "best",
        "_batches_seen_since_last_saving",
        "_last_batch_seen",
        "_current_epoch",
    )
    removed: ClassVar[Mapping[str, str]] = {"options": "Keras 3 saves without options; remove this argument"}

    filepath: Annotated[
        OutputFile,
        Field(
            description="The file, relative to the run directory: .keras, or .weights.h5 for weights; may contain {epoch} "
            "and metrics, such as cp-{epoch:04d}-{val_loss:.2f}.keras."
        ),
    ]
    save_weights_only: Annotated[Boolean, Field(description="Whether to save only the weights.")] = False
    period: Annotated[
        Integer, Field(ge=1, description="Epochs between two saves if save_freq is epoch, as in Keras before 2.4.")
    ] = 1

    @model_validator(mode="after")
    def _suffix(self) -> Self:
        wrong = wrong_suffix(self.filepath, weights=self.save_weights_only)
        if wrong is not None:
            hint = f"write: filepath: {quoted(wrong[1])}"
            raise ArgumentError("file-suffix", wrong[0], field="filepath", hint=hint)
        return self

    def defeated_by(self, later: CallbackSpec) -> str | None:
        """It saves the weights that are in the model when it is called."""
        return (
            f"it saves the weights before {later.name_in_yaml} replaces them by their averages"
            if later.needs_ema
            else None
        )

    @property
    def saves_every_epochs(self) -> int:
        """The period."""
        return self.period

    def counters(self, field: str) -> tuple[str, ...]:
        """The epoch, and the batch where it saves within the epoch."""
        del field
        return ("epoch",) if self.save_freq == "epoch" else ("epoch", "batch")

    def outputs(self) -> Iterator[tuple[str, str]]:
        """The checkpoint file."""
        yield "filepath", self.filepath

    def build(self, context: CallbackContext) -> keras.callbacks.Callback:
        """Keras's ModelCheckpoint, writing atomically into the run directory."""
        from trainctl.components.callbacks.model_checkpoint_keras import AtomicModelCheckpoint  # imports Keras

        return AtomicModelCheckpoint(context, **self.model_dump())
