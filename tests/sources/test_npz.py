"""NPZ files, good and bad."""

from __future__ import annotations

from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pytest
from deciding import decided

from trainctl.components.context import DataContext
from trainctl.components.dataset import Dataset
from trainctl.errors import DataError
from trainctl.events import Event, Notice
from trainctl.sources.files import mapped
from trainctl.sources.npz import NPZ

SHARED = Path(__file__).parents[3] / "shared" / "data"
X = np.arange(12, dtype=np.uint8).reshape(4, 3)


def load(path: Path, **arguments: str) -> Dataset:
    return NPZ(path=str(path), **arguments).load(DataContext(emit=print))


def saved(path: Path, **arrays: object) -> Path:
    np.savez(path / "data.npz", **arrays)
    return path / "data.npz"


@pytest.mark.parametrize(
    ("y", "kind", "expected", "names"),
    [
        (np.array([2, 0, 1, 0], np.uint8), np.int64, [2, 0, 1, 0], ()),
        (np.array([[2], [0], [1], [0]]), np.int64, [2, 0, 1, 0], ()),
        (np.array(["b", "a", "c", "a"]), np.int64, [1, 0, 2, 0], ("a", "b", "c")),
        (np.array([b"b", b"a", b"c", b"a"]), np.int64, [1, 0, 2, 0], ("a", "b", "c")),
        (np.array([True, False, True, True]), np.int64, [1, 0, 1, 1], ("False", "True")),
        (np.array([0.5, 1, 2, 3]), np.float32, [0.5, 1, 2, 3], ()),
        (np.array([-1, 1, -1, 1]), np.float32, [-1, 1, -1, 1], ()),
        (np.array([[1, 0], [0, 1], [1, 0], [1, 0]]), np.float32, [[1, 0], [0, 1], [1, 0], [1, 0]], ()),
    ],
)
def test_labels(tmp_path: Path, y: np.ndarray, kind: type, expected: list[float], names: tuple[str, ...]) -> None:
    data = decided(load(saved(tmp_path, x=X, y=y)))
    assert data.train.y.tolist() == expected
    assert data.train.y.dtype == kind
    assert data.class_names == names
    assert data.test is None
    np.testing.assert_array_equal(data.train.x, X)
    assert data.train.x.dtype == np.uint8


def test_a_test_part_is_found_and_shares_the_classes(tmp_path: Path) -> None:
    data = decided(
        load(
            saved(tmp_path, x_train=X, y_train=["b", "a", "b", "a"], x_test=X[:2], y_test=["c", "a"], x=X[:1], y=["z"])
        )
    )
    assert data.class_names == ("a", "b", "c")
    assert data.train.y.tolist() == [1, 0, 1, 0]
    assert data.test is not None
    assert data.test.y.tolist() == [2, 0]


@pytest.mark.parametrize("ending", ["val", "valid", "validation"])
@pytest.mark.parametrize("own", ["_train", ""])
def test_arrays_to_validate_on_are_the_validation_split(tmp_path: Path, ending: str, own: str) -> None:
    path = saved(
        tmp_path,
        **{f"x{own}": X, f"y{own}": ["b", "a", "b", "a"], f"x_{ending}": X[:2], f"y_{ending}": ["c", "a"]},
        x_test=X[:1],
        y_test=["b"],
    )
    data = decided(load(path))
    assert data.class_names == ("a", "b", "c")
    assert data.validation is not None
    assert data.test is not None
    assert (data.validation.y.tolist(), data.test.y.tolist()) == ([2, 0], [1])
    assert NPZ(path=str(path)).brings_validation
    assert not NPZ(path=str(path), x=f"x_{ending}", y=f"y_{ending}").brings_validation


def test_arrays_that_are_not_used_are_named(tmp_path: Path) -> None:
    events: list[Event] = []
    NPZ(path=str(saved(tmp_path, x=X, y=[1, 0, 1, 0], x_val=X, ids=[1]))).load(DataContext(events.append))
    assert [event.message for event in events if isinstance(event, Notice)] == [
        f"{tmp_path / 'data.npz'}: 'x_val' and 'ids' are not used"
    ]


@pytest.mark.parametrize("arguments", [{}, {"x": ("x",)}])
def test_large_inputs_stay_in_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: dict[str, tuple[str, ...]]
) -> None:
    monkeypatch.setattr(mapped, "MAPPED_FROM", 1)
    data = NPZ(path=str(saved(tmp_path, x=X, y=[1, 0, 1, 0])), **arguments).load(DataContext(print))
    x = data.train.x["x"] if arguments else data.train.x
    assert isinstance(x, np.memmap)
    np.testing.assert_array_equal(x, X)


