"""What run.json keeps of the data can be read again, from every version."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import pytest

from trainctl.components.data_schema import DATA_SCHEMA_VERSION, DataSchema, InputSchema
from trainctl.components.dataset import ColumnKind
from trainctl.errors import RunDirError

TABLE = DataSchema({"age": ColumnKind.NUMERIC, "town": ColumnKind.CATEGORICAL}, {}, ("no", "yes"), 2)
IMAGES = DataSchema({}, {"x": InputSchema("uint8", (28, 28, 1), 0.0, 255.0)}, (), 10)


NAMED = DataSchema({"Age": ColumnKind.NUMERIC}, input_names={"age": "Age"})


@pytest.mark.parametrize("schema", [TABLE, IMAGES, NAMED, DataSchema()])
def test_it_comes_back_as_it_was(schema: DataSchema) -> None:
    assert DataSchema.from_record(json.loads(json.dumps({"schema": asdict(schema)}))) == schema


def test_runs_recorded_before_there_was_one() -> None:
    columns = {"age": {"kind": "numeric", "missing": 3, "min": 1.0}, "town": {"kind": "categorical", "distinct": 9}}
    record = {"class_names": ["no", "yes"], "num_classes": 2, "details": {"columns": columns}}
    assert DataSchema.from_record(record) == TABLE
    inputs = {"x": {"dtype": "uint8", "shape": [28, 28, 1], "min": 0.0, "max": 255.0}}
    assert DataSchema.from_record({"num_classes": 10, "details": {"inputs": inputs}}) == IMAGES
    assert DataSchema.from_record({}) == DataSchema()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"version": DATA_SCHEMA_VERSION + 1}, "recorded by a newer trainctl"),
        ({"columns": {"age": "color"}}, "does not describe the data"),
        ({"columns": None}, "does not describe the data"),
        ({"inputs": {"x": {"size": 3}}}, "does not describe the data"),
    ],
)
def test_what_cannot_be_read(change: dict[str, Any], told: str) -> None:
    with pytest.raises(RunDirError, match=told) as caught:
        DataSchema.from_record({"schema": asdict(TABLE) | change})
    assert caught.value.hint
