"""What a column holds, and its values: read from the cells alone."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from trainctl.components.dataset import ColumnKind
from trainctl.errors import DataError
from trainctl.sources.table.columns import count, is_text, is_untyped, kind_of, require, values

NUMERIC, CATEGORICAL, BOOLEAN, DATE, TEXT = (
    ColumnKind.NUMERIC,
    ColumnKind.CATEGORICAL,
    ColumnKind.BOOLEAN,
    ColumnKind.DATE,
    ColumnKind.TEXT,
)


def place(row: int) -> str:
    return f"a.csv:{row + 2}"


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (["1", "2.5", None, "-3e4"], NUMERIC),
        (["1", "2", "x", "3"], NUMERIC),
        (["true", "false", None], BOOLEAN),
        (["2026-01-31", "2025-12-01T10:00"], DATE),
        (["red", "blue", "red"], CATEGORICAL),
        (["one two three four", "five six seven eight", "nine ten eleven twelve"], TEXT),
        (["one two three four"] * 6, CATEGORICAL),
        ([None, None], NUMERIC),
    ],
)
def test_text_tells_what_it_is(cells: list[str | None], kind: ColumnKind) -> None:
    assert kind_of(pa.array(cells, pa.string()), "a") is kind


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        ([1, 2], NUMERIC),
        ([0.5], NUMERIC),
        ([True], BOOLEAN),
        ([date(2026, 1, 1)], DATE),
        ([datetime(2026, 1, 1, 12)], DATE),
        ([None], NUMERIC),
    ],
)
def test_a_type_tells_what_it_is(cells: list[Any], kind: ColumnKind) -> None:
    assert kind_of(pa.array(cells), "a") is kind


def test_a_list_cannot_be_learned_from() -> None:
    with pytest.raises(DataError, match="'a'"):
        kind_of(pa.array([[1], [2]]), "a")


@pytest.mark.parametrize(
    ("column", "kind", "expected"),
    [
        (pa.array(["red", None]), CATEGORICAL, ["red", ""]),
        (pa.array([1, None]), CATEGORICAL, ["1", ""]),
        (pa.array([1, None, 2.5]), NUMERIC, [1.0, np.nan, 2.5]),
        (pa.array([True, None, False]), BOOLEAN, [1.0, np.nan, 0.0]),
        (pa.array(["true", "FALSE", None]), BOOLEAN, [1.0, 0.0, np.nan]),
        (pa.array(["1970-01-02", None, "1970-01-01T12:00"]), DATE, [1.0, np.nan, 0.5]),
        (pa.array(["1970-01-01T02:00+02:00", "1970-01-02"]), DATE, [0.0, 1.0]),
        (pa.array([date(1970, 1, 11), date(9999, 12, 31)]), DATE, [10.0, 2_932_896.0]),
    ],
)
def test_values_are_numbers_or_words(column: Any, kind: ColumnKind, expected: list[Any]) -> None:
    found = values(column, "a", kind, place)
    if kind.is_words:
        assert found.tolist() == expected
    else:
        assert found.dtype == np.float64
        assert np.array_equal(found, np.array(expected), equal_nan=True)


@pytest.mark.parametrize("chunked", [False, True])
def test_in_one_piece_or_several(chunked: bool) -> None:
    column = pa.chunked_array([["1"], ["2", None]]) if chunked else pa.array(["1", "2", None])
    assert values(column, "a", CATEGORICAL, place).tolist() == ["1", "2", ""]


def test_a_day_that_is_none_is_named_with_its_row() -> None:
    with pytest.raises(DataError, match=r"a\.csv:3: column 'a': '2026-02-30'"):
        values(pa.array(["2026-01-01", "2026-02-30"]), "a", DATE, place)


def test_a_number_that_float32_cannot_hold_is_named_with_its_row() -> None:
    with pytest.raises(DataError, match=r"a\.csv:3"):
        values(pa.array([1.0, 1e300]), "a", NUMERIC, place)


def test_a_cell_of_another_kind_is_named_with_a_way_out() -> None:
    column = pa.array(["1", "two", "3"])
    with pytest.raises(DataError, match=r"a\.csv:3.*'two'") as error:
        require(column, "a", NUMERIC, place, "or remove the column")
    assert "or remove the column" in str(error.value.hint)
    require(column, "a", CATEGORICAL, place, "")
    require(pa.array([1.5]), "a", NUMERIC, place, "")


def test_cells_that_match_are_counted() -> None:
    assert count(pa.array(["a1", "b", None]), r"\d") == 1
    assert is_text(pa.array(["a"]))
    assert not is_text(pa.array([1]))
    assert is_untyped(pa.nulls(2))


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (["Y", "n", None], BOOLEAN),
        (["T", "F"], BOOLEAN),
        (["on", "OFF"], BOOLEAN),
        (["TRUE", "true"], BOOLEAN),
        (["F", "F"], CATEGORICAL),
        (["F", "M"], CATEGORICAL),
        (["n", "s", "y"], CATEGORICAL),
    ],
)
def test_booleans_in_any_spelling(cells: list[str | None], kind: ColumnKind) -> None:
    column = pa.array(cells)
    assert kind_of(column, "a") is kind
    if kind is BOOLEAN:
        assert values(pa.array(["yes", "N", "t", "off"]), "a", BOOLEAN, place).tolist() == [1, 0, 1, 0]
