"""A tree of values and arrays comes back as it was; a damaged file says so; what was there before stays."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from trainctl.runs.state_file import StateError, read_state, write_state


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "state.npz"


def test_a_tree_comes_back(file: Path) -> None:
    tree = {
        "none": None,
        "yes": True,
        "int": 2**70,
        "float": 0.1,
        "inf": float("inf"),
        "text": "ä\n",
        "tuple": (1, "a"),
        "nested": {"list": [{"deep": np.arange(6, dtype=np.uint8).reshape(2, 3)}, []]},
        "scalar": np.float32(0.1),
        "empty": np.zeros((0, 3)),
        "complex": np.array([1j]),
    }
    write_state(file, tree)
    found = read_state(file)
    np.testing.assert_array_equal(found["nested"]["list"][0].pop("deep"), np.arange(6).reshape(2, 3))
    assert found["empty"].shape == (0, 3)
    assert found["complex"].tolist() == [1j]
    assert (found["scalar"], found["scalar"].dtype) == (np.float32(0.1), np.float32)
    assert found["tuple"] == [1, "a"]
    assert found["nested"] == {"list": [{}, []]}
    same = ("none", "yes", "int", "float", "inf", "text")
    assert {key: found[key] for key in same} == {key: tree[key] for key in same}


def test_small_floating_point_types_come_back(file: Path) -> None:
    bfloat16 = pytest.importorskip("ml_dtypes").bfloat16
    write_state(file, {"x": np.array([0.5, 3], bfloat16)})
    assert read_state(file)["x"].dtype == bfloat16
    assert read_state(file)["x"].tolist() == [0.5, 3]


@pytest.mark.parametrize(
    ("tree", "message"),
    [
        ({"a": {"b": {1, 2}}}, "a.b is set"),
        ({"a": [0, object()]}, "a.1 is object"),
        ({"a": {1: 2}}, "a has the key 1"),
        ({"a": np.array([{}])}, "a is an array of Python objects"),
        ({"$array": 1}, "has the key '\\$array'"),
    ],
)
def test_what_cannot_be_kept_is_named(file: Path, tree: dict[str, Any], message: str) -> None:
    with pytest.raises(StateError, match=message):
        write_state(file, tree)
    assert list(file.parent.iterdir()) == []


@pytest.mark.parametrize("keep", [0, 1, 100, -1, -30])
def test_a_cut_file_is_damaged(file: Path, keep: int) -> None:
    write_state(file, {"x": np.arange(1000)})
    file.write_bytes(file.read_bytes()[:keep])
    with pytest.raises(StateError, match="damaged"):
        read_state(file)


def test_a_changed_byte_in_an_array_is_noticed(file: Path) -> None:
    write_state(file, {"x": np.arange(1000)})
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    with pytest.raises(StateError, match="damaged"):
        read_state(file)


def test_no_flipped_bit_is_anything_but_damage(file: Path) -> None:
    """Some say to zipfile that the file is encrypted, or packed in a way that it does not know."""
    tree = {"x": [1, 2, 3], "y": np.arange(3)}
    write_state(file, tree)
    whole = file.read_bytes()
    for place in range(len(whole)):
        for bit in (0, 3, 6):
            content = bytearray(whole)
            content[place] ^= 1 << bit
            file.write_bytes(content)
            with suppress(StateError):
                found = read_state(file)
                assert (found["x"], found["y"].tolist()) == ([1, 2, 3], [0, 1, 2])


def test_pickles_are_not_read(file: Path) -> None:
    np.savez(file, tree=np.array([{}], object))
    with pytest.raises(StateError):
        read_state(file)


def test_a_failed_write_leaves_what_was_there(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_state(file, {"x": 1})

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_state(file, {"x": 2})
    assert read_state(file) == {"x": 1}
    assert [path.name for path in file.parent.iterdir()] == ["state.npz"]
