"""TensorBoard."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field, field_validator

from trainctl.aliases import Value
from trainctl.components.callbacks.shared.monitor import Count
from trainctl.components.context import CallbackContext
from trainctl.components.fields import ArgumentError, Boolean, InputPath, Integer, OutputFile, Text
from trainctl.components.spec import CallbackSpec, callback

if TYPE_CHECKING:
    from trainctl.backend import keras

Batch = Annotated[Integer, Field(ge=0)]


@callback("TensorBoard")
class TensorBoard(CallbackSpec):
    """Write scalars, histograms, the graph and profiles for TensorBoard.

    Look at them with `tensorboard --logdir runs/`. Embeddings are copied into the log folder with their labels, so that the
    run directory can be moved.

    Source: keras.callbacks.TensorBoard, Keras 3.15; the default folder is `tensorboard` in the run directory rather than
    `logs`.
    """

    closes_files: ClassVar[bool] = True
    appends: ClassVar[bool] = True
    only_watches: ClassVar[bool] = True
    only_adds: ClassVar[bool] = True
    removed: ClassVar[Mapping[str, str]] = {
        "write_grads": "TensorFlow 2 does not write gradients; use histogram_freq for histograms of the weights",
        "batch_size": "all use data.batch_size; remove this argument",
        "embeddings_layer_names": "all embeddings are written; name the layers as keys of embeddings_metadata",
        "embeddings_data": "embeddings are the layers' weights; remove this argument",
    }

    log_dir: Annotated[OutputFile, Field(description="The folder, relative to the run directory.")] = "tensorboard"
    histogram_freq: Annotated[Count, Field(description="Epochs between two histograms of the weights; 0 = none.")] = 0
    write_graph: Annotated[Boolean, Field(description="Whether to write the model's graph.")] = True
    write_images: Annotated[
        Boolean, Field(description="Whether to write the weights as images, with the histograms.")
    ] = False
    write_steps_per_second: Annotated[Boolean, Field(description="Whether to write the training speed.")] = False
    update_freq: Annotated[
        Literal["epoch", "batch"] | Annotated[Integer, Field(ge=1)],
        Field(description="When to write scalars: after each epoch, each batch, or that many batches."),
    ] = "epoch"
    profile_batch: Annotated[
        Batch | tuple[Batch, Batch] | Annotated[Text, Field(pattern=r"^\d+,\d+$")],
        Field(description="Batch, or first and last batch, to profile; 0 = none."),
    ] = 0
    embeddings_freq: Annotated[Count, Field(description="Epochs between two copies of the embeddings; 0 = none.")] = 0
    embeddings_metadata: Annotated[
        Text | dict[str, Text] | None,
        InputPath(),
        Field(
            description="File with a label for each row of the embeddings, or one for each embedding layer's name; "
            "relative to the config. A file with several tab-separated columns starts with a line of their names."
        ),
    ] = None

    @field_validator("profile_batch")
    @classmethod
    def _in_order(cls, value: Value) -> Value:
        batches = [int(each) for each in value.split(",")] if isinstance(value, str) else value
        if not isinstance(batches, int) and batches[1] < batches[0]:
            first, last = batches
            hint = f"write: profile_batch: [{last}, {first}]"
            message = f"profile_batch ends before it begins: first batch {first}, last batch {last}"
            raise ArgumentError("wrong-value", message, hint=hint)
        return value

    @property
    def reads_batches(self) -> bool:
        """Only where it writes or profiles within the epoch."""
        return self.update_freq != "epoch" or self.profile_batch != 0 or self.write_steps_per_second

    def inputs(self) -> Iterator[tuple[str, str]]:
        """The files of labels."""
        files = self.embeddings_metadata
        if isinstance(files, str):
            yield "embeddings_metadata", files
        elif files:
            yield from ((f"embeddings_metadata.{layer}", file) for layer, file in files.items())

    def outputs(self) -> Iterator[tuple[str, str]]:
        """The log folder."""
        yield "log_dir", self.log_dir

    def build(self, context: CallbackContext) -> keras.callbacks.Callback:
        """Keras's TensorBoard, writing into the run directory."""
        from trainctl.components.callbacks.tensor_board_keras import ProjectingTensorBoard  # imports Keras

        profile = self.profile_batch
        arguments = self.model_dump() | {
            "log_dir": str(context.output(self.log_dir)),
            "profile_batch": list(profile) if isinstance(profile, tuple) else profile,
        }
        return ProjectingTensorBoard(**arguments)
