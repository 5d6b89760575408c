"""Finding runs: by path, id, the start of an id, name or `latest`; and what their status is now."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from trainctl.errors import RunDirError
from trainctl.runs.layout import RunDirectory
from trainctl.runs.lock import locked
from trainctl.runs.store import all_runs, find_run

HOST = socket.gethostname()


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    record(tmp_path, "mnist", "20260101-120000-aaaaaa")
    record(tmp_path, "mnist", "20260102-120000-bbbbbb")
    record(tmp_path, "iris", "20260101-180000-cccccc")
    return tmp_path


def record(runs_dir: Path, name: str, run_id: str, **facts: Any) -> Path:
    path = runs_dir / name / run_id
    path.mkdir(parents=True)
    started = f"{run_id[:4]}-{run_id[4:6]}-{run_id[6:8]}T{run_id[9:11]}:{run_id[11:13]}:{run_id[13:15]}.000Z"
    value = {"run_id": run_id, "name": name, "status": "done", "started": started, **facts}
    (path / "run.json").write_text(json.dumps(value))
    return path


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("latest", "20260102-120000-bbbbbb"),
        ("mnist", "20260102-120000-bbbbbb"),
        ("iris", "20260101-180000-cccccc"),
        ("20260101-120000-aaaaaa", "20260101-120000-aaaaaa"),
        ("20260102", "20260102-120000-bbbbbb"),
        ("20260101-12", "20260101-120000-aaaaaa"),
    ],
)
def test_a_run_is_found(runs: Path, wanted: str, found: str) -> None:
    assert find_run(runs, wanted).directory.run_id == found


def test_a_path_is_a_run_wherever_it_is(runs: Path, tmp_path: Path) -> None:
    assert find_run(tmp_path / "elsewhere", str(runs / "iris" / "20260101-180000-cccccc")).name == "iris"


@pytest.mark.parametrize(
    ("wanted", "message", "hint"),
    [
        ("20260101", "2 runs start with '20260101'", "full id"),
        ("mnits", "no run 'mnits'", "did you mean 'mnist'?"),
        ("202", "no run '202'", "trainctl runs"),
    ],
)
def test_no_run_is_meant(runs: Path, wanted: str, message: str, hint: str) -> None:
    with pytest.raises(RunDirError, match=message) as caught:
        find_run(runs, wanted)
    assert hint in str(caught.value.hint)


def test_no_runs_at_all(tmp_path: Path) -> None:
    with pytest.raises(RunDirError, match="no runs in"):
        find_run(tmp_path, "latest")


def test_newest_first_also_within_a_second(runs: Path) -> None:
    record(runs, "iris", "20260103-120000-ffffff", started="2026-01-03T12:00:00.100Z")
    record(runs, "iris", "20260103-120000-000000", started="2026-01-03T12:00:00.900Z")
    assert [run.directory.run_id[-6:] for run in all_runs(runs)][:3] == ["000000", "ffffff", "bbbbbb"]


@pytest.mark.parametrize("text", ["{", "[]", '{"name": "no id"}', "", b'{"run_id": "\xff"}'])
def test_a_folder_that_is_no_run_hides_no_other(runs: Path, text: str | bytes) -> None:
    broken = runs / "mnist" / "broken"
    broken.mkdir()
    (broken / "run.json").write_bytes(text if isinstance(text, bytes) else text.encode())
    (runs / "mnist" / "empty").mkdir()
    assert len(all_runs(runs)) == 3
    with pytest.raises(RunDirError, match="is not a run"):
        find_run(runs, str(broken))


def test_a_running_run_whose_lock_nobody_holds_has_died(tmp_path: Path) -> None:
    facts = {"status": "running", "pid": os.getpid(), "host": HOST}  # a process id may be used again
    record(tmp_path, "x", "20260101-120000-aaaaaa", **facts)
    held = record(tmp_path, "x", "20260101-120001-bbbbbb", **facts)
    record(tmp_path, "x", "20260101-120002-cccccc", **{**facts, "host": "another"})
    with locked(RunDirectory(held)):
        assert [run.status for run in all_runs(tmp_path)] == ["died", "running", "died"]
    assert [run.shown_status for run in all_runs(tmp_path)] == ["died", "died", "died"]


def test_without_locks_the_process_tells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trainctl.runs.store.is_held", lambda _: None)
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    record(tmp_path, "x", "20260101-120000-aaaaaa", status="running", pid=process.pid, host=HOST)
    record(tmp_path, "x", "20260101-120001-bbbbbb", status="running", pid=os.getpid(), host=HOST)
    record(tmp_path, "x", "20260101-120003-dddddd", status="running", host=HOST)
    assert [run.status for run in all_runs(tmp_path)] == ["died", "running", "died"]


def test_without_locks_nobody_can_tell_of_another_host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trainctl.runs.store.is_held", lambda _: None)
    record(tmp_path, "x", "20260101-120000-aaaaaa", status="running", pid=os.getpid(), host="pod-7")
    record(tmp_path, "x", "20260101-120001-bbbbbb", status="done", host="pod-7")
    runs = all_runs(tmp_path)
    assert [run.status for run in runs] == ["done", "running"]
    assert [run.shown_status for run in runs] == ["done", "running on pod-7?"]


def test_the_history_ignores_a_torn_last_line(tmp_path: Path) -> None:
    path = record(tmp_path, "x", "20260101-120000-aaaaaa")
    (path / "metrics.jsonl").write_text('{"epoch": 1, "loss": 0.5}\n{"epoch": 2, "l')
    assert find_run(tmp_path, "x").history() == [{"epoch": 1, "loss": 0.5}]
