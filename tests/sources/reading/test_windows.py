"""Windows are cut out of rows when they are wanted."""

from __future__ import annotations

import numpy as np

from trainctl.sources.reading.windows import Windows


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
