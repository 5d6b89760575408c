"""Closed and full standard streams, for every command that a person may send there."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from workplace import Workplace

BAD = {"fit": {"epochs": 0}}
PRINTING = [
    "validate ok.yaml",
    "list",
    "list layers",
    "describe Dense",
    "explain ok.yaml",
    "schema",
    "runs",
    "runs --json",
]
PRINTING += ["runs show 20260101", "--help", "--version", "validate bad.yaml --json"]
PRINTING += ["validate bad.yaml --format jsonl", "explain ok.yaml fit.epochs"]
SILENT = {"validate bad.yaml": 3, "validate none.yaml": 2, "validate ok.yaml --format quiet": 0, "run bad.yaml": 3}
SILENT |= {"run bad.yaml --format rich": 3, "resume none": 7, "--nonsense": 2, "describe Nothing": 2}


@pytest.fixture(scope="module")
def place(shared_workplace: Workplace) -> Path:
    shared_workplace.write("ok.yaml")
    shared_workplace.write("bad.yaml", **BAD)
    folder = shared_workplace.folder / "runs" / "small" / "20260101-000000-abcdef"
    folder.mkdir(parents=True)
    (folder / "run.json").write_text(json.dumps({"run_id": folder.name, "status": "done", "exit_code": 0}))
    return shared_workplace.folder


def call(command: str, redirection: str, folder: Path) -> tuple[int, str]:
    line = f"exec '{sys.executable}' -m trainctl {command} {redirection}"
    ended = subprocess.run(["bash", "-c", line], cwd=folder, capture_output=True, text=True, check=False)
    return ended.returncode, ended.stderr


@pytest.mark.parametrize(("number", "command"), [*enumerate(PRINTING)])
def test_a_result_that_cannot_be_written(number: int, command: str, place: Path) -> None:
    code, told = call(command, (">&-", ">/dev/full")[number % 2], place)
    assert (code, "Traceback" in told) == (7, False), told
    assert "error[output]: the result cannot be written: stdout" in told


@pytest.mark.parametrize(("command", "expected"), [*SILENT.items()])
def test_nothing_else_changes(command: str, expected: int, place: Path) -> None:
    for redirection in (">/dev/full 2>/dev/full", "<&- >&- 2>&-"):
        code, told = call(command, redirection, place)
        assert (code, "Traceback" in told) == (expected, False), (redirection, told)


def test_what_is_read_no_further_is_not_an_error(place: Path) -> None:
    assert call("list layers", "| head -1; exit ${PIPESTATUS[0]}", place) == (0, "")


@pytest.mark.tf
@pytest.mark.parametrize(
    ("options", "redirection", "expected"),
    [
        ("", ">&- 2>&-", 0),
        ("", ">/dev/full 2>/dev/full", 0),
        ("--json", ">/dev/full", 7),
        ("--format jsonl", ">/dev/full", 7),
    ],
)
def test_the_run_is_trained_and_recorded(options: str, redirection: str, expected: int, workplace: Workplace) -> None:
    workplace.write()
    code, _ = call(f"run experiment.yaml --set fit.epochs=1 {options}", redirection, workplace.folder)
    assert code == expected
    (directory,) = workplace.runs()
    assert json.loads((directory / "run.json").read_text())["status"] == "done"
    assert (directory / "model.keras").is_file()
