"""A table of files: its labels are read as CSV reads them, and all files that are missing are told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from trainctl.components.context import DataContext
from trainctl.errors import DataError
from trainctl.sources.files.listed import FileTable, completed, listed_files

CONTEXT = DataContext(emit=print)


def table(folder: Path, content: str, *inputs: str, **arguments: Any) -> FileTable:
    for name in ("x/1.png", "x/2.png"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).touch()
    (folder / "labels.csv").write_text(content)
    known: dict[str, Any] = {"label": "label", "separator": None, "suffixes": {".png"}, **arguments}
    return FileTable(str(folder / "labels.csv"), str(folder), inputs or ("path",), **known)


@pytest.mark.parametrize(
    ("labels", "expected"), [("dog cat", ["dog", "cat"]), ("10 2", [10, 2]), ("0.5 2", [0.5, 2.0])]
)
def test_labels_are_text_or_numbers(tmp_path: Path, labels: str, expected: list[object]) -> None:
    first, second = labels.split()
    found = table(tmp_path, f"label,path\n{first},x/1.png\n{second},x/2.png\n").find(CONTEXT).train
    assert found.labels is not None
    assert found.labels.tolist() == expected
    assert found.files == (tmp_path / "x" / "1.png", tmp_path / "x" / "2.png")


def test_two_inputs_and_columns_to_split_by(tmp_path: Path) -> None:
    content = "left,right,label,who\nx/1.png,x/2.png,0,ann\nx/2.png,x/1.png,1,bob\n"
    context = DataContext(emit=print, columns={"who": "data.split_by_group"})
    found = table(tmp_path, content, "left", "right").find(context).train
    assert [each.name for each in found.inputs["right"]] == ["2.png", "1.png"]
    assert found.extra["who"].tolist() == ["ann", "bob"]


def test_an_ending_may_be_missing(tmp_path: Path) -> None:
    splits = table(tmp_path, "path,label\nx/1,a\nx/2.png,b\n").find(CONTEXT)
    assert [each.name for each in splits.train.files] == ["1.png", "2.png"]
    assert "1 path in column 'path' without an ending" in splits.notes[0]
    assert completed(tmp_path / "x" / "3", {".png"}) is None


def test_labels_that_are_files(tmp_path: Path) -> None:
    splits = table(tmp_path, "path,mask\nx/1.png,2.png\n", label="mask", answers=str(tmp_path / "x")).find(CONTEXT)
    assert splits.train.answers == (tmp_path / "x" / "2.png",)
    assert splits.train.labels is None


@pytest.mark.parametrize(
    ("content", "told", "field"),
    [
        ("file,label\na,b\n", "path", "features"),
        ("path,class\na,b\n", "label", "label"),
        ("path,label\n,b\nx/1.png,a\n", "1 row without a path in column 'path'", "files"),
        (
            "path,label\nx/1.png,a\nx/8.png,a\nx/9.png,a\n",
            r"lists 2 files that do not exist: .*8\.png; .*9\.png",
            "files",
        ),
    ],
)
def test_a_table_with_a_mistake(tmp_path: Path, content: str, told: str, field: str) -> None:
    with pytest.raises(DataError, match=told) as caught:
        table(tmp_path, content).find(CONTEXT)
    assert caught.value.field == field


def test_the_columns_are_looked_at_before_training(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="path"):
        table(tmp_path, "file,label\na,b\n").look(DataContext(print))
    table(tmp_path, "path,label\na,b\n").look(DataContext(print))


def test_a_table_of_new_files(tmp_path: Path) -> None:
    table(tmp_path, "left,right\nx/1.png,x/2.png\n")
    found = list(listed_files(tmp_path / "labels.csv", ("right", "left")))
    assert found == [(tmp_path / "x" / "2.png",), (tmp_path / "x" / "1.png",)]
    with pytest.raises(DataError, match="has no column 'path'"):
        list(listed_files(tmp_path / "labels.csv", ("path",)))
    (tmp_path / "labels.csv").write_text("left,right\nx/1.png,\n")
    with pytest.raises(DataError, match=r"labels\.csv:2 has no path in column 'right'"):
        list(listed_files(tmp_path / "labels.csv", ("left", "right")))
