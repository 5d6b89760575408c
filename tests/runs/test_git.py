"""The git commit of the working directory, without running what its repository asks for."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from trainctl.runs.git import git_state


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with one commit, as the working directory."""
    folder = tmp_path / "repository"
    folder.mkdir()
    git(folder, "init", "--quiet")
    (folder / "a.txt").write_text("a\n")
    (folder / ".gitattributes").write_text("*.txt filter=a=b\n")
    git(folder, "-c", "user.name=x", "-c", "user.email=x@y", "add", "--all")
    git(folder, "-c", "user.name=x", "-c", "user.email=x@y", "commit", "--quiet", "-m", "x")
    monkeypatch.chdir(folder)
    return folder


def test_the_commit_and_whether_it_is_changed(repository: Path) -> None:
    commit = git(repository, "rev-parse", "HEAD")
    assert git_state() == {"commit": commit, "dirty": False}
    (repository / "a.txt").write_text("b, and longer\n")
    assert git_state() == {"commit": commit, "dirty": True}


def test_no_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert git_state() is None


@pytest.mark.claim("W6")
@pytest.mark.parametrize("way", ["core.fsmonitor", "filter.a=b.clean", "filter.a=b.process", "hook"])
def test_a_repository_runs_no_program(repository: Path, tmp_path: Path, way: str) -> None:
    program, witness = tmp_path / "program", tmp_path / "witness"
    program.write_text(f"#!/bin/sh\ntouch {witness}\ncat\n")
    program.chmod(0o755)
    (repository / "a.txt").write_text("b\n")  # as long as before: git has to look into it
    if way == "hook":
        hook = repository / ".git" / "hooks" / "post-index-change"
        hook.parent.mkdir(exist_ok=True)
        hook.symlink_to(program)
    else:
        git(repository, "config", way, str(program))
    found = git_state()
    assert found is not None
    assert not witness.exists()
    subprocess.run(["git", "status"], capture_output=True, check=False, stdin=subprocess.DEVNULL)
    assert witness.exists()  # git itself would have
