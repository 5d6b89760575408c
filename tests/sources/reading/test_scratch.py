"""Numbers in a file without a name, read in runs of rows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from trainctl.sources.reading.scratch import NumbersOnDisk, in_order, pieces, taken


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
    begins, after = np.array([3, 0, 1]), np.array([2, 0])
    for columns in (slice(1), slice(2), [1, 0]):
        found = taken(kept, begins, after, columns)
        np.testing.assert_array_equal(found, array[begins[:, None] + after][..., columns])
        np.testing.assert_array_equal(found, taken(array, begins, after, columns))
    np.testing.assert_array_equal(kept[2:9], array[2:9])
    assert len(kept) == 6
    assert not list(tmp_path.iterdir())  # there is no name to be left behind


def test_another_order_is_on_disk_too(kept: NumbersOnDisk) -> None:
    order = np.array([5, 3, 1, 0, 2, 4])
    ordered = in_order(kept, order)
    assert isinstance(ordered, NumbersOnDisk)
    np.testing.assert_array_equal(np.concatenate([*pieces(ordered)]), kept[:][order])
