"""Runs that consist of several: each is done once, in order, and what ends one ends the whole."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Any

import pytest
from workplace import Workplace

from trainctl.config.load import load
from trainctl.errors import DataError, TrainingError
from trainctl.events import ChildFinished, ChildStarted, Event, Notice, RunFinished, RunStarted
from trainctl.jobs import folds, session
from trainctl.jobs.resume import resume
from trainctl.jobs.run import run
from trainctl.runs.ending import Outcome
from trainctl.runs.store import find_run


class Pretended:
    """Trainings that take no time: each writes a model, and ends as it is told to."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.ends: dict[str, BaseException] = {}

    def train(self, training: session.Training, directory: Any, emit: Any, stop: Any) -> Outcome:
        name = directory.path.name
        self.begun.append(name)
        emit(Notice(message="of every fold"))
        if name in self.ends:
            raise self.ends.pop(name)
        directory.model.write_bytes(b"model")
        return Outcome(2, {"loss": float(name), "test_loss": 2 * float(name)}, 2, weights=name)


@pytest.fixture
def pretended(monkeypatch: pytest.MonkeyPatch) -> Pretended:
    trainings = Pretended()
    monkeypatch.setattr(session.Training, "__call__", lambda *arguments: trainings.train(*arguments))
    monkeypatch.setattr(folds, "conclude", lambda directory, *_: directory.history_plot.write_bytes(b"plot"))
    return trainings


@pytest.fixture
def config(workplace: Workplace) -> str:
    return str(workplace.write(data={"source": "Iris", "validation_split": 0.2, "folds": 3}))


def record(place: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((place / "run.json").read_text())
    return found


def test_the_whole_has_the_means(workplace: Workplace, pretended: Pretended, config: str) -> None:
    events: list[Event] = []
    finished = run(load(config), workplace.folder / "runs", events.append).finished
    assert (finished.status, pretended.begun) == ("done", ["1", "2", "3"])
    assert (finished.metrics, finished.epochs, finished.kept_epoch) == ({"loss": 2.0, "test_loss": 4.0}, 6, None)
    kept = record(workplace.folder / finished.directory)["folds"]
    assert kept["metrics"]["loss"] == {"mean": 2.0, "deviation": 1.0, "values": [1.0, 2.0, 3.0]}
    assert finished.as_dict()["folds"]["metrics"]["loss"]["values"] == (1.0, 2.0, 3.0)
    assert sum(isinstance(each, RunStarted | RunFinished) for each in events) == 2, "those of the whole alone"
    assert [each.name for each in events if isinstance(each, ChildStarted)] == ["1", "2", "3"]
    assert [each.run.status for each in events if isinstance(each, ChildFinished)] == ["done"] * 3
    assert sum(isinstance(each, Notice) for each in events) == 1, "what each of them says is shown once"


def test_a_failure_is_named_and_ends_the_whole(workplace: Workplace, pretended: Pretended, config: str) -> None:
    pretended.ends["2"] = TrainingError("out of memory", hint="buy more")
    ended = run(load(config), workplace.folder / "runs", lambda _: None)
    assert (ended.finished.exit_code, ended.finished.message) == (6, "fold 2: out of memory")
    assert pretended.begun == ["1", "2"]
    kept = record(workplace.folder / ended.finished.directory)
    assert [each["status"] for each in kept["folds"]["runs"]] == ["done", "failed"]
    assert kept["folds"]["metrics"]["loss"]["values"] == [1.0]
    assert ended.finished.resume is not None


def test_resume_goes_on_with_the_one_that_was_interrupted(
    workplace: Workplace, pretended: Pretended, config: str
) -> None:
    pretended.ends["2"] = KeyboardInterrupt()
    first = run(load(config), workplace.folder / "runs", lambda _: None).finished
    assert (first.status, first.exit_code) == ("interrupted", 130)
    found = find_run(workplace.folder / "runs", "latest")
    again = resume(found, lambda _: None, runs_dir=workplace.folder / "runs").finished
    assert (again.status, again.run_id) == ("done", first.run_id)
    assert pretended.begun == ["1", "2", "2", "3"]
    assert record(found.directory.path)["folds"]["metrics"]["loss"]["values"] == [1.0, 2.0, 3.0]


def test_what_a_kill_left_of_one_that_had_not_begun_is_made_anew(
    workplace: Workplace, pretended: Pretended, config: str
) -> None:
    pretended.ends["2"] = KeyboardInterrupt()
    run(load(config), workplace.folder / "runs", lambda _: None)
    found = find_run(workplace.folder / "runs", "latest")
    (found.directory.child("folds", "2").record).unlink()
    (found.directory.child("folds", "2").path / "half").write_text("")
    assert resume(found, lambda _: None, runs_dir=workplace.folder / "runs").finished.status == "done"
    assert not (found.directory.child("folds", "2").path / "half").exists()


def test_a_signal_while_the_end_of_one_is_written_is_heeded_before_the_next(
    workplace: Workplace, pretended: Pretended, config: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from trainctl.runs.recorder import Recorder

    finish = Recorder.finish

    def interrupted(recorder: Recorder, event: RunFinished) -> None:
        if recorder.directory.path.name == "1":
            signal.raise_signal(signal.SIGTERM)
        finish(recorder, event)

    monkeypatch.setattr(Recorder, "finish", interrupted)
    finished = run(load(config), workplace.folder / "runs", lambda _: None).finished
    assert (finished.status, finished.exit_code) == ("terminated", 143)
    assert pretended.begun == ["1"]


def test_an_error_that_is_no_ones_keeps_its_words(workplace: Workplace, pretended: Pretended, config: str) -> None:
    pretended.ends["1"] = DataError("no such file")
    ended = run(load(config), workplace.folder / "runs", lambda _: None)
    assert ended.finished.exit_code == 4
    assert str(ended.error) == "fold 1: no such file"
