"""What CI is given, tried where it can be: the hook under pre-commit itself, and the steps of the Dockerfile."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import yaml

ROOT = Path(__file__).parents[2]
PRE_COMMIT = ROOT / "build" / "ci" / "bin" / "pre-commit"


def instructions() -> Iterator[tuple[str, str]]:
    """The instructions of the Dockerfile."""
    text = re.sub(r"^#.*\n|\\\n", "", (ROOT / "Dockerfile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    for line in filter(None, text.splitlines()):
        word, _, rest = line.partition(" ")
        yield word, rest


@pytest.mark.skipif(not PRE_COMMIT.exists(), reason="pre-commit is installed by: make test-ci")
def test_pre_commit_runs_the_hook(tmp_path: Path) -> None:
    (tmp_path / "configs").mkdir()
    good = (ROOT / "configs" / "digits.yaml").read_text(encoding="utf-8")
    (tmp_path / "configs" / "good.yaml").write_text(good)
    (tmp_path / "other.yaml").write_text("no: experiment\n")

    def hook() -> subprocess.CompletedProcess[str]:
        for command in (["init", "--quiet"], ["add", "--all"]):
            subprocess.run(["git", *command], cwd=tmp_path, check=True)
        home = {"PRE_COMMIT_HOME": str(tmp_path / ".git" / "home")}
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        command = [PRE_COMMIT, "try-repo", ROOT, "trainctl-validate", "--all-files", "--verbose"]
        return subprocess.run(
            command, cwd=tmp_path, env={**os.environ, **home, "PATH": path}, capture_output=True, text=True, check=False
        )

    passed = hook()
    assert passed.returncode == 0, passed.stdout + passed.stderr
    assert "configs/good.yaml: ok" in passed.stdout
    (tmp_path / "configs" / "bad.yaml").write_text(re.sub(r"epochs: \d+", "epochs: 0", good))
    failed = hook()
    assert failed.returncode == 1
    assert "fit.epochs must be at least 1" in failed.stdout
    assert "other.yaml" not in failed.stdout


def test_the_image_is_slim_and_without_rights() -> None:
    found = list(instructions())
    assert [rest.partition(" ")[0] for word, rest in found if word == "FROM"] == ["python:3.11-slim"] * 2
    assert dict(found)["USER"] == "1000:1000"
    assert dict(found)["ENTRYPOINT"] == '["trainctl"]'
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    for source in sources():
        assert (ROOT / source).exists()
        assert f"!{source}" in ignored


def sources() -> Iterator[str]:
    """What the image is built from."""
    for word, rest in instructions():
        if word == "COPY" and not rest.startswith("--from"):
            yield from rest.split()[:-1]


def test_the_steps_of_the_image_give_a_program_that_trains_without_a_home(tmp_path: Path) -> None:
    source, target = tmp_path / "src", tmp_path / "opt"
    source.mkdir()
    for name in sources():
        (shutil.copytree if (ROOT / name).is_dir() else shutil.copy)(ROOT / name, source / name)
    for word, rest in instructions():
        if word == "RUN":  # the dependencies are those that are here: no second TensorFlow is downloaded
            step = rest.replace("/opt/trainctl", str(target)).replace("--no-cache-dir", "--no-cache-dir --no-deps -q")
            subprocess.run(shlex.split(step), cwd=source, check=True)
            (site,) = target.glob("lib/python3*/site-packages")
            (site / "rest.pth").write_text(f"import site; site.addsitedir({packages()!r})\n")
    values = {}
    for word, rest in instructions():
        if word == "ENV":
            values |= dict(each.split("=", 1) for each in rest.split())
    values = {name: value.replace("/tmp", str(tmp_path / "tmp")) for name, value in values.items()}
    values["PATH"] = values["PATH"].replace("/opt/trainctl", str(target)).replace("$PATH", os.environ["PATH"])
    work = tmp_path / "work"
    work.mkdir()
    content = yaml.safe_load((ROOT / "configs" / "digits.yaml").read_text(encoding="utf-8"))
    content |= {"fit": {"epochs": 1}, "expect": {}}
    (work / "digits.yaml").write_text(yaml.safe_dump(content))
    ended = subprocess.run(
        ["trainctl", "run", "digits.yaml"], cwd=work, env=values, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
    assert (work / "runs" / "digits" / "latest" / "model.keras").is_file()
    assert "arning" not in ended.stderr


def packages() -> str:
    """The folder that holds the dependencies of this Python."""
    return str(Path(np.__file__).parents[1])
