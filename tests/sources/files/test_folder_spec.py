"""Every source of files finds, examines and skips them in the same way."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
from pydantic import ValidationError

from trainctl.components.context import DataContext
from trainctl.components.data_schema import DataSchema
from trainctl.components.dataset import Dataset
from trainctl.components.new_inputs import ModelInput, NewFiles
from trainctl.errors import DataError
from trainctl.events import Event
from trainctl.sources.files.folder_spec import FolderSpec
from trainctl.sources.files.walk import Examined, FileTest


class Sizes(FolderSpec):
    """The sizes of files; one of size 3 cannot be read."""

    reads = frozenset({".bin"})
    noun: ClassVar[str] = "file"

    @property
    def file_test(self) -> FileTest:
        return FileTest("file", self.reads, lambda file: False)

    def rows(self, files: Sequence[Path]) -> Any:
        return np.array([file.stat().st_size for file in files])

    def examined(self, files: Sequence[Path]) -> Examined:
        return Examined({file: "has size 3" for file in files if file.stat().st_size == 3}, ("something to say",))


def load(folder: Path, events: list[Event] | None = None, **arguments: Any) -> Dataset:
    told: list[Event] = [] if events is None else events
    return Sizes.model_validate({"path": str(folder), **arguments}).load(DataContext(told.append))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, size in (("a/1.bin", 1), ("a/2.bin", 2), ("b/4.bin", 4)):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x" * size)
    return tmp_path


def test_files_are_found_and_told(folder: Path) -> None:
    events: list[Event] = []
    data = load(folder, events)
    assert (data.train.x.tolist(), data.train.y.tolist(), data.class_names) == ([1, 2, 4], [0, 0, 1], ("a", "b"))
    assert "something to say" in str(events)


def test_files_that_cannot_be_read_are_an_error_or_skipped(folder: Path) -> None:
    (folder / "b" / "3.bin").write_bytes(b"xxx")
    with pytest.raises(DataError, match=r"3\.bin has size 3$") as caught:
        load(folder)
    assert caught.value.hint == "repair or remove them, or set on_error: skip"
    assert caught.value.hint_for_new == "repair or remove them"
    assert load(folder, on_error="skip").train.x.tolist() == [1, 2, 4]


def test_a_table_may_list_them(folder: Path) -> None:
    (folder / "list.csv").write_text("file,other,size\na/1.bin,b/4.bin,0.5\nb/4.bin,a/2.bin,1.5\n")
    table = {"files": str(folder / "list.csv"), "label": "size"}
    data = load(folder, **table, features="file")
    assert (data.train.x.tolist(), data.train.y.tolist()) == ([1, 4], [0.5, 1.5])
    two = load(folder, **table, features=["file", "other"])
    assert {name: rows.tolist() for name, rows in two.train.x.items()} == {"file": [1, 4], "other": [4, 2]}
    spec = Sizes.model_validate({"path": "gone", **table, "features": ["file", "other"]})
    inputs = tuple(ModelInput(name, (), "int64") for name in ("a", "other"))
    new = NewFiles((folder / "list.csv",), inputs, DataSchema(input_names={"a": "file"}))
    assert spec.reads_file(".csv")
    assert {name: rows.tolist() for name, rows in spec.read_new(new).values.items()} == {"a": [1, 4], "other": [4, 2]}
    with pytest.raises(ValidationError, match="features must name a column"):
        Sizes.model_validate({"path": "x", **table, "features": []})


def test_new_files_without_a_table(folder: Path) -> None:
    new = NewFiles((folder / "b" / "4.bin",), (ModelInput("x", (), "int64"),))
    spec = Sizes(path="gone")
    assert not spec.reads_file(".csv")
    assert spec.read_new(new).values.tolist() == [4]
