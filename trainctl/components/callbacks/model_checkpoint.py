"""ModelCheckpoint."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, ClassVar, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from trainctl.components.callbacks.shared.checkpoint import CheckpointSpec
from trainctl.components.context import CallbackContext
from trainctl.components.fields import Boolean, Integer, OutputFile
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
    placeholders: ClassVar[tuple[str, ...]] = ("epoch",)
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
        wanted = ".weights.h5" if self.save_weights_only else ".keras"
        wrong = not self.filepath.endswith(wanted)
        if wrong:
            stem = self.filepath.removesuffix(".h5").removesuffix(".weights").rsplit(".", 1)
            base = (
                stem[0] if len(stem) == 2 and stem[1] in {"keras", "ckpt", "tf", "hdf5", "weights"} else ".".join(stem)
            )
            what = (
                "weights must be saved as .weights.h5" if self.save_weights_only else "a model must be saved as .keras"
            )
            raise PydanticCustomError(
                "file-suffix",
                "{what}, got '{filepath}'",
                {
                    "what": what,
                    "filepath": self.filepath,
                    "hint": f"write: filepath: {base}{wanted}",
                    "field": "filepath",
                },
            )
        return self

    def defeated_by(self, later: CallbackSpec) -> str | None:
        """It saves the weights that are in the model when it is called."""
        return f"it saves before {later.name_in_yaml} puts the averages in place" if later.needs_ema else None

    def outputs(self) -> Iterator[tuple[str, str]]:
        """The checkpoint file."""
        yield "filepath", self.filepath

    def build(self, context: CallbackContext) -> keras.callbacks.Callback:
        """Keras's ModelCheckpoint, writing atomically into the run directory."""
        from trainctl.components.callbacks.model_checkpoint_keras import AtomicModelCheckpoint  # imports Keras

        return AtomicModelCheckpoint(context, **self.model_dump())
