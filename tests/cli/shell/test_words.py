"""What completion proposes, and that no name from a disk is more than text to a shell."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import surface
from workplace import Workplace

from trainctl.cli.shell.words import VARIABLE, answer, find_words

CONFIG = """
fit: {epochs: 3}
model:
  layers: [Flatten, {Dense: {units: 3, name: head}}]
compile:
  optimizer: {Adam: {learning_rate: 0.1}}
callbacks:
  - EarlyStopping: {patience: 3}
  - ModelCheckpoint: {filepath: a}
  - ModelCheckpoint: {filepath: b}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mnist.yaml").write_text(CONFIG)
    (tmp_path / "notes.txt").touch()
    (tmp_path / "configs").mkdir()
    for name in ("mnist/20260101-120000-a1b2c3", "iris/20260102-120000-d4e5f6"):
        (tmp_path / "runs" / name).mkdir(parents=True)
        (tmp_path / "runs" / name / "run.json").touch()
    return tmp_path


def test_the_commands_are_those_of_the_program() -> None:
    """`python tests/cli/surface.py` writes them anew."""
    assert json.loads(surface.COMPLETED.read_text(encoding="utf-8")) == json.loads(surface.completed())


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["ru"], "run runs"),
        (["runs", "re"], "remove reproduce"),
        (["run", "--max"], "--max-time --max-time-exit"),
        (["run", "m"], "mnist.yaml"),
        (["run", "c"], "configs/"),
        (["run", "mnist.yaml", "mn"], "mnist.yaml"),
        (["run", "--format", "j"], "jsonl"),
        (["run", "--format=j"], "--format=jsonl"),
        (["run", "--dry-run", "mn"], "mnist.yaml"),
        (["list", "lay"], "layers"),
        (["describe", "EarlySt"], "EarlyStopping"),
        (["describe", "Conv2DT"], "Conv2DTranspose"),
        (["describe", "data.validation_s"], "data.validation_split"),
        (["resume", "lat"], "latest"),
        (["evaluate", "mn"], "mnist"),
        (["runs", "show", "2026"], "20260102-120000-d4e5f6 20260101-120000-a1b2c3"),
        (["runs", "compare", "mnist", "ir"], "iris"),
        (["predict", "--runs-dir", "elsewhere", "lat"], ""),
        (["predict", "--runs-dir=elsewhere", "lat"], ""),
        (["init", "--runs-dir", "elsewhere", "--from=lat"], ""),
        (["explain", "--diff", "mn"], "mnist.yaml mnist"),
        (["evaluate", "latest", "--split", "t"], "train test"),
        (["export", "latest", "--to", "o"], "onnx openvino"),
        (["resume", "latest", "--fork", "Den"], ""),
        (["run", "mnist.yaml", "--set", "fit.epo"], "fit.epochs="),
        (["run", "mnist.yaml", "-s", "callbacks.E"], "callbacks.EarlyStopping.patience="),
        (["run", "mnist.yaml", "-s", "callbacks.M"], ""),
        (["run", "mnist.yaml", "-s", "callbacks.1"], "callbacks.1.filepath="),
        (["run", "mnist.yaml", "-s", "compile.optimizer."], "compile.optimizer.learning_rate="),
        (["run", "mnist.yaml", "-s", "model.layers.D"], "model.layers.Dense.units= model.layers.Dense.name="),
        (["explain", "mnist.yaml", "model.layers.D"], "model.layers.Dense.units model.layers.Dense.name"),
        (["init", "ti"], "timeseries"),
        (["completion", "z"], "zsh"),
        (["no-such-command", "x"], ""),
    ],
)
def test_words(folder: Path, words: list[str], found: str) -> None:
    assert list(find_words(words)) == found.split()


@pytest.mark.parametrize(
    ("words", "found"), [(["predict", "latest", ""], "files"), (["run", "--runs-dir", ""], "folders")]
)
def test_paths_are_left_to_the_shell(folder: Path, words: list[str], found: str) -> None:
    assert find_words(words) == found


@pytest.mark.parametrize("content", ["a: &a [*a]", "a: [", "\0", "- " * 5000, "x: !!python/name:os.system"])
def test_a_file_that_cannot_be_read_is_no_reason_to_interrupt(
    folder: Path, capsys: pytest.CaptureFixture[str], content: str
) -> None:
    (folder / "bad.yaml").write_text(content)
    answer("fish", ["run", "bad.yaml", "--set", "fit.epo"])
    captured = capsys.readouterr()
    assert captured.err == ""
    assert captured.out in {"", "words\n"} or "fit.epochs=" in captured.out


HOSTILE = [
    "$(touch pwned)",
    "`touch pwned`",
    "a b",
    "'q'",
    '"d"',
    "semi;touch pwned",
    "tab\there",
    "line\nbreak",
    "ünïcode",
    "~x",
]


def test_hostile_names_are_quoted_for_bash_or_left_out(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in HOSTILE:
        (folder / "runs" / name / "20260103-120000-a1b2c3").mkdir(parents=True)
        (folder / "runs" / name / "20260103-120000-a1b2c3" / "run.json").touch()
    answer("bash", ["evaluate", ""])
    quoted = capsys.readouterr().out.splitlines()[1:]
    assert set(HOSTILE[:6]) <= {word for line in quoted for word in shlex.split(line)}
    assert all(len(shlex.split(line)) == 1 for line in quoted)


@pytest.mark.parametrize(
    ("words", "proposed"),
    [
        (["run", "--format", "=", "js"], "jsonl"),
        (["run", "my\\ co"], "my\\ config.yaml"),
        (["run", '"my co'], "my config.yaml"),
        (["run", "'my co"], "my config.yaml"),
        (["run", "mnist.yaml", "--set", "=", "fit.epo"], "fit.epochs="),
    ],
)
def test_words_as_bash_passes_them(
    folder: Path, capsys: pytest.CaptureFixture[str], words: list[str], proposed: str
) -> None:
    (folder / "my config.yaml").touch()
    answer("bash", words)
    assert capsys.readouterr().out == f"words\n{proposed}\n"


def test_it_is_light(workplace: Workplace) -> None:
    """Neither a command nor a library for each press of the Tab key."""
    code = "import sys; from trainctl.__main__ import main; main(); print([*sys.modules], file=sys.stderr)"
    for words in (["ru"], ["describe", "Den"], ["resume", ""], ["run", "a.yaml", "--set", "fit."]):
        environ = {**workplace.environ, VARIABLE: "fish", "PATH": ""}
        done = subprocess.run(
            [sys.executable, "-c", code, *words], cwd=workplace.folder, env=environ, capture_output=True, text=True
        )
        loaded = set(done.stderr.translate(str.maketrans("", "", "[',]")).split())
        assert loaded & {"typer", "pydantic", "numpy", "keras", "tensorflow", "rich", "trainctl.cli.app"} == set()
        assert done.stdout.startswith("words\n")
