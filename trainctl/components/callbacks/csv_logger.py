"""CSVLogger."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, ClassVar

from pydantic import Field

from trainctl.components.fields import Boolean, OutputFile, Text
from trainctl.components.spec import CallbackSpec, callback


@callback("CSVLogger")
class CSVLogger(CallbackSpec):
    """Write the metrics of each epoch as a line of a CSV file.

    Source: keras.callbacks.CSVLogger, Keras 3.15. Missing folders are made; columns are in alphabetical order.
    """

    closes_files: ClassVar[bool] = True
    appends: ClassVar[bool] = True
    only_watches: ClassVar[bool] = True
    keras_logs: ClassVar[bool] = True
    state_attributes: ClassVar[tuple[str, ...]] = ("keys",)

    filename: Annotated[OutputFile, Field(description="The file, relative to the run directory.")]
    separator: Annotated[Text, Field(min_length=1, max_length=1, description="The separator between two columns.")] = (
        ","
    )
    append: Annotated[Boolean, Field(description="Whether to append to an existing file instead of replacing it.")] = (
        False
    )

    @property
    def shares(self) -> bool:
        """Only where it goes on in a file that may have been there."""
        return self.append

    def defeated_by(self, later: CallbackSpec) -> str | None:
        """A learning rate that a callback adds to the logs comes too late for it."""
        name = later.name_in_yaml
        return f"it writes the logs before {name} adds learning_rate" if later.controls_learning_rate else None

    def outputs(self) -> Iterator[tuple[str, str]]:
        """The CSV file."""
        yield "filename", self.filename
