"""The index is believed only for files that have not changed, and the list is the same without it."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from shelf import record, three

from trainctl.runs import index
from trainctl.runs.index import read_summaries, run_paths
from trainctl.runs.store import all_runs, listed_runs


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(index, "_WORTH_WRITING", 1)
    return tmp_path / "cache" / "trainctl"


def test_a_list_is_the_same_with_the_index_and_without(cache: Path, tmp_path: Path) -> None:
    three(tmp_path / "runs")
    first = read_summaries(tmp_path / "runs")
    assert [file.stat().st_mode & 0o777 for file in cache.iterdir()] == [0o600]
    assert read_summaries(tmp_path / "runs") == first
    listed, whole = listed_runs(tmp_path / "runs"), all_runs(tmp_path / "runs")
    assert [run.directory for run in listed] == [run.directory for run in whole]
    assert [run.record.get("metrics") for run in listed] == [run.record.get("metrics") for run in whole]


def test_what_is_known_is_not_read_again(cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    three(tmp_path / "runs")
    known = read_summaries(tmp_path / "runs")
    monkeypatch.setattr(index, "read_record", None)
    assert read_summaries(tmp_path / "runs") == known


def test_changes_on_disk_are_seen(cache: Path, tmp_path: Path) -> None:
    old, changed, noted = three(tmp_path / "runs")
    read_summaries(tmp_path / "runs")
    (old / "run.json").unlink()
    said = json.loads((changed / "run.json").read_text())
    (changed / "run.json").write_text(json.dumps({**said, "seed": 7}))
    (noted / "notes.json").unlink()
    new = record(tmp_path / "runs", "20260104-120000-dddddd")
    found = read_summaries(tmp_path / "runs")
    assert found.keys() == {str(changed), str(noted), str(new)}
    assert (found[str(changed)]["seed"], found[str(noted)]["tags"]) == (7, [])


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b'{"trainctl": "0.1.0", "runs": 5}',
        b'{"trainctl": "0.1.0", "shared": [], "runs": {"a": {"b": [[1], 3, {}, []]}}}',
        b"\xff",
        b"[" * 10**5,
    ],
)
def test_a_damaged_index_is_made_again(cache: Path, tmp_path: Path, content: bytes) -> None:
    three(tmp_path / "runs")
    found = read_summaries(tmp_path / "runs")
    (file,) = cache.iterdir()
    file.write_bytes(content)
    assert read_summaries(tmp_path / "runs") == found
    (rows,) = json.loads(file.read_bytes())["runs"].values()
    assert rows.keys() == {Path(path).name for path in found}


def test_no_link_is_followed_and_no_pipe_is_read(cache: Path, tmp_path: Path) -> None:
    path = record(tmp_path / "elsewhere", "20260101-120000-aaaaaa")
    named = tmp_path / "runs" / "mnist"
    named.mkdir(parents=True)
    (named / "latest").symlink_to(path)
    (tmp_path / "runs" / "linked").symlink_to(path.parent)
    (named / "file").mkdir()
    (named / "file" / "run.json").symlink_to(path / "run.json")
    (named / "pipe").mkdir()
    os.mkfifo(named / "pipe" / "run.json")
    assert set(run_paths(tmp_path / "runs")) == {str(named / "file"), str(named / "pipe")}
    assert read_summaries(tmp_path / "runs") == {}
