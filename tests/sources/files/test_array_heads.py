"""The heads of arrays: what NumPy writes is read as NumPy reads it, and no bytes end in anything but words."""

from __future__ import annotations

import io
import random
from pathlib import Path

import numpy as np
import pytest

from trainctl.errors import DataError
from trainctl.sources.files.array_heads import ArrayHead, head_of, heads_of, npy_head

ARRAYS = [
    np.zeros((3, 4), np.float32),
    np.zeros((0, 2), np.int64),
    np.float64(1),
    np.array(["ab", "c"]),
    np.array([b"abc"]),
    np.array(["2026-01-01"], "datetime64[D]"),
    np.asfortranarray(np.zeros((2, 5), ">i2")),
    np.ones((2, 1), bool),
]


@pytest.mark.parametrize("array", ARRAYS, ids=lambda array: f"{array.dtype}-{array.shape}")
def test_what_numpy_writes(array: np.ndarray) -> None:
    content = io.BytesIO()
    np.save(content, array)
    content.seek(0)
    assert head_of(content) == ArrayHead(array.shape, array.dtype.itemsize, is_pickled=False)


@pytest.mark.parametrize("dtype", [object, [("a", "f4"), ("b", object)]])
def test_objects_are_pickled(tmp_path: Path, dtype: object) -> None:
    np.save(tmp_path / "a.npy", np.zeros(2, dtype), allow_pickle=True)
    with pytest.raises(DataError, match="pickled") as error:
        npy_head(tmp_path / "a.npy", "x")
    assert error.value.field == "x"


def test_each_array_of_an_archive(tmp_path: Path) -> None:
    np.savez_compressed(tmp_path / "a.npz", x=np.zeros((2, 3)), y=np.zeros(2))
    heads = heads_of(tmp_path / "a.npz", "save it again")
    assert {name: head and head.shape for name, head in heads.items()} == {"x": (2, 3), "y": (2,)}


def test_damaged_heads_are_no_heads() -> None:
    content, draw = io.BytesIO(), random.Random(0)
    np.save(content, ARRAYS[0])
    for _ in range(300):
        damaged = bytearray(content.getvalue())
        for _ in range(draw.randint(1, 6)):
            damaged[draw.randrange(8, 120)] = draw.randrange(256)
        found = head_of(io.BytesIO(bytes(damaged[: draw.randint(0, 200)])))
        assert found is None or isinstance(found, ArrayHead)
