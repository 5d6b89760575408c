"""ModelCheckpoint."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from trainctl.components.base import callback
from trainctl.components.context import CallbackContext
from trainctl.components.fields import Boolean, Integer, Number, OutputFile
from trainctl.components.monitor import MonitorSpec, Verbose


@callback("ModelCheckpoint")
class ModelCheckpoint(MonitorSpec):
    """Save the model, or its weights, each epoch or whenever a metric is better than ever.

    The file is written under another name and renamed, so that a kill at any instant leaves the old one or the new one.

    Source: keras.callbacks.ModelCheckpoint, Keras 3.15.
    """

    placeholders: ClassVar[tuple[str, ...]] = ("epoch",)
    removed: ClassVar[Mapping[str, str]] = {"options": "Keras 3 saves without options; remove it"}

    filepath: Annotated[
        OutputFile,
        Field(description="The file, relative to the run directory: .keras, or .weights.h5 for weights; may hold {epoch} "
                          "and metrics, such as cp-{epoch:04d}-{val_loss:.2f}.keras."),
    ]  # fmt: skip
    verbose: Verbose = 0
    save_best_only: Annotated[Boolean, Field(description="Whether only a model better than all before is saved.")] = (
        False
    )
    save_weights_only: Annotated[Boolean, Field(description="Whether only the weights are saved.")] = False
    save_freq: Annotated[
        Literal["epoch"] | Annotated[Integer, Field(ge=1)],
        Field(description="When to save: epoch = after each epoch, a number = every so many batches."),
    ] = "epoch"
    period: Annotated[
        Integer, Field(ge=1, description="Epochs between two saves, where save_freq is epoch; as in Keras before 2.4.")
    ] = 1
    initial_value_threshold: Annotated[
        Number | None, Field(description="The metric has to be better than this before anything is saved.")
    ] = None

    @model_validator(mode="after")
    def _suffix(self) -> Self:
        wanted = ".weights.h5" if self.save_weights_only else ".keras"
        wrong = not self.filepath.endswith(wanted)
        if wrong:
            stem = self.filepath.removesuffix(".h5").removesuffix(".weights").rsplit(".", 1)
            base = (
                stem[0] if len(stem) == 2 and stem[1] in {"keras", "ckpt", "tf", "hdf5", "weights"} else ".".join(stem)
            )
            what = "weights are saved as .weights.h5" if self.save_weights_only else "a model is saved as .keras"
            raise PydanticCustomError(
                "file-suffix", "{what}, received '{filepath}'",
                {"what": what, "filepath": self.filepath, "hint": f"write: filepath: {base}{wanted}", "field": "filepath"},
            )  # fmt: skip
        return self

    @property
    def reads_batches(self) -> bool:
        """Only where it saves within the epoch."""
        return self.save_freq != "epoch"

    def monitored(self) -> Iterator[tuple[str, str]]:
        """The metric, which matters only where the best model is kept."""
        return super().monitored() if self.save_best_only else iter(())

    def outputs(self) -> Iterator[tuple[str, str]]:
        """The checkpoint file."""
        yield "filepath", self.filepath

    def build(self, context: CallbackContext) -> Any:
        """Keras's ModelCheckpoint, writing atomically into the run directory."""
        from trainctl.components.keras.model_checkpoint import AtomicModelCheckpoint

        return AtomicModelCheckpoint(context, **self.model_dump())
