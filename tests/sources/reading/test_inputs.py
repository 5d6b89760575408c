"""Files that a source reads: found by a path, a folder or a pattern, and named as a person would."""

from __future__ import annotations

from pathlib import Path

import pytest

from trainctl.errors import DataError
from trainctl.sources.reading.inputs import existing_file, existing_files, missing, shown, without_mark


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("b.csv", "a.csv", "notes.txt", "deep/c.csv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("a.csv", ["a.csv"]),
        (".", ["a.csv", "b.csv"]),
        ("*.csv", ["a.csv", "b.csv"]),
        ("**/*.csv", ["a.csv", "b.csv", "deep/c.csv"]),
        ("deep", ["deep/c.csv"]),
    ],
)
def test_what_a_path_means(path: str, found: list[str]) -> None:
    assert [shown(each) for each in existing_files(path, ".csv")] == found


@pytest.mark.parametrize("path", ["absent.csv", "*.parquet", "deep/*.txt"])
def test_a_path_that_means_nothing_is_refused(path: str) -> None:
    with pytest.raises(DataError) as error:
        existing_files(path, ".csv")
    assert error.value.hint


def test_a_folder_without_such_files_is_refused() -> None:
    with pytest.raises(DataError, match=r"deep.*\.parquet"):
        existing_files("deep", ".parquet")


def test_a_name_with_brackets_that_exists_is_no_pattern(tmp_path: Path) -> None:
    (tmp_path / "a[1].csv").touch()
    assert [each.name for each in existing_files("a[1].csv", ".csv")] == ["a[1].csv"]


def test_a_folder_is_no_file() -> None:
    with pytest.raises(DataError, match="folder"):
        existing_file("deep")


def test_the_nearest_file_is_named_for_one_that_is_missing(tmp_path: Path) -> None:
    assert "a.csv" in str(missing(tmp_path / "aa.csv").hint) or "b.csv" in str(missing(tmp_path / "aa.csv").hint)


def test_outside_of_the_working_directory_the_path_is_whole(tmp_path: Path) -> None:
    assert shown(tmp_path / "deep" / ".." / "a.csv") == "a.csv"
    assert shown(tmp_path.parent / "x") == str(tmp_path.parent / "x")


def test_the_mark_of_spreadsheets_is_taken_off_utf_8_alone() -> None:
    assert without_mark("utf-8") == "utf-8-sig"
    assert without_mark("cp1252") == "cp1252"
