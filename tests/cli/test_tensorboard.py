"""`trainctl tensorboard` becomes TensorBoard, on the runs that are named."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from shelf import record
from workplace import Workplace


def test_tensorboard_takes_the_place_of_the_program(workplace: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    path = record(workplace.folder / "runs", "20260101-120000-aaaaaa")
    assert workplace.call("tensorboard").exit_code == 7
    (path / "tensorboard").mkdir()
    (path / "tensorboard" / "events.out.tfevents.1").touch()
    called: list[list[str]] = []
    monkeypatch.setattr(os, "execv", lambda _, words: called.append(words))
    assert workplace.call("tensorboard", "mnist", "--port", "0").exit_code == 0
    (words,) = called
    assert words[1:4] == ["-P", "-m", "tensorboard.main"]  # nothing of the working directory is run
    assert len(list(Path(words[words.index("--logdir") + 1]).iterdir())) == 1
