"""A run.json of any shape: read, or refused in words; whatever stands in any field of it."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from workplace import Workplace

from trainctl.cli import runs
from trainctl.cli.run_table import row
from trainctl.components.data_schema import DataSchema
from trainctl.config.load import load
from trainctl.data.predictions import Predictions
from trainctl.errors import RunDirError, TrainctlError
from trainctl.events import ignore
from trainctl.jobs import session
from trainctl.jobs.evaluate import evaluate
from trainctl.jobs.fork import fork
from trainctl.jobs.predict import predict_inputs
from trainctl.jobs.reproduce import reproduce
from trainctl.jobs.resume import resume
from trainctl.jobs.run import begin
from trainctl.runs.ending import Outcome
from trainctl.runs.record_shape import problems
from trainctl.runs.selection import FACTS, metrics_of
from trainctl.runs.store import all_runs, find_run
from trainctl.strict_json import to_json

VALUES = (
    None,
    3,
    -1,
    1.5,
    10**40,
    "x",
    "",
    [],
    [3],
    [None],
    {},
    {"a": 1},
    {"a": None},
    True,
    [[]],
    "2026-01-01T00:00:00Z",
)

MORE = {
    "data": {
        "source": "Iris",
        "stand_in_for": None,
        "fingerprint": "ab",
        "class_names": ["a"],
        "num_classes": 1,
        "details": {"columns": {"age": {"kind": "number", "missing": 0}}},
    },
    "recoveries": [{"diverged_in": 1}],
    "forked_from": {"run_id": "a", "directory": "b", "place": "c"},
    "expectations": ["✓ loss < 1: 0.5", {"metric": "loss", "op": "<", "bound": 1, "value": None, "met": False}],
    "error": {"message": "NaN", "hint": None},
    "metrics": {"loss": 0.5, "val_loss": None},
    "variables": {"A": "1"},
}


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    for key, each in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from places(each, (*path, key))


def changed(record: dict[str, Any], path: tuple[Any, ...], value: Any) -> dict[str, Any]:
    record = copy.deepcopy(record)
    owner: Any = record
    for key in path[:-1]:
        owner = owner[key]
    owner[path[-1]] = value
    return record


@pytest.fixture
def recorded(workplace: Workplace, monkeypatch: pytest.MonkeyPatch) -> tuple[Workplace, Path]:
    monkeypatch.setattr("trainctl.ui.history_plot.write_history_plot", lambda *_: None)
    monkeypatch.setattr(session.Training, "__call__", lambda *_: Outcome(2, {"loss": 0.5}, 2))
    ended = begin(load(str(workplace.write())), workplace.folder / "runs", ignore)
    return workplace, Path(ended.finished.directory)


def test_whatever_stands_in_it(recorded: tuple[Workplace, Path]) -> None:
    workplace, directory = recorded
    file = directory / "run.json"
    whole = {**json.loads(file.read_text()), **MORE, "status": "died"}
    assert list(problems(whole)) == []
    refused, keys = 0, [*FACTS, *metrics_of(find_run(workplace.folder / "runs", str(directory)))]
    for number, path in enumerate(places(whole)):
        for value in VALUES[number % 3 :: 3]:
            file.write_text(json.dumps(changed(whole, path, value)))
            try:
                run = find_run(workplace.folder / "runs", str(directory))
            except RunDirError:
                refused += 1
                continue
            shown = dict(runs.describe_run(run))
            assert shown["run"] == directory.name
            assert to_json(run.as_dict())
            assert all(
                isinstance(cell, str) for each in all_runs(workplace.folder / "runs") for cell in row(each, keys)
            )
    assert refused > 50
    file.write_text(json.dumps(changed(whole, ("metrics",), 3)))
    ended = workplace.call("runs", "show", str(directory))
    assert ended.exit_code == 7
    assert "metrics must be a mapping, got an integer" in ended.stderr


def test_going_on_with_it(recorded: tuple[Workplace, Path]) -> None:
    _, directory = recorded
    file = directory / "run.json"
    whole = {**json.loads(file.read_text()), **MORE, "status": "died", "given_data": None}
    for number, path in enumerate(places(whole)):
        for value in VALUES[number % 5 :: 5]:
            file.write_text(json.dumps(changed(whole, path, value)))
            try:
                run = find_run(directory.parents[1], str(directory))
                ended = [resume(run, ignore), fork(run, "other", ignore, runs_dir=directory.parents[1])]
            except TrainctlError:
                continue  # in words; any other exception is a bug
            assert 1 not in {each.finished.exit_code for each in ended}, (path, value, ended)


def test_using_what_was_trained(recorded: tuple[Workplace, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """TensorFlow's half of `evaluate` and `predict` is pretended; what they read of the record is not."""

    def predict(_loaded: Any, _directory: Any, data: Any, *_: Any) -> Predictions:
        DataSchema.from_record(data)
        return Predictions((), None, ())

    found = SimpleNamespace(
        split="test", samples=1, metrics={"loss": 0.5}, data_changed=False, quality={}, baseline={}, images=None
    )
    evaluation = SimpleNamespace(Asked=lambda *_: None, PREFIXES={"test": "test_"}, evaluate=lambda *_: found)
    models = SimpleNamespace(evaluation=evaluation, prediction=SimpleNamespace(predict=predict))
    for job in ("evaluate", "predict"):
        monkeypatch.setattr(f"trainctl.jobs.{job}.trained_models", lambda: models)
    workplace, directory = recorded
    file, runs_dir = directory / "run.json", directory.parents[1]
    whole = {**json.loads(file.read_text()), **MORE, "status": "done", "weights": "ab", "given_data": None}
    whole |= {"forked_from": None, "data": {**MORE["data"], "schema": asdict(DataSchema())}}
    commands = (
        lambda run: evaluate(run, None, (), runs_dir),
        lambda run: predict_inputs(run, workplace.folder / "new.npy", (), runs_dir),
        lambda run: reproduce(run, ignore, (), runs_dir),
    )
    (workplace.folder / "new.npy").touch()
    (directory / "model.keras").touch()
    refused = 0
    for number, path in enumerate(places(whole)):
        for value in VALUES[number % 9 :: 9]:
            file.write_text(json.dumps(changed(whole, path, value)))
            for command in commands:
                try:
                    command(find_run(runs_dir, str(directory)))
                except TrainctlError as error:
                    refused += error.exit_code == 7 and bool(error.message)
    assert refused > 50


