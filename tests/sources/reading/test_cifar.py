"""Archives of photographs: what they hold is read without unpacking them, and what they lack is named."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from published import CONTEXT, archive, photographs, publish

from trainctl.errors import DataError
from trainctl.sources import cifar100
from trainctl.sources.reading import cifar


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    (tmp_path / "datasets").mkdir()
    return tmp_path / "datasets"


def test_members_come_in_the_order_asked_for(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(monkeypatch, cifar100, cache, archive({"a": {b"x": 1}, "b": {b"x": 2}, "c": {b"x": 3}}))
    assert cifar.read_members(cifar100.FILE, ("c", "a"), CONTEXT) == [{b"x": 3}, {b"x": 1}]


def test_an_incomplete_archive_is_told(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(monkeypatch, cifar100, cache, archive({"cifar-100-python/train": {}}))
    with pytest.raises(DataError, match="holds no cifar-100-python/test"):
        cifar100.CIFAR100().load(CONTEXT)


def test_colors_are_the_last_axis() -> None:
    found = cifar.photographs([photographs([1, 0]), photographs([2])], b"labels")
    assert (found.x.shape, found.x.dtype, found.y.tolist()) == ((3, 32, 32, 3), np.uint8, [1, 0, 2])
    assert found.x[0, 0, 1].tolist() == [1, (1024 + 1) % 256, (2048 + 1) % 256]


def test_names_are_text() -> None:
    assert cifar.names({b"label_names": [b"cat", b"dog"]}, b"label_names") == ("cat", "dog")
