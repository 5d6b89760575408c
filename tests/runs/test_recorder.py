"""The recorder writes down every lasting event, and fails loudly where it cannot."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

from trainctl.events import EpochEnded, Progress, RunFinished, RunStarted
from trainctl.runs.directory import create, read_json_lines, release_reserve
from trainctl.runs.layout import RunDirectory
from trainctl.runs.recorder import Recorder, environment


@pytest.fixture
def directory(tmp_path: Path) -> RunDirectory:
    return create(tmp_path, "x")


STARTED = RunStarted(name="x", run_id="i", directory="d", config="x.yaml", seed=1, epochs=2, overrides=("a=1",))
FINISHED = RunFinished(status="done", exit_code=0, epochs=1, seconds=1.23456, directory="d", metrics={"loss": 0.5})


def epoch(number: int, **metrics: float) -> EpochEnded:
    return EpochEnded(epoch=number, epochs=2, metrics=metrics, learning_rate=0.1, seconds=0.12345, steps=3)


def record_of(directory: RunDirectory) -> dict[str, Any]:
    return json.loads(directory.record.read_text())


def test_run_json_says_running_from_the_start(directory: RunDirectory) -> None:
    Recorder(directory)(STARTED)
    record = record_of(directory)
    assert (record["status"], record["exit_code"]) == ("running", None)
    assert (record["name"], record["seed"], record["overrides"]) == ("x", 1, ["a=1"])
    assert {"pid", "host", "versions", "platform", "git", "started"} <= record.keys()


def test_a_line_an_epoch_with_null_for_nan(directory: RunDirectory) -> None:
    recorder = Recorder(directory)
    recorder(epoch(1, loss=math.nan, val_loss=0.25))
    recorder(epoch(2, loss=0.5))
    first, second = read_json_lines(directory.metrics)
    assert list(first.items()) == [
        ("epoch", 1),
        ("loss", None),
        ("val_loss", 0.25),
        ("learning_rate", 0.1),
        ("seconds", 0.123),
    ]
    assert second["epoch"] == 2


def test_events_have_a_schema_and_passing_ones_are_left_out(directory: RunDirectory) -> None:
    recorder = Recorder(directory)
    for event in (STARTED, Progress(epoch=1, step=1, steps=2), epoch(1, loss=1.0)):
        recorder(event)
    recorder.finish(FINISHED)
    events = read_json_lines(directory.events)
    assert [event["event"] for event in events] == ["RunStarted", "EpochEnded", "RunFinished"]
    assert {event["schema"] for event in events} == {2}
    assert all(event["time"].endswith("Z") for event in events)


def test_the_last_words_give_the_space_back(directory: RunDirectory) -> None:
    recorder = Recorder(directory)
    recorder(STARTED)
    recorder.finish(FINISHED)
    record = record_of(directory)
    assert (record["status"], record["exit_code"], record["seconds"]) == ("done", 0, 1.235)
    assert sorted(path.name for path in directory.path.iterdir()) == ["events.jsonl", "run.json"]


def test_a_run_that_cannot_be_recorded_does_not_go_on(directory: RunDirectory) -> None:
    recorder = Recorder(directory)
    release_reserve(directory)
    directory.path.rmdir()
    with pytest.raises(FileNotFoundError):
        recorder(STARTED)


def test_the_commit_is_known_only_in_a_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert environment()["git"] is None
