"""What is removed, what is kept, and that nothing outside a run is touched."""

from __future__ import annotations

from pathlib import Path

import pytest
from shelf import record, three

from trainctl.errors import RunDirError
from trainctl.runs.lock import locked
from trainctl.runs.removal import remove, size_of, superfluous
from trainctl.runs.store import find_run, listed_runs, read_run


def test_a_run_is_removed_and_what_a_link_leads_to_is_not(tmp_path: Path) -> None:
    first, second, _ = three(tmp_path / "runs")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "file").write_text("x" * 100_000)
    (first / "folder").symlink_to(tmp_path / "outside")
    (first / "file").symlink_to(tmp_path / "outside" / "file")
    assert size_of(read_run(first)) < 100_000
    remove(read_run(first))
    assert not first.exists()
    assert second.exists()
    assert (tmp_path / "outside" / "file").stat().st_size == 100_000


def test_the_folder_of_a_name_goes_with_its_last_run(tmp_path: Path) -> None:
    path = record(tmp_path, "20260101-120000-aaaaaa")
    remove(read_run(path))
    assert list(tmp_path.iterdir()) == []


def test_a_folder_of_another_name_stays(tmp_path: Path) -> None:
    path = record(tmp_path, "20260101-120000-aaaaaa").rename(tmp_path / "copied")
    remove(read_run(path))
    assert tmp_path.is_dir()
    assert not path.exists()


def test_a_run_is_not_removed_by_the_name_of_its_model(tmp_path: Path) -> None:
    path = record(tmp_path, "20260101-120000-aaaaaa")
    with pytest.raises(RunDirError, match="'best' names a model"):
        remove(find_run(tmp_path, "latest/best"))
    assert path.exists()


def test_a_running_run_is_not_removed(tmp_path: Path) -> None:
    path = record(tmp_path, "20260101-120000-aaaaaa", status="running")
    run = read_run(path)
    with locked(run.directory), pytest.raises(RunDirError, match="is running"):
        remove(run)
    assert path.exists()


def test_a_link_and_a_part_of_a_run_are_not_removed(tmp_path: Path) -> None:
    path = record(tmp_path, "20260101-120000-aaaaaa")
    (path.parent / "latest").symlink_to(path.name)
    part = record(path / "folds", "2", name=".")
    for each in (path.parent / "latest", part):
        with pytest.raises(RunDirError):
            remove(read_run(each))
    assert path.exists()


@pytest.mark.parametrize(
    ("kept", "spare"),
    [
        ({"last": 1}, "ba"),
        ({"last": 2}, "a"),
        ({"best": 1, "metric": "val_loss"}, "a"),
        ({"best": 1, "metric": "val_accuracy"}, "a"),
        ({"last": 3}, ""),
    ],
)
def test_the_best_the_newest_and_the_tagged_are_kept(tmp_path: Path, kept: dict, spare: str) -> None:
    three(tmp_path)
    found = superfluous(listed_runs(tmp_path), **kept)
    assert "".join(run.directory.run_id[-1] for run in found) == spare


def test_each_name_keeps_its_own(tmp_path: Path) -> None:
    record(tmp_path, "20260101-120000-aaaaaa", name="iris")
    three(tmp_path)
    assert [run.name for run in superfluous(listed_runs(tmp_path), last=1)] == ["mnist", "mnist"]
