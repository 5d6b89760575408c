"""A file is written whole, or left as it was."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

import pytest

from trainctl.files import hint_for_missing, replacing, require_replaceable, saved_atomically, write_whole


def test_it_is_replaced_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "a.keras"
    path.write_text("old")
    with replacing(path) as aside:
        aside.write_text("new")
        assert (path.read_text(), aside.parent, aside.suffix) == ("old", tmp_path, ".keras")
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("written", [True, False])
def test_a_failure_leaves_the_old_one(tmp_path: Path, written: bool) -> None:
    path = tmp_path / "a.keras"
    path.write_text("old")
    with suppress(KeyError), replacing(path) as aside:
        if written:
            aside.write_text("half")
        raise KeyError
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_an_atomic_write_replaces_the_whole(tmp_path: Path) -> None:
    path = tmp_path / "file"
    for text in ("old and longer", "new"):
        write_whole(path, text.encode())
        assert path.read_text() == text
    assert list(tmp_path.iterdir()) == [path]


def test_a_failing_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    path.write_text("old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_whole(path, b"new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_failing_save_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "best.keras"
    saved_atomically(path, lambda name: Path(name).write_text("old"))

    def breaks_off(name: str) -> None:
        Path(name).write_text("ha")
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        saved_atomically(path, breaks_off)
    assert path.read_text() == "old"
    assert list(path.parent.iterdir()) == [path]


def test_the_nearest_name_beside_a_path_at_which_there_is_nothing(tmp_path: Path) -> None:
    for name in ("titanic.csv", "titanik.py"):
        (tmp_path / name).touch()
    assert hint_for_missing(tmp_path / "titani.csv") == "did you mean 'titanic.csv'?"
    assert hint_for_missing(tmp_path / "titani.csv", pattern="*.py") == "did you mean 'titanik.py'?"
    assert hint_for_missing(tmp_path / "weather", "look again") == "look again"
    assert hint_for_missing(tmp_path / "weather") is None
    assert (
        hint_for_missing(Path("no/where.csv"), "look again") == "the directory 'no' does not exist either; look again"
    )


def test_a_directory_in_the_place_of_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "run.json").mkdir()
    with pytest.raises(IsADirectoryError) as caught:
        write_whole(tmp_path / "run.json", b"{}")
    assert caught.value.filename == str(tmp_path / "run.json")


def test_what_is_no_file_is_not_to_be_replaced_by_one(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    os.mkfifo(tmp_path / "pipe")
    require_replaceable(tmp_path / "file")
    require_replaceable(tmp_path / "new")
    for name, error in (("missing/new", FileNotFoundError), (".", IsADirectoryError), ("pipe", OSError)):
        with pytest.raises(error) as caught:
            require_replaceable(tmp_path / name)
        assert caught.value.filename == str((tmp_path / name).parent if name == "missing/new" else tmp_path / name)
