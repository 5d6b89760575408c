"""Conditions, order, and what is refused."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from shelf import record, three

from trainctl.errors import UsageError
from trainctl.runs.selection import Condition, Selection, parse_condition, parse_since, select
from trainctl.runs.store import listed_runs
from trainctl.text import parse_duration

NOW = datetime(2026, 1, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("val_accuracy>0.9", Condition("val_accuracy", ">", 0.9)),
        (" status = done ", Condition("status", "=", "done")),
        ("duration <= 2h", Condition("duration", "<=", 7200.0)),
        ("f1_score/cat != 1e-3", Condition("f1_score/cat", "!=", 1e-3)),
    ],
)
def test_a_condition(text: str, expected: Condition) -> None:
    assert parse_condition(text) == expected


@pytest.mark.parametrize("text", ["val_accuracy", "> 3", "val_loss > small", "a => 3", ""])
def test_what_is_not_a_condition_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        parse_condition(text)


@pytest.mark.parametrize(
    ("selection", "found"),
    [
        (Selection(), "cba"),
        (Selection(where=(parse_condition("val_accuracy > 0.9"),)), "b"),
        (Selection(where=(parse_condition("val_accuracy != 0.8"),)), "b"),  # of c it is not known
        (Selection(where=(parse_condition("tags = paper"),)), "c"),
        (Selection(where=(parse_condition("tags != paper"),)), "ba"),
        (Selection(where=(parse_condition("duration > 1min"),)), "a"),
        (Selection(name="mn*", statuses=("failed",)), "c"),
        (Selection(name="iris"), ""),
        (Selection(tags=("paper",)), "c"),
        (Selection(since=parse_since("2026-01-02T00:00:00Z")), "cb"),
        (Selection(since=parse_since("6d", NOW)), "cb"),
        (Selection(sort="val_loss"), "bac"),
        (Selection(sort="val_accuracy"), "bac"),
        (Selection(sort="status", limit=2), "ba"),
        (Selection(sort="val_loss", reverse=True), "cab"),
    ],
)
def test_runs_are_selected(tmp_path: Path, selection: Selection, found: str) -> None:
    three(tmp_path)
    assert "".join(run.directory.run_id[-1] for run in select(listed_runs(tmp_path), selection)) == found


def test_nan_meets_no_condition_and_is_sorted_last(tmp_path: Path) -> None:
    record(tmp_path, "20260101-120000-aaaaaa", metrics={"val_loss": None})
    record(tmp_path, "20260101-120000-bbbbbb", metrics={"val_loss": 3.0})
    runs = listed_runs(tmp_path)
    assert [run.directory.run_id[-1] for run in select(runs, Selection(sort="val_loss"))] == ["b", "a"]
    assert len(select(runs, Selection(where=(parse_condition("val_loss != 7"),)))) == 1


def test_a_key_that_no_run_has_is_an_error(tmp_path: Path) -> None:
    three(tmp_path)
    with pytest.raises(UsageError, match="val_acuracy") as caught:
        select(listed_runs(tmp_path), Selection(sort="val_acuracy"))
    assert caught.value.hint == "did you mean 'val_accuracy'?"


@pytest.mark.parametrize("text", ["yesterday", "7", "2026-13-01", "99999999999d", ""])
def test_what_is_not_a_time_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        parse_since(text)


def test_durations() -> None:
    assert [parse_duration(text) for text in ("90s", "1.5h", "2 min", "1w", "7", "h")] == [
        90,
        5400,
        120,
        604800,
        None,
        None,
    ]
