"""Columns to split by time."""

from __future__ import annotations

import numpy as np
import pytest

from trainctl.data.times import times
from trainctl.errors import DataError

pytestmark = pytest.mark.tf  # the package trainctl.backend imports Keras


@pytest.mark.parametrize(
    "texts",
    [
        ["2023-11", "2024-01", "2024-02"],
        ["2023-12-31 23:00", "2024-01-01T09:00+02:00", "2024-01-01T08:00Z"],
        ["2023-W52-7", "2024-01-01", "20240102"],
    ],
)
def test_dates_that_are_text_come_in_the_order_of_time(texts: list[str]) -> None:
    assert np.argsort(times(np.array(texts, object), "when")).tolist() == [0, 1, 2]


def test_numbers_stay_as_they_are() -> None:
    assert times(np.array([2.0, 1.5]), "when").tolist() == [2.0, 1.5]


@pytest.mark.parametrize("text", ["12/30/2023", "3rd of May", "31.12.2023"])
def test_text_that_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(
        DataError, match=rf"column 'when' \(split_by_time\) has the value '{text}'; expected a date or a number"
    ):
        times(np.array(["2024-01-01", text], object), "when")


@pytest.mark.parametrize("column", [np.array([1, np.nan, np.nan]), np.array(["2024-01-01", "", ""], object)])
def test_each_row_has_a_time(column: np.ndarray) -> None:
    with pytest.raises(DataError, match="2 samples without a value in column 'when'"):
        times(column, "when")
