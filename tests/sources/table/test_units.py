"""Amounts of one column are in one unit, also where the rows of a table are read in parts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from trainctl.components.context import DataContext
from trainctl.components.data_schema import DataSchema
from trainctl.components.dataset import ColumnKind
from trainctl.components.new_inputs import ModelInput, NewFiles
from trainctl.errors import DataError
from trainctl.sources.csv import CSV
from trainctl.sources.table.new_blocks import new_blocks, tables_of
from trainctl.sources.table.units import unit_of
from trainctl.sources.timeseries import Timeseries

CONTEXT = DataContext(lambda _: None)


def files(folder: Path, *parts: list[str]) -> str:
    """Write a file for each part, which is read as a block, and return their folder."""
    for number, cells in enumerate(parts):
        rows = [f'"{cell}",{index % 2}' for index, cell in enumerate(cells)]
        (folder / f"{number}.csv").write_text("\n".join(["price,sold", *rows, ""]))
    return str(folder)


@pytest.mark.parametrize(
    ("cells", "unit"),
    [
        (["5", "-3"], "plain numbers"),
        (["(5)", "3"], "plain numbers"),
        (["5%", "3 %"], "percent"),
        (["$1,000", "-$3"], "amounts in $"),
        (["12:30", "13:00"], "times"),
        (["1h 20m", "26:00:00"], "times"),
        (["Bonn", "Oslo"], "plain numbers"),
    ],
)
def test_units(cells: list[str], unit: str) -> None:
    assert unit_of(pa.array([None, *cells])) == unit


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        (["$5", "$6"], ["€7", "€8"], "amounts in €, but amounts in \\$ in rows before"),
        (["5%", "6%"], ["0.07", "0.08"], "plain numbers, but percent in rows before"),
        (["0.07", "0.08"], ["5%", "6%"], "percent, but plain numbers in rows before"),
    ],
)
def test_a_later_block_in_another_unit_is_refused(
    tmp_path: Path, first: list[str], second: list[str], told: str
) -> None:
    path, expected = files(tmp_path, first, second), f"1.csv:2: column 'price' holds {told}"
    data = CSV(path=path, label="sold", stream=True).load(CONTEXT)
    with pytest.raises(DataError, match=expected):
        data.train.x["price"][np.arange(4)]
    with pytest.raises(DataError, match=expected):
        CSV(path=path, label="price", stream=True).load(CONTEXT)
    with pytest.raises(DataError, match=expected):
        Timeseries(path=path, target="price", features=("sold",), window=1, stream=True).load(CONTEXT)


def test_new_rows_in_another_unit_are_left_out(tmp_path: Path) -> None:
    path = files(tmp_path, ["5%", "oops", "6%", "0.07"])
    bad: list[DataError] = []
    spec, file = CSV(path=path, label="label"), Path(path) / "0.csv"
    header, inputs = spec.common_header((file,)), (ModelInput("price", (1,), "float64"),)
    new = NewFiles((file,), inputs, DataSchema({"price": ColumnKind.NUMERIC}))
    found = new_blocks(tables_of(spec, (file,), header, bad.append), header, new, None, bad.append)
    assert [price for block in found for price in block.values["price"].ravel()] == [5, 6]
    assert [error.message.rpartition("/")[2].split(": ")[0] for error in bad] == ["0.csv:3", "0.csv:5"]
