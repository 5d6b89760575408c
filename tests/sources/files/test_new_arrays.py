"""New inputs in .npy and .npz files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from trainctl.components.new_inputs import ModelInput, NewFiles
from trainctl.errors import DataError
from trainctl.sources.files.new_arrays import read_arrays

ONE = (ModelInput("x", (2,), "float32"),)
TWO = (ModelInput("left", (1,), "float32"), ModelInput("right", (1,), "float32"))


def test_the_only_array_of_a_file(tmp_path: Path) -> None:
    array = np.ones((3, 2))
    np.save(tmp_path / "a.npy", array)
    np.savez(tmp_path / "x.npz", x=array, other=np.zeros(1))
    np.savez(tmp_path / "one.npz", whatever=array)
    for name in ("a.npy", "x.npz", "one.npz"):
        assert read_arrays(NewFiles((tmp_path / name,), ONE)).values.tolist() == array.tolist()


def test_an_array_for_each_input(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", right=np.ones(2), left=np.zeros(2))
    found = read_arrays(NewFiles((tmp_path / "a.npz",), TWO)).values
    assert {name: array.tolist() for name, array in found.items()} == {"left": [0, 0], "right": [1, 1]}


@pytest.mark.parametrize(
    ("arrays", "inputs", "match"),
    [
        ({"a": 1, "b": 2}, ONE, "which array is the input"),
        ({}, ONE, "no array"),
        ({"left": 1}, TWO, "left and right"),
    ],
)
def test_a_file_that_does_not_hold_them(
    tmp_path: Path, arrays: dict[str, int], inputs: tuple[ModelInput, ...], match: str
) -> None:
    np.savez(tmp_path / "a.npz", **arrays)
    with pytest.raises(DataError, match=match):
        read_arrays(NewFiles((tmp_path / "a.npz",), inputs))


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut short", b"text"])
def test_a_damaged_file(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.npz").write_bytes(content)
    with pytest.raises(DataError, match=r"a\.npz"):
        read_arrays(NewFiles((tmp_path / "a.npz",), ONE))


def test_a_pickled_file_and_several_files(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", x=np.array([{}], object))
    with pytest.raises(DataError, match="pickled"):
        read_arrays(NewFiles((tmp_path / "a.npz",), ONE))
    with pytest.raises(DataError, match="2 files"):
        read_arrays(NewFiles((tmp_path / "a.npz", tmp_path / "b.npz"), ONE))
