"""Trusting the Python files of a folder or of a run, and taking it back."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from trainctl.errors import RunDirError, UsageError
from trainctl.jobs.trust import distrust_folder, list_trusted, trust_folder


@pytest.fixture(autouse=True)
def _state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


def project(folder: Path, *imports: str) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "pyproject.toml").write_text(f"[tool.trainctl]\nimports = {json.dumps(imports)}\n")
    return folder


def names(entries: object) -> list[str]:
    return [Path(entry.path).name for entry in entries]  # type: ignore[attr-defined]


def test_what_is_offered_and_what_lies_there(tmp_path: Path) -> None:
    folder = project(tmp_path / "project", "src/own.py", "pack.inner")
    for file in ("src/own.py", "pack/__init__.py", "pack/inner.py", "beside.py", "deep/other.py"):
        (folder / file).parent.mkdir(exist_ok=True)
        (folder / file).write_text(f"# {file}\n")
    assert names(trust_folder(folder)) == ["own.py", "__init__.py", "inner.py", "beside.py"]
    assert names(list_trusted()) == ["beside.py", "__init__.py", "inner.py", "own.py"]
    assert len(distrust_folder(folder)) == 4
    assert list_trusted() == []


def test_what_a_run_recorded(tmp_path: Path) -> None:
    own = tmp_path / "own" / "mine.py"
    own.parent.mkdir()
    own.write_text("x = 1\n")
    run = tmp_path / "runs" / "small" / "1"
    run.mkdir(parents=True)
    record = {"name": str(own), "file": str(own), "sha256": hashlib.sha256(own.read_bytes()).hexdigest()}
    (run / "run.json").write_text(json.dumps({"run_id": "1", "imports": [record]}))
    assert names(trust_folder(run)) == ["mine.py"]
    assert len(distrust_folder(run)) == 1
    own.write_text("x = 2\n")
    with pytest.raises(UsageError, match="nothing to trust"):  # it is not what the run used
        trust_folder(run)


def test_nothing_to_trust(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nothing to trust"):
        trust_folder(tmp_path)
    with pytest.raises(UsageError, match="there is no folder"):
        trust_folder(tmp_path / "missing")
    with pytest.raises(UsageError, match=r"offers 'gone\.py', which does not exist"):
        trust_folder(project(tmp_path / "project", "gone.py"))
    with pytest.raises(UsageError, match=r"offers 'gone\.mod', which does not exist"):
        trust_folder(project(tmp_path / "project", "gone.mod"))
    with pytest.raises(UsageError, match="is trusted"):
        distrust_folder(tmp_path)


def test_a_state_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("in the way")
    folder = project(tmp_path / "project")
    (folder / "own.py").touch()
    with pytest.raises(RunDirError, match="cannot write"):
        trust_folder(folder)
    with pytest.raises(RunDirError, match="cannot write"):
        distrust_folder(folder)
