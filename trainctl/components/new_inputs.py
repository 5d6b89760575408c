"""New inputs for a trained model: what the model takes, and what a source read for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from trainctl.aliases import Data
from trainctl.components.data_schema import DataSchema


@dataclass(frozen=True, slots=True)
class ModelInput:
    """An input of the model.

    Args:
        name: Its name.
        shape: Shape of one sample; `None` if any size will do.
        dtype: Such as `float32` or `string`.
    """

    name: str
    shape: tuple[int | None, ...]
    dtype: str


@dataclass(frozen=True, slots=True)
class NewFiles:
    """Files of new inputs, all of one kind.

    Args:
        files: The files, sorted.
        inputs: What the model takes.
        schema: What training learned of its data.
    """

    files: tuple[Path, ...]
    inputs: tuple[ModelInput, ...]
    schema: DataSchema = field(default_factory=DataSchema)


@dataclass(frozen=True, slots=True)
class NewInputs:
    """New inputs.

    Args:
        values: An array (n, …), `Rows` that are read on demand, or a mapping of the inputs' names to such.
        files: The file of each sample, where each has one of its own.
    """

    values: Data
    files: tuple[Path, ...] = ()
