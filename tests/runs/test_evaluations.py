import json
import os
from pathlib import Path

import pytest
from shelf import record

from trainctl.runs.evaluations import recorded_evaluations
from trainctl.runs.store import read_run


def write(run: Path, name: str, **facts: object) -> None:
    (run / "evaluations").mkdir(exist_ok=True)
    (run / "evaluations" / name).write_text(json.dumps(facts))


def test_the_newest_is_first_and_none_is_read_that_is_no_file_of_the_run(tmp_path: Path) -> None:
    path = record(tmp_path, "20260101-120000-aaaaaa", ended="2026-01-01T12:30:00.500Z")
    assert list(recorded_evaluations(read_run(path))) == []
    write(path, "1.json", time="2026-01-01T12:29:59Z")
    write(path, "2.json", time="2026-01-01T12:30:00Z")
    os.mkfifo(path / "evaluations" / "3.json")
    (path / "evaluations" / "4.json").symlink_to(path / "evaluations" / "1.json")
    found = list(recorded_evaluations(read_run(path)))
    assert [(each.name, each.is_current) for each in found] == [
        ("evaluations/2.json", True),
        ("evaluations/1.json", False),
    ]


@pytest.mark.parametrize(
    ("ended", "status", "time", "is_current"),
    [
        (None, "failed", "2026-01-01T12:00:00Z", True),  # it never ended, and nothing trains any longer
        (None, "running", "2026-01-01T12:00:00Z", False),
        ("yesterday", "done", "2026-01-01T12:00:00Z", False),
        ("2026-01-01T12:00:00Z", "done", None, False),
        ("2026-01-01T12:00:00Z", "done", "2026-01-01", False),
    ],
)
def test_whether_it_is_of_the_model_that_the_run_has_now(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    ended: str | None,
    status: str,
    time: str | None,
    *,
    is_current: bool,
) -> None:
    monkeypatch.setattr("trainctl.runs.store.is_held", lambda _: True)
    path = record(tmp_path, "20260101-120000-aaaaaa", ended=ended, status=status)
    write(path, "1.json", time=time)
    (found,) = recorded_evaluations(read_run(path))
    assert found.is_current is is_current
