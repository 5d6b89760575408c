"""NPY and large NPZ: arrays as stored; large inputs stay in their file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from trainctl.components.context import DataContext
from trainctl.errors import DataError
from trainctl.sources.files import mapped
from trainctl.sources.npy import NPY
from trainctl.sources.npz import NPZ

CONTEXT = DataContext(emit=print)
X, Y = np.arange(24, dtype=np.float32).reshape(6, 4), np.arange(6) % 2


def write(folder: Path, x: object = X, y: object = Y) -> NPY:
    np.save(folder / "x.npy", np.asarray(x))
    np.save(folder / "y.npy", np.asarray(y))
    return NPY(x=str(folder / "x.npy"), y=str(folder / "y.npy"))


def test_arrays_are_read(tmp_path: Path) -> None:
    data = write(tmp_path).load(CONTEXT)
    np.testing.assert_array_equal(data.train.x, X)
    assert data.train.y.tolist() == Y.tolist()
    assert data.train.in_memory


def test_large_inputs_stay_in_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mapped, "MAPPED_FROM", 1)
    np.savez(tmp_path / "t.npz", x=X, y=Y)
    np.savez_compressed(tmp_path / "c.npz", x=X, y=Y)
    for source in (write(tmp_path), NPZ(path=str(tmp_path / "t.npz"))):
        data = source.load(CONTEXT)
        assert isinstance(data.train.x, np.memmap)
        assert not data.train.in_memory
        some = data.train.take(np.array([4, 1]))
        np.testing.assert_array_equal(some.x[np.array([0, 1])], X[[4, 1]])
        assert some.y.tolist() == [0, 1]
    assert NPZ(path=str(tmp_path / "c.npz")).load(CONTEXT).train.in_memory  # compressed: cannot be mapped


def test_several_inputs_and_outputs_of_an_npz(tmp_path: Path) -> None:
    np.savez(tmp_path / "t.npz", image=X, meta=X[:, :1], digit=Y, age=Y + 0.5)
    source = NPZ.model_validate({"path": str(tmp_path / "t.npz"), "x": ["image", "meta"], "y": ["digit", "age"]})
    train = source.load(CONTEXT).train
    assert {name: value.shape for name, value in train.x.items()} == {"image": (6, 4), "meta": (6, 1)}
    assert {name: value.dtype for name, value in train.y.items()} == {"digit": np.int64, "age": np.float64}
    one = NPZ.model_validate({"path": str(tmp_path / "t.npz"), "x": ["image", "meta"], "y": "digit"}).load(CONTEXT)
    assert one.train.y.tolist() == Y.tolist()
    np.savez(tmp_path / "t.npz", image=X, meta=X[:2], digit=Y)
    with pytest.raises(DataError, match="'image' has 6, 'meta' has 2 and 'digit' has 6 samples"):
        NPZ.model_validate({"path": str(tmp_path / "t.npz"), "x": ["image", "meta"], "y": "digit"}).load(CONTEXT)


def test_mistakes(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"x\.npy has 6 samples and .*y\.npy 5"):
        write(tmp_path, y=Y[:5]).load(CONTEXT)
    with pytest.raises(DataError, match=r"x\.npy is pickled"):
        write(tmp_path, x=np.array([None], object)).load(CONTEXT)
    source = write(tmp_path)
    (tmp_path / "x.npy").write_text("no array")
    with pytest.raises(DataError, match=r"x\.npy is not an \.npy file"):
        source.load(CONTEXT)
