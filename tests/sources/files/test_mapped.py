"""Large arrays stay in their files; small, compressed and pickled ones do not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from trainctl.errors import DataError
from trainctl.sources.files import mapped
from trainctl.sources.files.mapped import mapped_member, read_npy


@pytest.fixture
def _everything_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mapped, "MAPPED_FROM", 1)


@pytest.mark.usefixtures("_everything_is_large")
@pytest.mark.parametrize("order", ["C", "F"])
def test_a_large_array_is_mapped(tmp_path: Path, order: str) -> None:
    array = np.arange(24, dtype=np.int16).reshape(2, 3, 4).copy(order)  # type: ignore[call-overload]
    np.save(tmp_path / "a.npy", array)
    np.savez(tmp_path / "a.npz", first=np.zeros(7), x=array)
    for found in (read_npy(tmp_path / "a.npy", mapped=True), mapped_member(tmp_path / "a.npz", "x")):
        assert isinstance(found, np.memmap)
        assert found.tolist() == array.tolist()


@pytest.mark.usefixtures("_everything_is_large")
def test_what_is_compressed_or_of_objects_is_not(tmp_path: Path) -> None:
    np.savez_compressed(tmp_path / "c.npz", x=np.zeros(9))
    np.savez(tmp_path / "o.npz", x=np.array([None, []], object))
    assert mapped_member(tmp_path / "c.npz", "x") is None
    assert mapped_member(tmp_path / "o.npz", "x") is None


def test_a_small_array_is_read(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.arange(3))
    np.savez(tmp_path / "a.npz", x=np.arange(3))
    assert not isinstance(read_npy(tmp_path / "a.npy", mapped=True), np.memmap)
    assert mapped_member(tmp_path / "a.npz", "x") is None


@pytest.mark.parametrize("content", [b"", b"not an array", b"\x93NUMPY\x01\x00"])
def test_what_is_no_array_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.npy").write_bytes(content)
    with pytest.raises(DataError, match=r"a\.npy"):
        read_npy(tmp_path / "a.npy", mapped=False)


def test_a_pickled_array_is_refused_as_such(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.array([{}], object), allow_pickle=True)
    with pytest.raises(DataError, match="pickled"):
        read_npy(tmp_path / "a.npy", mapped=False)
