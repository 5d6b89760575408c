"""What a run learned of its data, as run.json keeps it: enough to read new inputs as the training data was read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from trainctl.aliases import Value
from trainctl.components.dataset import ColumnKind
from trainctl.errors import RunDirError

DATA_SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class InputSchema:
    """An input that is not a table.

    Args:
        dtype: NumPy's name of the type, such as `uint8`, or `text`.
        shape: Shape of one sample.
        lowest: The lowest number in the training split; `None` if it was not looked for.
        highest: The highest number.
    """

    dtype: str
    shape: tuple[int, ...] = ()
    lowest: float | None = None
    highest: float | None = None


@dataclass(frozen=True, slots=True)
class DataSchema:
    """The training data, as far as new inputs depend on it.

    Args:
        columns: Of a table, each feature column and what it holds.
        inputs: Of other data, each input; `x` where there is only one.
        class_names: The text of each class index, where it is known.
        num_classes: How many classes there are; `None` for numbers and for several outputs.
        input_names: For each of the model's inputs that is called otherwise, the column or array that it takes.
        learned: What else the source must know to read new inputs as in training, such as a sampling rate.
        version: The version of this schema.
    """

    columns: Mapping[str, ColumnKind] = field(default_factory=dict)
    inputs: Mapping[str, InputSchema] = field(default_factory=dict)
    class_names: tuple[str, ...] = ()
    num_classes: int | None = None
    input_names: Mapping[str, str] = field(default_factory=dict)
    learned: Mapping[str, float] = field(default_factory=dict)
    version: int = DATA_SCHEMA_VERSION

    @classmethod
    def from_record(cls, data: Mapping[str, Value]) -> Self:
        """Read the schema from `data` of run.json, also of runs that were recorded before there was one.

        Raises:
            RunDirError: It is damaged, or of a newer trainctl.
        """
        try:
            schema = data.get("schema") or _from_details(data)
            if schema["version"] > DATA_SCHEMA_VERSION:
                raise RunDirError(
                    f"the run was recorded by a newer trainctl (data schema {schema['version']}, known keys: "
                    f"{DATA_SCHEMA_VERSION})",
                    hint="update trainctl",
                )
            return cls(
                {name: ColumnKind(kind) for name, kind in schema["columns"].items()},
                {
                    name: InputSchema(**{**facts, "shape": tuple(facts["shape"])})
                    for name, facts in schema["inputs"].items()
                },
                tuple(schema["class_names"]),
                schema["num_classes"],
                dict(schema.get("input_names") or {}),
                dict(schema.get("learned") or {}),
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise RunDirError(
                f"run.json does not describe the data: {type(error).__name__}: {error}",
                hint="the file is damaged",
            ) from error


def _from_details(data: Mapping[str, Value]) -> Mapping[str, Value]:
    """Return the schema that the facts for people imply."""
    details = data.get("details") or {}
    return {
        "version": DATA_SCHEMA_VERSION,
        "columns": {name: facts["kind"] for name, facts in (details.get("columns") or {}).items()},
        "inputs": {
            name: {
                "dtype": facts.get("dtype", ""),
                "shape": facts.get("shape", []),
                "lowest": facts.get("min"),
                "highest": facts.get("max"),
            }
            for name, facts in (details.get("inputs") or {}).items()
        },
        "class_names": data.get("class_names") or (),
        "num_classes": data.get("num_classes"),
    }
