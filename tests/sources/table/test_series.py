"""Where the rows of a series follow each other, and where they do not."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from trainctl.components.context import DataContext
from trainctl.events import Event, Notice
from trainctl.sources.table.series import Channel, read_series
from trainctl.sources.table.table import Whole


class Table(SimpleNamespace):
    """Columns as a source reads them."""

    name = "t.csv"

    def __len__(self) -> int:
        return len(self.columns["a"])

    def place(self, row: int) -> str:
        return f"t.csv:{row + 2}"


def table(**columns: Any) -> Any:
    return Whole(Table(columns={name: pa.array(cells) for name, cells in columns.items()}))


def test_rows_are_series_after_series_in_the_order_of_time() -> None:
    series = read_series(
        table(a=[1.0, 2.0, 3.0, 4.0], t=[3, 1, 2, 0], g=["q", "p", "q", "p"]), [Channel("a")], ["t"], None, "g"
    )
    assert series.names == ["p", "q"]
    assert series.numbers[:, 0].tolist() == [4, 2, 3, 1]
    assert series.place(0) == "t.csv:5"


@pytest.mark.parametrize(("gaps", "lengths"), [(None, [4, 3]), ("break", [4, 3]), ("span", [7])])
def test_gaps_break_stretches(gaps: str | None, lengths: list[int]) -> None:
    told: list[Event] = []
    series = read_series(table(a=[0.0] * 7, t=[0, 1, 2, 3, 9, 10, 11]), [Channel("a")], ["t"], None, None)
    stretches = series.stretches(gaps, 2, 1, DataContext(told.append))
    assert stretches.lengths.tolist() == lengths
    (notice,) = [event.message for event in told if isinstance(event, Notice)]
    assert notice.startswith("t.csv:6: a gap in column 't' before this row (1 gap in all)")


def test_missing_values_and_other_series_break_them_too() -> None:
    series = read_series(table(a=[0, 1, None, 3, 4, 5], g=["p"] * 4 + ["q"] * 2), [Channel("a")], [], None, "g")
    stretches = series.stretches(None, 2, 1, None)
    assert (stretches.firsts.tolist(), stretches.lengths.tolist()) == ([0, 3, 4], [2, 1, 2])
    assert np.isnan(series.numbers[2, 0])
