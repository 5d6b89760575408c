"""Raw rows that stay with their samples through a split."""

from __future__ import annotations

import numpy as np

from trainctl.components.dataset import Samples
from trainctl.data.rows import columns_of, numbers_of, row_of, with_rows


def test_a_row_stays_with_its_sample() -> None:
    columns = {"age": np.array([31.0, 45.0, 2.0]), "town": np.array(["Bonn", "Oslo", ""], object)}
    part = with_rows(Samples(columns, np.zeros(3))).take(np.array([2, 0])).with_x(np.zeros((2, 4)))
    assert numbers_of(part).tolist() == [2, 0]
    assert row_of(part, 1) == {"age": 31.0, "town": "Bonn"}


def test_images_have_numbers_alone() -> None:
    part = with_rows(Samples(np.zeros((3, 2, 2, 1)), np.zeros(3)))
    assert (numbers_of(part).tolist(), columns_of(part), row_of(part, 0)) == ([0, 1, 2], {}, {})
    assert numbers_of(Samples(np.zeros((2, 1)), np.zeros(2))).tolist() == [0, 1]
