"""Which folders are splits, which are classes, and what is told of all that is not used."""

from __future__ import annotations

from pathlib import Path

import pytest

from trainctl.errors import DataError
from trainctl.sources.files.folders import Classes, find_classes, has_validation
from trainctl.sources.files.found import FoundSplits
from trainctl.sources.files.walk import FileTest

IS_TEXT = FileTest("text", frozenset({".txt"}), lambda file: file.suffix == ".md")


def made(folder: Path, *names: str) -> Path:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.mkdir() if name.endswith("/") else path.touch()
    return folder


def found(folder: Path, classes: Classes = None) -> FoundSplits:
    return find_classes(str(folder), IS_TEXT, classes)


def sizes(parts: FoundSplits) -> list[int | None]:
    return [None if part is None else len(part.files) for part in (parts.train, parts.validation, parts.test)]


@pytest.mark.parametrize(
    ("train", "validation", "test"),
    [
        ("train", "val", "test"),
        ("Train", "Valid", "Test"),
        ("Training", "Validation", "Testing"),
        ("training_set", "dev", "test_set"),
        ("TRAIN", "Dev-Set", "Test Data"),
        ("train_images", "val_images", "test_images"),
    ],
)
def test_splits_under_any_usual_name(tmp_path: Path, train: str, validation: str, test: str) -> None:
    made(tmp_path, *(f"{split}/{name}/1.txt" for split in (train, validation, test) for name in ("a", "b")))
    parts = found(tmp_path)
    assert (parts.names, sizes(parts), parts.notes) == (("a", "b"), [2, 2, 2], ())
    assert has_validation(str(tmp_path))


def test_a_training_folder_alone_is_a_split(tmp_path: Path) -> None:
    parts = found(made(tmp_path, "train/a/1.txt", "train/b/1.txt"))
    assert (parts.names, sizes(parts)) == (("a", "b"), [2, None, None])


def test_classes_may_be_called_as_splits_are(tmp_path: Path) -> None:
    parts = found(made(tmp_path, "train/1.txt", "bus/1.txt", "test/1.txt"))
    assert (parts.names, sizes(parts)) == (("bus", "test", "train"), [3, None, None])


def test_splits_without_one_to_train_on(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="holds test and val, but no folder named train"):
        found(made(tmp_path, "test/a/1.txt", "val/a/1.txt"))


def test_two_folders_for_one_split(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="holds Train and training: which one is the training data"):
        found(made(tmp_path, "Train/a/1.txt", "training/a/1.txt"))


def test_what_a_system_hides_is_left_out_at_every_depth(tmp_path: Path) -> None:
    hidden = [".DS_Store", "__MACOSX/a/1.txt", ".git/1.txt"]
    hidden += ["a/._1.txt", "a/.ipynb_checkpoints/1.txt", "a/deep/Thumbs.db", "a/deep/@eaDir/1.txt"]
    parts = found(made(tmp_path, "a/1.txt", "a/deep/2.txt", "b/1.txt", *hidden))
    assert [file.relative_to(tmp_path).as_posix() for file in parts.train.files] == [
        "a/1.txt",
        "a/deep/2.txt",
        "b/1.txt",
    ]
    assert (parts.names, parts.notes) == (("a", "b"), ())


def test_files_with_other_endings_are_read_or_told(tmp_path: Path) -> None:
    parts = found(made(tmp_path, "a/1.txt", "a/2.md", "b/1.md", "b/x.bin", "b/none", "1.txt", "y.bin"))
    assert sizes(parts) == [3, None, None]
    assert [note.split(": ", 1)[1] if ": " in note else note for note in parts.notes] == [
        "3 files that are not texts and are not used: .bin 2, no ending 1",
        "1 text outside of the class folders is not used",
        "2 files with an unusual ending read as texts: .md 2",
    ]


