"""New rows in blocks: what cannot be read is found and left out, the rest is the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from trainctl.components.data_schema import DataSchema
from trainctl.components.dataset import ColumnKind
from trainctl.components.new_inputs import ModelInput, NewFiles
from trainctl.errors import DataError
from trainctl.sources.csv import CSV
from trainctl.sources.table.new_blocks import NewBlock, new_blocks, tables_of

SCHEMA = DataSchema({"age": ColumnKind.NUMERIC, "town": ColumnKind.CATEGORICAL})
INPUTS = (ModelInput("age", (1,), "float64"), ModelInput("town", (1,), "string"))


def blocks(folder: Path, rows: str, bad: list[DataError], kept: list[str] | None = None) -> list[NewBlock]:
    file = folder / "new.csv"
    file.write_text("id,age,town\n" + rows)
    spec, new = CSV(path=str(file), label="label"), NewFiles((file,), INPUTS, SCHEMA)
    header = spec.common_header((file,))
    return list(new_blocks(tables_of(spec, (file,), header, bad.append), header, new, kept, bad.append))


def test_rows_that_cannot_be_read_are_found(tmp_path: Path) -> None:
    bad: list[DataError] = []
    found = blocks(tmp_path, "a,1,Bonn\nb,x,Oslo\nc,,Rome\nd,y,\ne,5,\n", bad)
    assert [cell for block in found for cell in block.columns["id"].to_pylist()] == ["a", "c", "e"]
    ages = [float(age) for block in found for age in block.values["age"].ravel()]
    assert (ages[0], ages[2]) == (1, 5)
    assert [error.message.rpartition("/")[2].split(": ")[0] for error in bad] == ["new.csv:3", "new.csv:5"]


def test_only_some_columns_are_carried_along(tmp_path: Path) -> None:
    (block,) = blocks(tmp_path, "a,1,Bonn\n", [], ["town"])
    assert list(block.columns) == ["town"]
    new = NewFiles((tmp_path / "new.csv",), INPUTS, SCHEMA)
    with pytest.raises(DataError, match="has no column 'town'"):
        list(new_blocks(iter(()), ("age",), new, None, [].append))
