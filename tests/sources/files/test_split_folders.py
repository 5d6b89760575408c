"""Folders that are splits are told by their names."""

from __future__ import annotations

from pathlib import Path

import pytest

from trainctl.errors import DataError
from trainctl.sources.files.split_folders import has_folders, is_hidden, shown_entries, split_folders, split_of


def made(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).mkdir(parents=True)
    return folder


@pytest.mark.parametrize(
    ("name", "split"),
    [
        ("Train", "train"),
        ("training_set", "train"),
        ("Valid", "validation"),
        ("dev", "validation"),
        ("test-data", "test"),
        ("Testing", "test"),
        ("cats", None),
        ("set", None),
    ],
)
def test_a_split_is_known_by_its_name(name: str, split: str | None) -> None:
    assert split_of(name) == split


def test_what_a_system_hides_is_not_shown(tmp_path: Path) -> None:
    made(tmp_path, "cats", ".ipynb_checkpoints", "__MACOSX")
    assert [each.name for each in shown_entries(tmp_path)] == ["cats"]
    assert is_hidden("._x.jpg")
    assert not is_hidden("x.jpg")


def test_splits_hold_folders_of_classes(tmp_path: Path) -> None:
    made(tmp_path, "Training/cats", "Testing/cats")
    assert has_folders(tmp_path / "Training")
    assert {split: path.name for split, path in split_folders(tmp_path).items()} == {
        "train": "Training",
        "test": "Testing",
    }


def test_a_class_may_be_called_as_a_split(tmp_path: Path) -> None:
    assert split_folders(made(tmp_path, "train", "bus", "car")) == {}


def test_two_folders_of_one_split_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="which one is the validation data"):
        split_folders(made(tmp_path, "train/cats", "val/cats", "dev/cats"))


def test_a_training_folder_is_required(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no folder named train"):
        split_folders(made(tmp_path, "val", "test"))


def test_splits_are_named_behind_the_same_words(tmp_path: Path) -> None:
    made(tmp_path / "b", "seg_train/cat", "seg_test/cat", "seg_pred", "bullet_train")
    found = split_folders(tmp_path / "b")
    assert {split: each.name for split, each in found.items()} == {"train": "seg_train", "test": "seg_test"}
    made(tmp_path / "c", "bullet_train/x", "crash_test/x")
    assert split_folders(tmp_path / "c") == {}
