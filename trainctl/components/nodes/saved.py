"""Saved: a trained model as a layer."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator

from trainctl.components.fields import Boolean, InputPath, Text
from trainctl.components.spec import NodeSpec, node
from trainctl.runs.layout import MODEL

_Path = Annotated[str, Field(strict=True, min_length=1)]


@node("Saved")
class Saved(NodeSpec):
    """A trained model as a layer, with its weights: from a `.keras` file, or from another run.

    Whole it goes on training, also what was frozen before; with `freeze: true` beside it and `until:` before its old head
    it is a backbone. Keras loads it in safe mode: a file that holds Python code is refused.
    """

    path: Annotated[
        _Path | None, InputPath(), Field(description="A .keras file, or a run directory with a model.keras.")
    ] = None
    run: Annotated[
        Text | None,
        Field(description="A run instead of a path: its id, its name (the newest run), or `latest`."),
    ] = None
    until: Annotated[Text | None, Field(description="The name of the last layer to keep.")] = None
    trainable: Annotated[
        Boolean, Field(description="Whether to train its weights; false = as freeze: true, in every stage.")
    ] = True

    @property
    def file(self) -> Path | None:
        """The .keras file that `path` means; `None` if a run is named, or the path is still to come."""
        if not isinstance(self.path, str):
            return None
        path = Path(self.path)
        return path / MODEL if path.is_dir() else path

    @model_validator(mode="after")
    def _names_one_model(self) -> Self:
        if (self.path is None) == (self.run is None):
            raise ValueError("Saved needs exactly one of path and run")
        return self