@pytest.mark.parametrize("command", [["evaluate"], ["predict"], ["resume"], ["runs", "show"], ["runs", "reproduce"]])
def test_a_damaged_record_ends_every_command_with_7(recorded: tuple[Workplace, Path], command: list[str]) -> None:
    workplace, directory = recorded
    file = directory / "run.json"
    record = json.loads(file.read_text())
    more = ["new.csv"] if command == ["predict"] else []
    for damaged in ({**record, "metrics": 3}, {**record, "sessions": [None]}, {**record, "data": []}, 3):
        file.write_text(json.dumps(damaged))
        ended = workplace.call(*command, str(directory), *more)
        assert (ended.exit_code, ended.stdout) == (7, ""), ended.stderr
        assert "run.json" in ended.stderr


def test_a_number_that_is_no_float() -> None:
    assert list(problems({"metrics": {"loss": 10**400}, "seed": 2**64})) == ["metrics.loss is larger than any number"]


@pytest.mark.parametrize("text", ["", "{", "[]", "3", '"x"', "null", "{}", "\0", "[" * 100_000])
def test_what_is_no_record(recorded: tuple[Workplace, Path], text: str) -> None:
    _, directory = recorded
    (directory / "run.json").write_text(text)
    with pytest.raises(RunDirError):
        find_run(directory.parents[1], str(directory))
