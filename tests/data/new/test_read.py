"""New inputs for a model: which files a path means, and arrays that fit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from PIL import Image

from trainctl.components.data_schema import DataSchema
from trainctl.components.new_inputs import NewInputs
from trainctl.components.spec import SOURCES, SourceSpec
from trainctl.data.new.read import FileKind, read_inputs
from trainctl.errors import DataError
from trainctl.sources.iris import Iris
from trainctl.sources.text_folder import TextFolder
from trainctl.sources.user import data_source

pytestmark = pytest.mark.tf


def model_of(*shapes: tuple[Any, ...], dtype: str = "float32") -> keras.Model:
    """A model that gives back what it takes."""
    inputs = [keras.Input(shape, dtype=dtype, name=f"in_{number}") for number, shape in enumerate(shapes)]
    return keras.Model(inputs, [keras.layers.Identity()(each) for each in inputs])


def read(path: Path, *shapes: tuple[Any, ...], dtype: str = "float32") -> NewInputs:
    return read_inputs(model_of(*shapes, dtype=dtype), path, Iris(), DataSchema())


def refused(path: Path, *shapes: tuple[Any, ...], dtype: str = "float32") -> str:
    with pytest.raises(DataError) as caught:
        read(path, *shapes, dtype=dtype)
    return f"{caught.value.message} | {caught.value.hint}"


@pytest.fixture
def array(tmp_path: Path) -> Any:
    def save(values: Any, dtype: Any = "float32", name: str = "x.npy") -> Path:
        np.save(tmp_path / name, np.array(values, dtype))
        return tmp_path / name

    return save


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    for name in ("b/1.png", "a/2.JPG", ".trash/3.png", "a/notes.txt"):
        path = tmp_path / "photos" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".txt":
            path.write_text("cats")
        else:
            Image.new("RGB", (5, 4)).save(path)
    return tmp_path / "photos"


@pytest.fixture
def own_source(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A data source of a user's, `Lines`, that reads new inputs with the given function."""
    SOURCES.names()
    monkeypatch.setattr(SOURCES, "_members", dict(SOURCES._members))

    def make(reader: Any) -> SourceSpec:
        @data_source(name="Lines", read_new=reader)
        def lines(scale: float = 1.0) -> Any:
            return np.zeros((2, 1)), [0, 1]

        spec = SOURCES.get("Lines")
        assert spec is not None
        return spec(scale=10.0)

    return make


class TestFiles:
    def test_a_folder_means_what_in_it_the_model_takes(self, photos: Path) -> None:
        found = read(photos, (4, 5, 3))
        assert found.files == (photos / "a/2.JPG", photos / "b/1.png")
        assert found.values.shape == (2, 4, 5, 3)
        assert read(photos, (), dtype="string").files == (photos / "a/notes.txt",)

    def test_a_folder_of_tables_is_not_searched_further(self, tmp_path: Path) -> None:
        (tmp_path / "runs").mkdir()
        for place in ("new.csv", "runs/training.csv"):
            (tmp_path / place).write_text("in_0,in_1\n1,2\n")
        assert read(tmp_path, (1,), (1,)).values["in_1"].tolist() == [[2]]

    def test_a_glob(self, photos: Path) -> None:
        assert read(photos / "*" / "*.png", (4, 5, 3)).files == (photos / "b/1.png",)

    def test_nothing_there(self, photos: Path) -> None:
        assert "no file matches" in refused(photos / "*.webp", (4, 5, 3))
        assert "does not exist" in refused(photos / "b" / "2.png", (4, 5, 3))
        assert "did you mean '1.png'?" in refused(photos / "b" / "1.pnk", (4, 5, 3))
        assert "does not exist" in refused(photos / "c" / "1.png", (4, 5, 3))
        assert "has no file ending in" in refused(photos / "b", (), dtype="string")

    def test_of_two_kinds(self, photos: Path) -> None:
        assert "are files of two kinds" in refused(photos / "a" / "*", (4, 5, 3))

    def test_of_another_kind_than_the_model_takes(self, photos: Path) -> None:
        assert "is an image, but the model takes text" in refused(photos / "b/1.png", (), dtype="string")
        assert "is an image, but the model takes arrays of shape (4,)" in refused(photos / "b/1.png", (4,))
        assert "is a text, but" in refused(photos / "a/notes.txt", (4, 5, 3))

    def test_of_an_unknown_kind(self, tmp_path: Path) -> None:
        (tmp_path / "x.heic").write_bytes(b"")
        assert "unknown kind of file" in refused(tmp_path / "x.heic", (4, 5, 3))


