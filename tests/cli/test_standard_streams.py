"""Closed and full standard streams, for every command that a person may send there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import typer
from workplace import Workplace

from trainctl.cli.app import app

BAD = {"fit": {"epochs": 0}}
QUICK = {
    "validate": "validate ok.yaml",
    "explain": "explain ok.yaml",
    "data": "data ok.yaml",
    "list": "list layers",
    "describe": "describe Dense",
    "schema": "schema",
    "trust": "trust mine",
    "runs": "runs",
    "runs show": "runs show 20260101",
    "init": "init table -o -",
    "completion": "completion zsh",
    "runs tag": "runs tag 20260101 good",
    "runs note": "runs note 20260101 hello",
}
"""A call of each command that answers without TensorFlow, with a result on stdout."""
SLOW = {
    "run": "run ok.yaml --json --set fit.epochs=1",
    "resume": "resume small --json --set fit.epochs={epochs}",
    "find-lr": "find-lr ok.yaml --steps 20",
    "evaluate": "evaluate small",
    "predict": "predict small new.csv",
    "runs reproduce": "runs reproduce {first}",
    "doctor": "doctor",
    "export": "export small --to keras",
    "report": "report small --no-evaluate --overwrite",
    "runs compare": "runs compare {first} {first}",
    "runs prune": "runs prune --keep-last 1",
    "runs remove": "runs remove {first}",
}
"""The same of those that need it, or what was trained with it."""
SERVES = {"tensorboard"}
"""What runs until it is stopped."""
MORE = ["list", "runs --json", "--help", "--version", "validate bad.yaml --json", "validate bad.yaml --format jsonl"]
MORE += ["explain ok.yaml fit.epochs", "describe Dense --json", "data ok.yaml --json", "trust --list --json"]
SILENT = {"validate bad.yaml": 3, "validate none.yaml": 2, "validate ok.yaml --format quiet": 0, "run bad.yaml": 3}
SILENT |= {"run bad.yaml --format rich": 3, "resume none": 7, "--nonsense": 2, "describe Nothing": 2}
SILENT |= {"data none.csv": 4, "trust nowhere": 2, "trust --list": 0, "runs show nothing": 7, "evaluate nothing": 7}
SILENT |= {"predict nothing new.csv": 7, "runs reproduce nothing": 7, "explain bad.yaml": 3}
FULL_OR_CLOSED = (">&-", ">/dev/full")


@pytest.fixture(scope="module")
def place(shared_workplace: Workplace) -> Path:
    shared_workplace.write("ok.yaml")
    shared_workplace.write("bad.yaml", **BAD)
    folder = shared_workplace.folder / "runs" / "small" / "20260101-000000-abcdef"
    folder.mkdir(parents=True)
    (folder / "run.json").write_text(json.dumps({"run_id": folder.name, "status": "done", "exit_code": 0}))
    (shared_workplace.folder / "mine").mkdir()
    (shared_workplace.folder / "mine" / "mine.py").write_text("")
    return shared_workplace.folder


def call(command: str, redirection: str, folder: Path, environ: Mapping[str, str] | None = None) -> tuple[int, str]:
    line = f"exec '{sys.executable}' -m trainctl {command} {redirection}"
    environment = {**os.environ, **(environ or {})}
    ended = subprocess.run(
        ["bash", "-c", line], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    return ended.returncode, ended.stderr


def commands(group: Any, before: str = "") -> Iterator[str]:
    """Every command of the application, its subcommands too."""
    context = typer.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        yield f"{before}{name}"
        if hasattr(command, "list_commands"):
            yield from commands(command, f"{before}{name} ")


def test_every_command_is_tried() -> None:
    assert sorted(commands(typer.main.get_command(app))) == sorted([*QUICK, *SLOW, *SERVES])


@pytest.mark.parametrize(("number", "command"), [*enumerate([*QUICK.values(), *MORE])])
def test_a_result_that_cannot_be_written(number: int, command: str, place: Path, shared_workplace: Workplace) -> None:
    code, told = call(command, FULL_OR_CLOSED[number % 2], place, shared_workplace.environ)
    assert (code, "Traceback" in told) == (7, False), told
    assert "error[output]: the result cannot be written: stdout" in told


@pytest.mark.parametrize(("number", "command"), [*enumerate(QUICK.values())])
def test_nobody_reads_stderr(number: int, command: str, place: Path, shared_workplace: Workplace) -> None:
    code, _ = call(command, f"2{FULL_OR_CLOSED[number % 2]} >out", place, shared_workplace.environ)
    assert code == 0
    assert (place / "out").read_text()


@pytest.mark.parametrize(("command", "expected"), [*SILENT.items()])
def test_nothing_else_changes(command: str, expected: int, place: Path) -> None:
    for redirection in (">/dev/full 2>/dev/full", "<&- >&- 2>&-"):
        code, told = call(command, redirection, place, {"XDG_STATE_HOME": str(place / "nothing-trusted")})
        assert (code, "Traceback" in told) == (expected, False), (redirection, told)


def test_what_is_read_no_further_is_not_an_error(place: Path) -> None:
    assert call("list layers", "| head -1; exit ${PIPESTATUS[0]}", place) == (0, "")


@pytest.mark.tf
@pytest.mark.parametrize(
    ("options", "redirection", "expected"),
    [("", ">&- 2>&-", 0), ("", ">/dev/full 2>/dev/full", 0), ("--format jsonl", ">/dev/full", 7)],
)
def test_the_run_is_trained_and_recorded(options: str, redirection: str, expected: int, workplace: Workplace) -> None:
    workplace.write()
    code, _ = call(f"run experiment.yaml --set fit.epochs=1 {options}", redirection, workplace.folder)
    assert code == expected
    (directory,) = workplace.runs()
    assert json.loads((directory / "run.json").read_text())["status"] == "done"
    assert (directory / "model.keras").is_file()


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Workplace:
    workplace = Workplace(tmp_path_factory.mktemp("trained"))
    for _ in range(2):
        workplace.train(config=workplace.write("ok.yaml"), fit={"epochs": 1})
    (workplace.folder / "new.csv").write_text("a,b,c,d\n1,2,3,4\n")
    return workplace


@pytest.mark.tf
@pytest.mark.slow
@pytest.mark.parametrize(("number", "command"), [*enumerate(SLOW.values())], ids=SLOW)
def test_a_result_of_training_that_cannot_be_written(number: int, command: str, trained: Workplace) -> None:
    line = command.format(first=trained.runs()[0].name, epochs=3)
    code, told = call(line, FULL_OR_CLOSED[number % 2], trained.folder, trained.environ)
    assert (code, "Traceback" in told) == (7, False), told
    assert "error[output]: the result cannot be written: stdout" in told
    assert {json.loads((each / "run.json").read_text())["status"] for each in trained.runs()} == {"done"}
