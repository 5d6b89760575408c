"""Amounts as people write them."""

from __future__ import annotations

import pyarrow as pa
import pytest

from trainctl.components.dataset import ColumnKind
from trainctl.sources.table.amounts import form_of, plain_cells

NUMERIC, DATE = ColumnKind.NUMERIC, ColumnKind.DATE


@pytest.mark.parametrize(
    ("cells", "kind", "plain"),
    [
        (["5.2%", "-3 %", None], NUMERIC, ["5.2", "-3", None]),
        (["$1,000", "-$5.50", "$ 7", "($2,000.25)"], NUMERIC, ["1000", "-5.50", "7", "-2000.25"]),
        (["10 €", "1,250€"], NUMERIC, ["10", "1250"]),
        (["USD 7", "USD 1,250"], NUMERIC, ["7", "1250"]),
        (["12:30:00", "00:05", "23:59:59.5"], NUMERIC, ["45000", "300", "86399.5"]),
        (["12:05 AM", "12:30 pm", "1:00:01 p.m."], NUMERIC, ["300", "45000", "46801"]),
        (["32:00:00", "1:00:30.5"], NUMERIC, ["115200", "3630.5"]),
        (["1h 20m", "45m", "2 days", "PT1M30S", "1 day 00:00:01"], NUMERIC, ["4800", "2700", "172800", "90", "86401"]),
        (["05-Jan-2020", "5 January 2020", "Feb 29, 2020", "Sept. 3rd, 2021"], DATE, None),
    ],
)
def test_a_column_of_one_form(cells: list[str | None], kind: ColumnKind, plain: list[str | None] | None) -> None:
    column = pa.array(cells, pa.string())
    form = form_of(column)
    assert form is not None
    assert form.kind is kind
    found = plain_cells(column, kind).to_pylist()
    assert found == (plain or ["2020-01-05", "2020-01-05", "2020-02-29", "2021-09-03"])
    assert plain_cells(pa.chunked_array([column, column]), kind).to_pylist() == 2 * found


@pytest.mark.parametrize(
    "cells",
    [
        ["5%", "low"],
        ["$1,00"],
        ["($5"],
        ["25:00"],
        ["30-Feb-2020"],
        ["5 Foo 2020"],
        ["10 mg"],
        ["$5", "€5"],
        ["5 m", "10 m"],
        ["13:00 PM"],
        ["20200131"],
        ["7"],
        ["-7", "7.5"],
        ["1,234", "5"],
        ["(5)", "1,234"],
        ["-", "5"],
        [None],
    ],
)
def test_a_column_of_no_form(cells: list[str | None]) -> None:
    assert form_of(pa.array(cells, pa.string())) is None


@pytest.mark.parametrize("cells", [["5%", "7", "low", None], ["5%", "0.05"], ["$5", "€5"], ["5 m", "7"]])
def test_cells_stay_as_they_are_where_they_are_not_of_one_form(cells: list[str | None]) -> None:
    column = pa.array(cells)
    assert plain_cells(column, NUMERIC).to_pylist() == cells
    assert plain_cells(column, ColumnKind.CATEGORICAL) is column
    assert plain_cells(pa.array(["20200131", "2020-02-01"]), DATE).to_pylist() == ["2020-01-31", "2020-02-01"]


def test_negative_numbers_as_accountants_and_typesetters_write_them() -> None:
    column = pa.array(["(1,234.5)", "5-", "\u22127", "-1", "2", None])
    form = form_of(column)
    assert form is not None
    assert (form.kind, form.words) == (NUMERIC, "numbers, (5) and 5- as -5")
    assert plain_cells(column, NUMERIC).to_pylist() == ["-1234.5", "-5", "-7", "-1", "2", None]


def test_dates_with_dots_begin_with_the_day_and_with_the_year_first_are_clear() -> None:
    column = pa.array(["31.01.2026", "1.2.2026 9:30", "2026/02/03", "2026.02.03 23:59:59", None])
    form = form_of(column)
    assert form is not None
    assert form.kind is DATE
    assert plain_cells(column, DATE).to_pylist() == [
        "2026-01-31",
        "2026-02-01 09:30",
        "2026-02-03",
        "2026-02-03 23:59:59",
        None,
    ]
    assert form_of(pa.array(["32.01.2026"])) is None
    assert form_of(pa.array(["31/01/2026"])) is None  # which of the two is the day?
    assert form_of(pa.array(["1.234.567", "2.345.678"])) is None