def test_named_arrays(tmp_path: Path) -> None:
    data = load(saved(tmp_path, images=X, digits=[1, 2, 3, 4], x=X[:1], y=[0]), x="images", y="digits")
    assert data.train.y.tolist() == [1, 2, 3, 4]


def test_an_array_may_be_named_as_its_member_of_the_archive(tmp_path: Path) -> None:
    data = load(saved(tmp_path, x=X, y=[1, 2, 3, 4]), x="x.npy", y="y.npy")
    np.testing.assert_array_equal(data.train.x, X)
    assert data.train.y.tolist() == [1, 2, 3, 4]


def test_a_member_that_is_no_array(tmp_path: Path) -> None:
    path = saved(tmp_path, x=X, y=[1, 2, 3, 4])
    with ZipFile(path, "a") as archive:
        archive.writestr("readme", "hello")
    with pytest.raises(DataError, match="'readme' is not an array"):
        load(path, y="readme")


def test_a_missing_array_lists_what_there_is(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"data\.npz has no array 'label'; it has 'images' and 'labels'") as caught:
        load(saved(tmp_path, images=X, labels=[1, 2, 3, 4]), x="images", y="label")
    assert caught.value.hint == "did you mean y: labels?"


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"x": X, "y": [1, 2]}, "'x' has 4 and 'y' has 2 samples"),
        ({"x": X[:0], "y": np.array([])}, "'x' is empty, its shape is (0, 3)"),
        ({"x": np.float32(1), "y": [1]}, "'x' is empty, its shape is ()"),
        ({"x": X, "y": np.array([1, "a", None, 2], object)}, "'y' is pickled, not an array of numbers or text"),
        ({"x": X, "y": np.array([0.5, 1, np.nan, np.nan])}, "data.npz: y[2] is nan (2 in all)"),
        ({"x": X, "y": np.array([[0.5, 1], [1, np.inf]] * 2)}, "data.npz: y[1, 1] is inf"),
        (
            {"x": X.astype("M8[s]"), "y": [0, 1, 0, 1]},
            "data.npz: 'x' holds datetime64[s], which a model cannot learn from",
        ),
        ({"x": X * 1j, "y": [0, 1, 0, 1]}, "data.npz: 'x' holds complex128, which a model cannot learn from"),
    ],
)
def test_arrays_that_cannot_be_used(tmp_path: Path, arrays: dict[str, object], message: str) -> None:
    with pytest.raises(DataError) as caught:
        load(saved(tmp_path, **arrays))
    assert message in str(caught.value)
    assert caught.value.hint


def test_files_that_are_not_npz(tmp_path: Path) -> None:
    (tmp_path / "text.npz").write_text("not a zip")
    np.save(tmp_path / "one.npy", X)
    for name in ("text.npz", "one.npy"):
        with pytest.raises(DataError, match=f"{name} is not an NPZ file"):
            load(tmp_path / name)


def test_a_damaged_file(tmp_path: Path) -> None:
    path = tmp_path / "data.npz"
    np.savez_compressed(path, x=np.random.default_rng(0).random(10_000), y=np.arange(10_000))
    content = bytearray(path.read_bytes())
    content[200:400] = bytes(200)
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"data\.npz is damaged"):
        load(path)


def test_a_missing_file_names_the_nearest(tmp_path: Path) -> None:
    saved(tmp_path, x=X, y=[1, 2, 3, 4])
    with pytest.raises(DataError, match=r"dataa\.npz does not exist") as caught:
        load(tmp_path / "dataa.npz")
    assert caught.value.hint == "did you mean 'data.npz'?"
    with pytest.raises(DataError, match=r"no/data\.npz does not exist") as caught:
        load(tmp_path / "no" / "data.npz")
    assert f"the directory '{tmp_path / 'no'}' does not exist either" in (caught.value.hint or "")
    with pytest.raises(DataError, match="is a folder"):
        load(tmp_path)


@pytest.mark.skipif(not SHARED.is_dir(), reason="../shared/data is not here")
def test_a_real_file() -> None:
    data = load(SHARED / "mnist10k.npz")
    assert data.train.x.shape == (8000, 28, 28)
    assert data.test is not None
    assert len(data.test) == 2000
    assert data.train.y.dtype.kind in "iu"


def test_inputs_that_are_no_number_are_told_loudly(tmp_path: Path) -> None:
    x = X.astype(float)
    x[1, 2] = np.nan
    events: list[Event] = []
    for arguments in ({}, {"x": ["x"]}):
        path = saved(tmp_path, x=x, y=[0, 1, 0, 1])
        NPZ.model_validate({"path": str(path), **arguments}).load(DataContext(emit=events.append))
    told = [event.message for event in events if isinstance(event, Notice) and event.loud]
    assert [message.partition("data.npz: ")[2][:26] for message in told] == ["x[1, 2] is nan (1 in all):"] * 2