def test_a_class_in_one_split_only(tmp_path: Path) -> None:
    made(tmp_path, "train/neg/1.txt", "train/pos/1.txt", "train/unsup/1.txt", "test/neg/1.txt", "test/pos/1.txt")
    parts = found(tmp_path)
    assert (parts.names, sizes(parts)) == (("neg", "pos", "unsup"), [3, None, 2])
    assert parts.notes == (f"{tmp_path / 'test'} has no text of 1 class: unsup; classes: selects others",)
    chosen = found(tmp_path, ("pos", "neg"))
    assert (chosen.names, sizes(chosen), list(chosen.train.labels)) == (("pos", "neg"), [2, None, 2], [0, 1])
    assert chosen.notes == (f"{tmp_path / 'train'}: unsup is not used, since classes: lists others",)
    made(tmp_path, "train/empty/", "test/empty/")
    assert f"{tmp_path}: empty is empty and not used as a class" in found(tmp_path).notes


def test_a_flat_test_folder_does_not_block(tmp_path: Path) -> None:
    for other in ("test/1.txt", "test/unknown/1.txt"):
        parts = found(made(tmp_path, "train/a/1.txt", "train/b/1.txt", other))
        assert (parts.names, sizes(parts)) == (("a", "b"), [2, None, None])
        assert "has no folder of a training class" in parts.notes[0]


def test_other_folders_beside_the_splits_are_told(tmp_path: Path) -> None:
    parts = found(made(tmp_path, "train/a/1.txt", "test/a/1.txt", "models/1.txt"))
    assert parts.notes == (f"{tmp_path}: models is not used",)


def test_classes_by_their_path(tmp_path: Path) -> None:
    parts = found(made(tmp_path, "animals/cats/1.txt", "animals/dogs/1.txt", "cars/1.txt"), "path")
    assert (parts.names, list(parts.train.labels)) == (("animals/cats", "animals/dogs", "cars"), [0, 1, 2])


@pytest.mark.parametrize(
    ("names", "classes", "told", "hint"),
    [
        (["1.txt"], None, "holds 1 text, but no folder per class", "files:"),
        (["a/1.bin"], None, "holds no text in its folders; it holds .bin 1", "one folder per class"),
        (["a/1.txt"], ("a", "b"), "no files for class 'b'; the classes are 'a'", "classes:"),
        ([], None, "has no folder per class", "one folder per class"),
    ],
)
def test_nothing_to_train_on(tmp_path: Path, names: list[str], classes: Classes, told: str, hint: str) -> None:
    with pytest.raises(DataError, match=told) as caught:
        found(made(tmp_path, *names), classes)
    assert hint in (caught.value.hint or "")


def test_the_only_folder_of_an_unpacked_archive_is_looked_into(tmp_path: Path) -> None:
    splits = found(made(tmp_path, "data/train/a/1.txt", "data/train/b/1.txt", "data/val/a/1.txt"))
    assert (splits.names, sizes(splits)) == (("a", "b"), [2, 1, None])
    assert "holds one folder, data, whose folders are read instead" in splits.notes[0]
    assert has_validation(str(tmp_path))
    alone = found(made(tmp_path / "other", "a/1.txt", "a/deep/2.txt"))
    assert (alone.names, sizes(alone)) == (("a",), [2, None, None])


def test_what_names_may_mean_besides_is_told(tmp_path: Path) -> None:
    splits = found(made(tmp_path, "Cat/train/1.txt", "cat/test/1.txt"))
    assert "Cat and cat are different classes" in splits.notes[0]
    assert "the classes hold folders named test and train, which are not read as splits" in splits.notes[1]


def test_files_beside_the_splits_are_told(tmp_path: Path) -> None:
    splits = found(made(tmp_path, "train/a/1.txt", "test/a/1.txt", "labels.csv", "1.txt"))
    assert splits.notes == (f"{tmp_path}: 2 files beside the splits are not used: .txt 1, .csv 1",)


def test_splits_wrapped_as_archives_are_and_classes_below_others(tmp_path: Path) -> None:
    made(tmp_path / "a", *(f"seg_{split}/seg_{split}/{name}/1.txt" for split in ("train", "test") for name in "ab"))
    parts = found(tmp_path / "a")
    assert (parts.names, sizes(parts)) == (("a", "b"), [2, None, 2])
    assert parts.notes[0].endswith("seg_test holds one folder, seg_test, whose folders are read instead")
    made(tmp_path / "b", *(f"{year}/{name}/1.txt" for year in ("2019", "2020") for name in "ab"))
    assert "each holds the folders a and b; if those are the classes" in found(tmp_path / "b").notes[0]
