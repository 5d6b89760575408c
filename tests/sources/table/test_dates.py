"""Dates of which only the person knows whether the day or the month stands first."""

from __future__ import annotations

import pyarrow as pa
import pytest

from trainctl.sources.table.dates import in_order, order_of


@pytest.mark.parametrize(
    ("cell", "day_first", "month_first"),
    [
        ("05/06/2020", "2020-06-05", "2020-05-06"),
        ("5.6.69 7:08", "1969-06-05 07:08:00", "1969-05-06 07:08:00"),
        ("1-2-20 12:30:05.25 AM", "2020-02-01 00:30:05.25", "2020-01-02 00:30:05.25"),
        ("31/01/2020", "2020-01-31", "31/01/2020"),
        ("5-Jun-20", "2020-06-05", "2020-06-05"),
        ("5-Foo-20", "5-Foo-20", "5-Foo-20"),
        ("red", "red", "red"),
    ],
)
def test_dates_in_order(cell: str, day_first: str, month_first: str) -> None:
    column = pa.array([cell, None])
    assert in_order(column, "day_first").to_pylist() == [day_first, None]
    assert in_order(pa.chunked_array([column]), "month_first").to_pylist() == [month_first, None]


@pytest.mark.parametrize(
    ("cells", "order"),
    [
        (["01/02/2020", "31/01/2020"], "day_first"),
        (["01/31/20"], "month_first"),
        (["01/02/2020", None], None),
        (["31/01/2020", "01/31/2020"], ""),
    ],
)
def test_what_dates_tell_of_their_order(cells: list[str | None], order: str | None) -> None:
    assert order_of(pa.array(cells)) == order
