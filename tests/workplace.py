"""A place to run trainctl in, as a person does: a folder, a small experiment, what came out on the streams and on disk."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

SMALL: Mapping[str, Any] = {
    "name": "small",
    "seed": 7,
    "data": {"source": "Iris", "validation_split": 0.2, "batch_size": 16},
    "model": {
        "layers": [
            {"Dense": {"units": 8, "activation": "relu"}},
            {"Dense": {"units": 3, "activation": "softmax"}},
        ]
    },
    "compile": {
        "optimizer": {"Adam": {"learning_rate": 0.01}},
        "loss": "sparse_categorical_crossentropy",
        "metrics": ["accuracy"],
    },
    "fit": {"epochs": 2},
}
"""Iris: 120 samples to train on in 8 steps, 30 to validate on."""


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    exit_code: int
    stdout: str
    stderr: str


@dataclass(frozen=True)
class Trained(Ended):
    """How a run ended, and its directory."""

    directory: Path

    @property
    def record(self) -> dict[str, Any]:
        return json.loads((self.directory / "run.json").read_text())

    @property
    def history(self) -> list[dict[str, Any]]:
        return self.lines("metrics.jsonl")

    @property
    def events(self) -> list[dict[str, Any]]:
        return self.lines("events.jsonl")

    def lines(self, name: str) -> list[dict[str, Any]]:
        """The lines of a JSON-lines file, each of them whole; none where there is no file."""
        path = self.directory / name
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def notices(self, callback: str) -> list[str]:
        told = [event for event in self.events if event["event"] == "CallbackNotice"]
        return [event["message"] for event in told if event["callback"] == callback]


class Started(subprocess.Popen[str]):
    """A process that does not outlive the test that started it, whatever a run was asked for."""

    def __exit__(self, *raised: Any) -> None:
        if any(raised):
            self.kill()
        super().__exit__(*raised)


class Workplace:
    """A working directory with caches of its own.

    Args:
        folder: The working directory.

    In this process a run draws no history.png, a fifth of what a small run costs, unless `draws` is set.
    """

    draws = False

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environ = {
            "KERAS_HOME": str(folder / "keras"),
            "XDG_CACHE_HOME": str(folder / "cache"),
            "XDG_STATE_HOME": str(folder / "state"),
            "XDG_CONFIG_HOME": str(folder / "settings"),
            "COLUMNS": "100",
        }

    def write(self, file: str = "experiment.yaml", **sections: Any) -> Path:
        """The small experiment as a file, with top-level keys replaced, or left out where None."""
        experiment = {key: value for key, value in {**SMALL, **sections}.items() if value is not None}
        path = self.folder / file
        path.write_text(json.dumps(experiment, indent=2))
        return path

    def call(self, *args: str) -> Ended:
        """Run the program in this process, with file descriptors of its own."""
        from trainctl.cli.app import app

        with ExitStack() as stack:
            stack.enter_context(mock.patch.dict(os.environ, self.environ))
            stack.enter_context(_in_folder(self.folder))
            if not self.draws:
                stack.enter_context(mock.patch("trainctl.jobs.session.write_history_plot", _write_no_plot))
            texts = stack.enter_context(_streams(self.folder))
            try:
                app([str(arg) for arg in args], prog_name="trainctl")
                code: Any = 0
            except SystemExit as end:
                code = end.code or 0
        return Ended(int(code), *texts)

    def train(self, *args: str, exit_code: int = 0, config: str | Path | None = None, **sections: Any) -> Trained:
        """Run the small experiment, changed by `sections`, and look at how the run ended."""
        before = set(self.runs())
        ended = self.call("run", str(config or self.write(**sections)), *args)
        assert ended.exit_code == exit_code, ended.stderr
        (directory,) = set(self.runs()) - before
        return Trained(ended.exit_code, ended.stdout, ended.stderr, directory)

    def runs(self) -> list[Path]:
        """The run directories."""
        return sorted(self.folder.glob("runs/*/2*"))

    def start(self, *args: str) -> Started:
        """Run the program in a process of its own."""
        return Started(
            [sys.executable, "-m", "trainctl", *map(str, args)],
            cwd=self.folder,
            env={**os.environ, **self.environ},
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )


def _write_no_plot(_rows: object, path: Path, *_: object, **__: object) -> None:
    path.write_bytes(b"not drawn")


@contextmanager
def _in_folder(folder: Path) -> Iterator[None]:
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


@contextmanager
def _streams(folder: Path) -> Iterator[list[str]]:
    """File descriptors 1 and 2 lead to files while inside; the list holds what they got afterwards."""
    texts: list[str] = []
    files = [folder / ".stdout", folder / ".stderr"]
    kept = [(sys.stdout, os.dup(1)), (sys.stderr, os.dup(2))]
    for number, file in enumerate(files, start=1):
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(descriptor, number)
        os.close(descriptor)
    sys.stdout, sys.stderr = (open(number, "w", encoding="utf-8", closefd=False) for number in (1, 2))  # noqa: SIM115
    try:
        yield texts
    finally:
        sys.stdout.close()
        sys.stderr.close()
        (sys.stdout, out), (sys.stderr, err) = kept
        os.dup2(out, 1)
        os.dup2(err, 2)
        os.close(out)
        os.close(err)
        texts += [file.read_text(encoding="utf-8") for file in files]
        for file in files:
            file.unlink()
