"""The link to the newest run: made with a run, moved when it is removed, and never written through."""

from __future__ import annotations

from pathlib import Path

import pytest
from shelf import three

from trainctl.errors import RunDirError
from trainctl.runs import latest
from trainctl.runs.directory import create, create_at
from trainctl.runs.removal import remove, sweep
from trainctl.runs.store import all_runs, find_run, listed_runs, read_run


def test_a_new_run_is_the_latest(tmp_path: Path) -> None:
    for _ in range(2):
        made = create(tmp_path, "mnist")
        assert (tmp_path / "mnist" / "latest").readlink() == Path(made.path.name)
    assert sorted(path.name for path in (tmp_path / "mnist").iterdir() if path.name[0] != "2") == ["latest"]
    create_at(tmp_path / "mnist" / "mine")
    assert (tmp_path / "mnist" / "latest").readlink() == Path(made.path.name)


def test_without_links_nothing_happens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError

    monkeypatch.setattr(Path, "symlink_to", refuse)
    made = create(tmp_path, "mnist")
    assert list((tmp_path / "mnist").iterdir()) == [made.path]


def test_what_is_no_link_stays(tmp_path: Path) -> None:
    (tmp_path / "mnist" / "latest").mkdir(parents=True)
    create(tmp_path, "mnist")
    assert not (tmp_path / "mnist" / "latest").is_symlink()


def test_a_link_is_replaced_and_not_written_through(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (tmp_path / "runs" / "mnist").mkdir(parents=True)
    (tmp_path / "runs" / "mnist" / "latest").symlink_to(outside)
    made = create(tmp_path / "runs", "mnist")
    assert (tmp_path / "runs" / "mnist" / "latest").resolve() == made.path.resolve()
    assert list(outside.iterdir()) == []


def test_a_run_counts_once_and_its_path_names_it(tmp_path: Path) -> None:
    *_, newest = three(tmp_path)
    latest.point_to(newest)
    assert len(listed_runs(tmp_path)) == len(all_runs(tmp_path)) == 3
    for wanted in ("mnist/latest", "mnist/latest/"):
        assert find_run(tmp_path, f"{tmp_path}/{wanted}").directory.path == newest
    assert find_run(tmp_path, f"{tmp_path}/mnist/latest/best").checkpoint == "best"


@pytest.mark.parametrize("target", ["../../elsewhere", "/", ".", "..", "gone", "other"])
def test_a_link_that_leads_elsewhere_is_not_followed(tmp_path: Path, target: str) -> None:
    first, *_ = three(tmp_path / "runs")
    first.rename(tmp_path / "elsewhere")
    (tmp_path / "runs" / "mnist" / "other").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "runs" / "mnist" / "latest").symlink_to(target)
    with pytest.raises(RunDirError, match="leads to no run beside it"):
        find_run(tmp_path / "runs", f"{tmp_path}/runs/mnist/latest")


def test_the_word_latest_is_no_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, *_, newest = three(tmp_path / "runs")
    (tmp_path / "latest").symlink_to(first)
    monkeypatch.chdir(tmp_path)
    assert find_run(Path("runs"), "latest").directory.path == newest
    assert find_run(Path("runs"), "latest/last").directory.path == newest


def test_the_link_goes_with_its_run(tmp_path: Path) -> None:
    oldest, middle, newest = three(tmp_path)
    latest.point_to(newest)
    remove(read_run(oldest))
    assert newest.with_name("latest").readlink() == Path(newest.name)
    remove(read_run(newest))
    assert newest.with_name("latest").readlink() == Path(middle.name)
    remove(read_run(middle))
    assert list(tmp_path.iterdir()) == []


def test_what_a_kill_left_of_a_removed_run_is_swept(tmp_path: Path) -> None:
    *_, newest = three(tmp_path)
    newest.rename(newest.with_name(f".removed-{newest.name}"))
    (newest.parent / ".removed-mine").mkdir()
    (newest.parent / ".removed-20260101-000000-abcdef").symlink_to(tmp_path)
    sweep(tmp_path)
    assert sorted(path.name for path in newest.parent.glob(".removed-*")) == [
        ".removed-20260101-000000-abcdef",
        ".removed-mine",
    ]
