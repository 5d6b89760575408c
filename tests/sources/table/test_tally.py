"""Counting over the different cells comes to what counting over all of them does."""

from __future__ import annotations

import pyarrow as pa
import pytest

from trainctl.sources.table.tally import Tally, as_objects

FEW = pa.chunked_array([["a b", None, "1"] * 700, ["1", "2"]])
MANY = pa.array([f"text {number}" for number in range(2000)] + [None])


@pytest.mark.parametrize(("column", "tallied"), [(FEW, True), (MANY, False)])
def test_it_counts_cells_words_and_different_ones(column: pa.Array, tallied: bool) -> None:
    tally = Tally.of(column)
    cells = [cell for cell in column.to_pylist() if cell is not None]
    assert (tally.times is not None) is tallied
    assert tally.count(r"\d$") == sum(cell[-1].isdigit() for cell in cells)
    assert tally.count_words() == sum(len(cell.split()) for cell in cells)
    assert tally.count_distinct() == len(set(cells))


@pytest.mark.parametrize("column", [FEW, MANY, FEW.combine_chunks(), pa.array([], pa.string()), pa.array([None, "a"])])
def test_texts_are_objects_and_missing_ones_empty(column: pa.Array) -> None:
    found = as_objects(column)
    assert found.dtype == object
    assert found.tolist() == [cell or "" for cell in column.to_pylist()]
