"""New inputs for a trained model: what the model takes, and what a source read for it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from trainctl.aliases import Data
from trainctl.components.data_schema import DataSchema
from trainctl.errors import DataError


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


@dataclass(slots=True)
class Counts:
    """What is counted on the way.

    Args:
        samples: Predictions made.
        bad: Errors of the rows and files that could not be read, the first ones.
        left_out: How many these are.
        missing: Missing values, by input.
        unseen: Texts that training never had, by input.
    """

    samples: int = 0
    bad: list[DataError] = field(default_factory=list)
    left_out: int = 0
    missing: Counter[str] = field(default_factory=Counter)
    unseen: dict[str, Counter[str]] = field(default_factory=dict)