class TestSources:
    """A source reads files of its own kind itself; the others are read with the usual settings."""

    def test_the_source_of_training(self, tmp_path: Path) -> None:
        (tmp_path / "new.txt").write_bytes("schön".encode("latin-1"))
        model = model_of((), dtype="string")
        found = read_inputs(model, tmp_path / "new.txt", TextFolder(path="x", encoding="latin-1"), DataSchema())
        assert found.values.numpy().tolist() == ["schön".encode()]
        with pytest.raises(DataError, match="is not UTF-8 text"):
            read_inputs(model, tmp_path / "new.txt", Iris(), DataSchema())

    def test_every_kind_of_file_has_a_reader(self) -> None:
        readers = {ending for _, spec in SOURCES for ending in spec.reads if not spec.__module__.startswith("tests")}
        assert readers >= {ending for kind in FileKind for ending in kind.value}

    def test_a_source_of_the_users_own(self, tmp_path: Path, own_source: Any) -> None:
        def lines(files: list[str], scale: float) -> Any:
            return np.array([[float(Path(file).read_text()) * scale] for file in files])

        source = own_source(lines)
        for name in ("b.dat", "a.dat"):
            (tmp_path / name).write_text("3" if name == "b.dat" else "2")
        found = read_inputs(model_of((1,)), tmp_path, source, DataSchema())
        assert found.values.tolist() == [[20], [30]]
        assert [file.name for file in found.files] == ["a.dat", "b.dat"]
        assert read_inputs(model_of((1,)), tmp_path / "b.dat", source, DataSchema()).values.tolist() == [[30]]

    @pytest.mark.parametrize(
        ("reader", "told"),
        [
            (lambda files: 1 / 0, "read_new of Lines failed: ZeroDivisionError"),
            (lambda files: np.zeros((1, 3)), "its samples have shape (3,), but the model takes (1,)"),
            (lambda files: np.array(["a"]), "holds text, but the model takes numbers"),
            (lambda files: {"other": np.zeros((1, 1))}, "has other, but the model takes in_0"),
        ],
    )
    def test_a_source_of_the_users_own_that_fails(
        self, tmp_path: Path, own_source: Any, reader: Any, told: str
    ) -> None:
        (tmp_path / "a.dat").touch()
        with pytest.raises(DataError) as caught:
            read_inputs(model_of((1,)), tmp_path / "a.dat", own_source(reader), DataSchema())
        assert told in caught.value.message


class TestTables:
    """A source's own words, but for settings that predict does not have."""

    @pytest.mark.parametrize(
        ("content", "told"),
        [
            ("in_0,in_1\n", "has a header but no rows | add rows below it"),
            ("in_0,in_1\n1,2,3\n", "has 3 cells, the header has 2 | quote cells that contain a ','"),
            (b"in_0,in_1\n\xff,2\n", "is not UTF-8 text | save the file as UTF-8"),
        ],
    )
    def test_what_is_wrong_with_a_file(self, tmp_path: Path, content: str | bytes, told: str) -> None:
        file = tmp_path / "new.csv"
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        assert refused(file, (1,), (1,)).endswith(told)

    def test_no_parquet_file(self, tmp_path: Path) -> None:
        (tmp_path / "new.parquet").write_bytes(b"")
        assert refused(tmp_path / "new.parquet", (1,), (1,)).endswith("new.parquet is not a Parquet file | None")


class TestArrays:
    def test_as_they_stand(self, array: Any) -> None:
        assert read(array([[1, 2]]), (2,)).values.tolist() == [[1, 2]]
        assert read(array([1, 2]), (1,)).values.shape == (2,)  # Keras adds the axis

    def test_bytes_are_utf_8_text(self, array: Any) -> None:
        assert read(array(["schön".encode()], "S"), (), dtype="string").values.numpy().tolist() == ["schön".encode()]
        told = refused(array(["schön".encode("latin-1")], "S"), (), dtype="string")
        assert "x.npy: bytes that are not UTF-8 text" in told

    def test_of_another_shape(self, array: Any) -> None:
        assert "its samples have shape (3,), but the model takes (2,)" in refused(array([[1, 2, 3]]), (2,))

    def test_one_sample_without_its_axis(self, array: Any) -> None:
        assert "array[numpy.newaxis]" in refused(array([[1, 2, 3]] * 4), (4, 3))

    def test_none(self, array: Any) -> None:
        assert "nothing to predict" in refused(array(np.zeros((0, 2))), (2,))

    def test_whole_numbers_for_a_model_of_bytes(self, array: Any) -> None:
        values = read(array([[0, 255]], "float64"), (2,), dtype="uint8").values
        assert (values.dtype, values.tolist()) == (np.uint8, [[0, 255]])
        for cell in (0.5, -1, 256, np.nan):
            assert "takes whole numbers from 0 to 255" in refused(array([[0, cell]], "float64"), (2,), dtype="uint8")

    def test_text(self, array: Any) -> None:
        for dtype in ("U", "S"):
            values = read(array(["good", "bad"], dtype), (), dtype="string").values
            assert values.numpy().tolist() == [b"good", b"bad"]
        assert read(array(["good"], "U"), (1,), dtype="string").values.shape == (1, 1)

    def test_text_and_numbers_are_not_the_same(self, array: Any) -> None:
        assert "holds text, but the model takes numbers" in refused(array(["a"], "U"), (1,))
        assert "holds numbers, but the model takes text" in refused(array([1]), (), dtype="string")

    def test_objects_are_refused(self, array: Any, tmp_path: Path) -> None:
        assert "is pickled, not an array of numbers or text" in refused(array([{}], object), (1,))
        np.savez(tmp_path / "x.npz", x=np.array([{}], object))
        assert "it is pickled, not an array of numbers or text" in refused(tmp_path / "x.npz", (1,))

    def test_of_several_inputs(self, tmp_path: Path, array: Any) -> None:
        np.savez(tmp_path / "x.npz", in_0=np.zeros((1, 2)), in_1=np.ones((1, 3)), other=np.ones(1))
        assert read(tmp_path / "x.npz", (2,), (3,)).values["in_1"].tolist() == [[1, 1, 1]]
        assert "does not hold in_0 and in_1" in refused(array([[1]]), (2,), (3,))

    def test_which_is_meant(self, tmp_path: Path) -> None:
        np.savez(tmp_path / "x.npz", a=np.zeros((1, 2)), b=np.ones((1, 2)))
        assert "holds a and b; which array is the input?" in refused(tmp_path / "x.npz", (2,))
