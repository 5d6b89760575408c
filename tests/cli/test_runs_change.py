"""Removing, pruning, tagging: what is asked, what is shown."""

from __future__ import annotations

import pytest
from shelf import record, three
from workplace import Workplace


@pytest.fixture
def shelf(workplace: Workplace) -> Workplace:
    three(workplace.folder / "runs")
    return workplace


def left(shelf: Workplace) -> str:
    return "".join(sorted(path.name[-1] for path in (shelf.folder / "runs").glob("*/*")))


def test_nothing_is_removed_without_an_answer(shelf: Workplace) -> None:
    ended = shelf.call("runs", "remove", "mnist")
    assert (ended.exit_code, left(shelf)) == (2, "abc")
    assert "--yes" in ended.stderr
    assert shelf.call("runs", "remove", "latest", "--dry-run").exit_code == 0
    assert left(shelf) == "abc"


def test_a_dry_run_leaves_what_a_kill_left(shelf: Workplace) -> None:
    rest = shelf.folder / "runs" / "mnist" / ".removed-20260101-120000-dddddd"
    rest.mkdir()
    for command in (("remove", "latest"), ("prune", "--keep-last", "1")):
        assert shelf.call("runs", *command, "--dry-run").exit_code == 0
        assert rest.is_dir()
    assert shelf.call("runs", "prune", "--keep-last", "3", "--yes").exit_code == 0
    assert not rest.is_dir()


def test_runs_are_removed_and_shown(shelf: Workplace) -> None:
    ended = shelf.call("runs", "remove", "20260101", "20260101-120000-aaaaaa", "latest", "--yes")
    assert (ended.exit_code, left(shelf)) == (0, "b")
    assert "removed 2 runs, " in ended.stderr


def test_prune_keeps_the_best_and_the_tagged(shelf: Workplace) -> None:
    assert shelf.call("runs", "prune", "--yes").exit_code == 2
    assert shelf.call("runs", "prune", "--keep-best", "1", "--yes").exit_code == 2
    assert shelf.call("runs", "prune", "--keep-best", "1", "--by", "val_los", "--yes").exit_code == 2
    assert left(shelf) == "abc"
    assert shelf.call("runs", "prune", "--keep-best", "1", "--by", "val_loss", "--yes").exit_code == 0
    assert left(shelf) == "bc"
    assert shelf.call("runs", "prune", "--keep-last", "1", "--name", "iris", "--yes").stderr == "nothing to remove\n"


def test_tags_and_notes(shelf: Workplace) -> None:
    assert shelf.call("runs", "tag", "20260101", "final", "v1").stdout == "final\nv1\n"
    assert shelf.call("runs", "tag", "20260101", "v1", "--delete").stdout == "final\n"
    assert shelf.call("runs", "tag", "20260101", "v1", "--delete").exit_code == 2
    assert "20260101" in shelf.call("runs", "--tag", "final").stdout
    shelf.call("runs", "note", "20260101", "a wider layer")
    assert "a wider layer" in shelf.call("runs", "show", "20260101").stdout
    assert shelf.call("runs", "note", "20260101", "").stderr == "no note\n"


def test_a_run_of_a_stranger_is_data(workplace: Workplace) -> None:
    path = record(workplace.folder / "runs", "20260101-120000-aaaaaa", metrics={"\x1b[31mloss": 1.0})
    (path / "notes.json").write_text('{"tags": ["\\u001b[2J"], "note": "\\u001b]0;x\\u0007"}')
    for command in (
        ("runs", "--wide"),
        ("runs", "show", "latest"),
        ("runs", "tag", "latest"),
        ("runs", "note", "latest"),
    ):
        assert "\x1b" not in workplace.call(*command).stdout, command
