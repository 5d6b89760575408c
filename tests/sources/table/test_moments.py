"""Times in the forms that people write, as days since 1970-01-01."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from trainctl.errors import DataError
from trainctl.sources.table.moments import TimeForm


def days(*cells: Any, time_format: str | None = None) -> list[float]:
    table: Any = SimpleNamespace(columns={"t": pa.array(cells)}, name="t.csv", place=lambda row: f"t.csv:{row + 2}")
    return TimeForm.of(table, ["t"], time_format).read(table).tolist()


def since_1970(text: str) -> float:
    return float(np.datetime64(text, "s").astype(float) / 86_400)


@pytest.mark.parametrize(
    ("cell", "meant"),
    [
        ("31.01.2026 12:30:00", "2026-01-31T12:30"),
        ("1/31/2026 9:05 PM", "2026-01-31T21:05"),
        ("1/31/2026 12:05 am", "2026-01-31T00:05"),
        ("31-01-69", "1969-01-31"),
        ("31-01-68", "2068-01-31"),
        ("2026/1/31 07:00", "2026-01-31T07:00"),
        ("20260131", "2026-01-31"),
        ("1949-01", "1949-01-01"),
        ("2026-01-31", "2026-01-31"),
        ("31-Jan-2026", "2026-01-31"),
        ("2026Q2", "2026-04-01"),
        ("2026-01-31 12:30:00 UTC", "2026-01-31T12:30"),
        ("01/02/2026 1:00 AM", "2026-01-02T01:00"),
    ],
)
def test_forms(cell: str, meant: str) -> None:
    assert days(cell, cell) == pytest.approx([since_1970(meant)] * 2)


def test_numbers_stay_numbers() -> None:
    assert days("2020", "2021.5") == [2020, 2021.5]
    assert days(3, 1) == [3, 1]


def test_what_is_in_order_tells_whether_the_day_stands_first() -> None:
    assert days("10/01/2026", "11/01/2026", "01/02/2026") == [
        since_1970(f"2026-{each}") for each in ("01-10", "01-11", "02-01")
    ]
    assert days("01/10/2026", "01/11/2026", "02/01/2026") == [
        since_1970(f"2026-{each}") for each in ("01-10", "01-11", "02-01")
    ]


def test_a_jump_of_a_month_tells_it_too() -> None:
    hours = [(day, hour) for day in (1, 2, 3) for hour in (0, 6, 12, 18, 23)]
    found = days(*(f"01/0{day}/2026 {hour}:00" for day, hour in hours))
    assert found == pytest.approx([since_1970(f"2026-01-0{day}") + hour / 24 for day, hour in hours])
    with pytest.raises(DataError, match="the day or the month may stand first"):
        days("01/01/2026", "01/02/2026", "01/03/2026")


def test_a_format_is_said() -> None:
    assert days("01|02|2026", time_format="%d|%m|%Y") == [since_1970("2026-02-01")]


def test_a_type_that_holds_no_times() -> None:
    with pytest.raises(DataError, match="holds boolean values, not times"):
        days(True, False)
