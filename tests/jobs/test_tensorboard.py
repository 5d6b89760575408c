"""The folder of links for TensorBoard."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from shelf import record

from trainctl.errors import RunDirError
from trainctl.jobs.tensorboard import link_logs
from trainctl.runs.store import read_run


def test_logs_get_readable_names_and_no_link_is_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    first = record(tmp_path / "runs", "20260101-120000-aaaaaa")
    second = record(tmp_path / "runs", "20260102-120000-bbbbbb", name="iris")
    for folder in (first / "tensorboard" / "train", second / "more"):
        folder.mkdir(parents=True)
        (folder / "events.out.tfevents.1").touch()
    (second / "linked").symlink_to(first / "tensorboard")
    made = link_logs([read_run(first), read_run(second)])
    assert {each.name: each.resolve() for each in made.iterdir()} == {
        "mnist 2026-01-01 12:00:00 aaaaaa": first / "tensorboard",
        "iris 2026-01-02 12:00:00 bbbbbb more": second / "more",
    }
    assert link_logs([read_run(first), read_run(second)]) == made


def test_any_name_is_one_of_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    path = record(tmp_path / "runs", "20260101-120000-aaaaaa")
    (path / "tensorboard").mkdir()
    (path / "tensorboard" / "events.out.tfevents.1").touch()
    strange = json.loads((path / "run.json").read_text()) | {"name": "../\0\x1b" + "ä" * 300}
    (path / "run.json").write_text(json.dumps(strange))
    [link] = link_logs([read_run(path)]).iterdir()
    assert link.name.startswith(r".. \x00\x1bää")


def test_runs_without_logs(tmp_path: Path) -> None:
    with pytest.raises(RunDirError, match="TensorBoard"):
        link_logs([read_run(record(tmp_path, "20260101-120000-aaaaaa"))])
