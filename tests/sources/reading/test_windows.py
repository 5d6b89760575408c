"""Windows are cut out of rows when they are wanted."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from trainctl.sources.reading.windows import Following, Stretches, Windows

STRETCHES = Stretches(np.array([0, 10]), np.array([5, 2]))


def test_each_window_begins_at_its_row() -> None:
    series = np.arange(12, dtype=np.float32).reshape(6, 2)
    windows = Windows(series, np.array([0, 3, 1]), 3)
    assert windows.shape == (3, 3, 2)
    assert windows[np.array([1, 0])].tolist() == [[[6, 7], [8, 9], [10, 11]], [[0, 1], [2, 3], [4, 5]]]


def test_the_rows_are_not_copied() -> None:
    series = np.zeros((4, 1), np.float32)
    windows = Windows(series, np.array([1]), 2)
    series[2] = 5
    assert windows[np.array([0])].tolist() == [[[0], [5]]]


def test_every_nth_row_of_a_window() -> None:
    windows = Windows(np.arange(12, dtype=np.float32)[:, None], np.array([0, 4]), 3, rate=2)
    assert windows[np.array([1, 0])][:, :, 0].tolist() == [[4, 6, 8], [0, 2, 4]]


@pytest.mark.parametrize(
    ("after", "columns", "expected"),
    [([3], [1], 7), ([3, 4], [1], [7, 9]), ([3], [1, 0], [7, 6]), ([3, 4], [1, 0], [[7, 6], [9, 8]])],
)
def test_what_follows_has_no_axes_of_length_1(after: list[int], columns: list[int], expected: Any) -> None:
    following = Following(np.arange(12, dtype=np.float32).reshape(6, 2), np.array([1, 0]), after, columns)
    assert following[np.array([1])].tolist() == [expected]
    assert following.shape == following.whole().shape


@pytest.mark.parametrize(
    ("to_the_end", "begins", "owner"), [(False, [0, 2, 10], [0, 0, 1]), (True, [1, 3, 10], [0, 0, 1])]
)
def test_windows_begin_with_a_stretch_or_end_with_it(to_the_end: bool, begins: list[int], owner: list[int]) -> None:
    found = STRETCHES.begins(2, 2, to_the_end=to_the_end)
    assert (found[0].tolist(), found[1].tolist()) == (begins, owner)


def test_a_stretch_that_is_too_short_has_none() -> None:
    assert STRETCHES.count(3, 1).tolist() == [3, 0]
    assert STRETCHES.longest == 5
    assert Stretches(np.array([], int), np.array([], int)).longest == 0
