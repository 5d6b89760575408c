"""Numbers in a file without a name, read by index as of an array."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from trainctl.sources.reading.scratch import NumbersOnDisk, in_order, pieces


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> NumbersOnDisk:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr("trainctl.sources.reading.scratch._AT_ONCE", 4)
    kept = NumbersOnDisk(2)
    for begin in (0, 6):
        kept.append(np.arange(begin, begin + 6, dtype=np.float32).reshape(3, 2))
    return kept


def test_they_are_read_as_an_array_is(kept: NumbersOnDisk, tmp_path: Path) -> None:
    array = np.arange(12, dtype=np.float32).reshape(6, 2)
    for key in (np.s_[1:3], np.s_[:, 1], np.array([[5, 0], [2, 2]]), (np.array([[4], [1]]), np.array([1, 0]))):
        np.testing.assert_array_equal(kept[key], array[key])
    assert len(kept) == 6
    assert not list(tmp_path.iterdir())  # there is no name to be left behind


def test_another_order_is_on_disk_too(kept: NumbersOnDisk) -> None:
    order = np.array([5, 3, 1, 0, 2, 4])
    ordered = in_order(kept, order)
    assert isinstance(ordered, NumbersOnDisk)
    np.testing.assert_array_equal(np.concatenate([*pieces(ordered)]), kept[order])
