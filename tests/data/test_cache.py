"""Samples in files are decoded once where they fit in memory, and that is told with its reason."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from trainctl.components.dataset import Changed, Chosen, Rows, Samples
from trainctl.config.experiment import DataSection
from trainctl.data import cache
from trainctl.data.split import Splits

pytestmark = pytest.mark.tf


class Files(Rows):
    """Stands for files; remembers which were read."""

    is_decoded = True

    def __init__(self) -> None:
        super().__init__((6, 2), "uint8")
        self.read: list[int] = []

    def __getitem__(self, indices: Any) -> Any:
        self.read += indices.tolist()
        return np.stack([indices, indices * 2], axis=1).astype(np.uint8)


def kept(rows: Rows, setting: str | None = None) -> tuple[Any, Any]:
    split = Samples({"left": rows, "right": np.zeros(6)}, np.arange(6)).take(np.array([5, 3, 1, 0]))
    splits, decision = cache.remembered(Splits(split, None, None), DataSection.model_construct(cache=setting))
    return splits.train.x["left"], decision


def test_each_is_read_once_whatever_the_order() -> None:
    files = Files()
    rows, decision = kept(files)
    for indices in ([0, 2], [2, 3, 0], [1, 3]):
        expected = Files()[np.array([5, 3, 1, 0])[indices]]
        np.testing.assert_array_equal(rows[np.array(indices)], expected)
    assert sorted(files.read) == [0, 1, 3, 5]
    assert (decision.value, rows.dtype, rows.shape) == ("memory", np.uint8, (4, 2))
    assert decision.reason == "each file is decoded once; the samples take 8 B"


def test_what_is_decoded_is_kept_as_it_is_and_changed_each_time() -> None:
    """So labels of eight bytes take no more memory than the masks that they are made of."""
    files = Files()
    rows, decision = kept(Changed(files, lambda batch: batch.astype("int64") + 1, (2,), "int64"))
    for _ in range(2):
        np.testing.assert_array_equal(rows[np.array([0, 2])], np.array([[6, 11], [2, 3]]))
    assert sorted(files.read) == [1, 5]
    assert rows.dtype == np.int64
    assert decision.reason == "each file is decoded once; the samples take 8 B"


@pytest.mark.parametrize(("setting", "free", "told"), [("none", 99, None), (None, 31, "none")])
def test_what_is_not_wanted_or_does_not_fit_is_read_each_time(
    monkeypatch: pytest.MonkeyPatch, setting: str | None, free: int, told: str | None
) -> None:
    monkeypatch.setattr(cache, "free_memory", lambda: free)
    rows, decision = kept(Files(), setting)
    assert isinstance(rows, Chosen)
    assert (decision and decision.value) == told


def test_the_free_memory_is_known() -> None:
    assert 2**20 < cache.free_memory() < 2**50
