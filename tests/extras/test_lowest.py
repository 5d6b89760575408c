"""The wheel with the lowest versions that pyproject.toml allows: `make test-lowest` installs both, and LOWEST is where."""

from __future__ import annotations

import json
import os
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCHEMA = ROOT / "schemas" / "experiment.schema.json"
ENVIRONMENT = Path(os.environ.get("LOWEST", "")).absolute()

pytestmark = pytest.mark.skipif("LOWEST" not in os.environ, reason="lowest versions are installed by make test-lowest")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A working directory with a table in it."""
    made = tmp_path_factory.mktemp("lowest")
    rows = "".join(f"{number / 7:.2f},{'ab'[number % 2]},{'yn'[number % 5 > 2]}\n" for number in range(60))
    (made / "t.csv").write_text(f"number,letter,answer\n{rows}")
    return made


def trainctl(folder: Path, *arguments: str) -> str:
    """What the program prints, which has to succeed."""
    done = subprocess.run(
        [ENVIRONMENT / "bin" / "trainctl", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        env={**os.environ, "XDG_CACHE_HOME": str(folder / "cache")},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_versions_are_the_lowest() -> None:
    """Else the rest of the file would prove nothing."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lowest = dict(each.split(">=") for each in project["dependencies"])
    code = "import importlib.metadata, json, sys; print(json.dumps([*map(importlib.metadata.version, sys.argv[1:])]))"
    found = subprocess.check_output([ENVIRONMENT / "bin" / "python", "-c", code, *lowest], text=True)
    installed = dict(zip(lowest, map(_numbers, json.loads(found)), strict=True))
    assert installed == {name: _numbers(version) for name, version in lowest.items()}


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", f"{version}.0.0")))[:3]


def test_the_schema_is_the_published_one(folder: Path) -> None:
    published = json.loads(SCHEMA.read_text(encoding="utf-8"))
    found = json.loads(trainctl(folder, "schema"))
    for schema in (published, found):
        del schema["$comment"]  # names the version of Keras
    assert found == published


def test_components_are_listed_and_described(folder: Path) -> None:
    assert "Dense" in trainctl(folder, "list", "layers")
    assert "patience" in trainctl(folder, "describe", "EarlyStopping")
    assert "batch_size" in trainctl(folder, "describe", "data.batch_size")


@pytest.mark.parametrize("template", ["image", "table", "text", "timeseries", "transfer"])
def test_the_templates_are_in_the_wheel(folder: Path, template: str) -> None:
    trainctl(folder, "init", template, "-o", f"{template}.yaml")
    trainctl(folder, "validate", f"{template}.yaml")


def test_what_shells_and_editors_read_is_in_the_wheel(folder: Path) -> None:
    assert "complete -F" in trainctl(folder, "completion", "bash")
    (package,) = (ENVIRONMENT / "lib").glob("python*/site-packages/trainctl")
    assert (package / "experiment.schema.json").read_bytes() == SCHEMA.read_bytes()
    assert (package / "cli" / "shell" / "commands.json").is_file()


def test_a_table_is_drafted_checked_trained_and_evaluated(folder: Path) -> None:
    trainctl(folder, "init", "--data", "t.csv", "--label", "answer", "-o", "first.yaml")
    trainctl(folder, "validate", "first.yaml")
    assert "answer" in trainctl(folder, "explain", "first.yaml")
    trainctl(folder, "run", "first.yaml", "--set", "fit.epochs=1", "--set", "seed=1")
    assert "accuracy" in trainctl(folder, "evaluate", "latest", "--plot")
    assert json.loads(trainctl(folder, "runs", "--json"))[0]["status"] == "done"
    predicted = trainctl(folder, "predict", "latest", "t.csv")
    assert len(predicted.splitlines()) == 61


def test_images_are_classified_with_tensorboard(folder: Path) -> None:
    settings = ("fit.epochs=1", "expect=null", "callbacks=[TensorBoard]")
    trainctl(folder, "run", str(ROOT / "configs" / "digits.yaml"), *(f"--set={each}" for each in settings))
