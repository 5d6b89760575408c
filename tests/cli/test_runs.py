"""`trainctl runs` and `runs show`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from shelf import record, three
from workplace import Workplace

from trainctl.cli import runs
from trainctl.runs.layout import RunDirectory
from trainctl.runs.notes import Notes, write_notes
from trainctl.runs.store import Run


@pytest.fixture
def recorded(workplace: Workplace) -> Workplace:
    """Two runs: one that is done, one whose process is gone."""
    write(
        workplace,
        "20260101-120000-aaaaaa",
        status="done",
        exit_code=0,
        metrics={"loss": 0.25, "val_loss": None},
        kept_epoch=1,
        expectations=[
            "✓ loss < 1: 0.25",  # as version 0.1.0 recorded it
            {"metric": "val_loss", "op": "<", "bound": 1, "value": None, "met": False},
        ],
        overrides=["fit.epochs=1"],
    )
    write(workplace, "20260102-120000-bbbbbb", status="running", exit_code=None, pid=None)
    return workplace


def write(workplace: Workplace, run_id: str, **facts: Any) -> Path:
    import socket

    path = workplace.folder / "runs" / "small" / run_id
    path.mkdir(parents=True)
    record = {"run_id": run_id, "name": "small", "host": socket.gethostname(), "started": run_id, **facts}
    (path / "run.json").write_text(json.dumps(record))
    (path / "metrics.jsonl").write_text('{"epoch": 1, "loss": 0.25, "val_loss": null}\n{"epoch": 2, "lo')
    return path


def test_the_list_is_newest_first(recorded: Workplace) -> None:
    ended = recorded.call("runs")
    assert [line.split()[:3] for line in ended.stdout.splitlines()[1:]] == [
        ["20260102-120000-bbbbbb", "small", "died"],
        ["20260101-120000-aaaaaa", "small", "done"],
    ]
    heads, _, second = (line.split() for line in ended.stdout.splitlines())
    assert second[heads.index("val_loss")] == "nan"
    assert "\x1b" not in ended.stdout


def test_the_list_as_json(recorded: Workplace) -> None:
    runs = json.loads(recorded.call("runs", "--json").stdout)
    assert [(run["run_id"], run["status"]) for run in runs] == [
        ("20260102-120000-bbbbbb", "died"),
        ("20260101-120000-aaaaaa", "done"),
    ]


def test_no_runs_are_no_error(workplace: Workplace) -> None:
    ended = workplace.call("runs")
    assert (ended.exit_code, ended.stdout, ended.stderr) == (0, "", "no runs in runs\n")
    assert workplace.call("runs", "--json").stdout == "[]\n"


@pytest.mark.parametrize("name", ["20260101-120000-aaaaaa", "20260101", "runs/small/20260101-120000-aaaaaa"])
def test_show_tells_settings_course_and_result(recorded: Workplace, name: str) -> None:
    shown = recorded.call("runs", "show", name).stdout
    lines = [line.split(maxsplit=1) for line in shown.split("\n\n")[0].splitlines()]
    facts = dict(lines)
    assert facts["status"] == "done, exit code 0"
    assert facts["overrides"] == "fit.epochs=1"
    expected = [value for key, value in lines if key == "expect"]
    assert expected == ["✓ loss < 1: 0.25", "✗ val_loss was not measured, expected < 1"]
    assert [line.split() for line in shown.split("\n\n")[1].splitlines()] == [
        ["epoch", "loss", "val_loss"],
        ["1", "0.2500", "nan"],
    ]


def test_show_names_the_columns_without_room(recorded: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    line = {"epoch": 1, "loss": 0.5, "mae": 0.5, "val_loss": 0.5, "seconds": 1.0}
    monkeypatch.setattr(Run, "history", lambda run: [line])
    monkeypatch.setattr(runs, "whole_table", lambda keys, rows, droppable, wide: droppable)
    assert recorded.call("runs", "show", "20260101").stderr == "\nnot shown: seconds, mae; see --json\n"


def test_show_latest_died(recorded: Workplace) -> None:
    shown = json.loads(recorded.call("runs", "show", "latest", "--json").stdout)
    assert (shown["run_id"], shown["status"]) == ("20260102-120000-bbbbbb", "died")
    assert shown["history"] == [{"epoch": 1, "loss": 0.25, "val_loss": None}]


def test_another_runs_dir_before_and_after_the_word(recorded: Workplace) -> None:
    (recorded.folder / "runs").rename(recorded.folder / "others")
    assert recorded.call("runs", "show", "small").exit_code == 7
    assert recorded.call("runs", "--runs-dir", "others", "show", "small").exit_code == 0
    assert recorded.call("runs", "show", "small", "--runs-dir", "others").exit_code == 0


def test_a_selection_as_csv_and_json(workplace: Workplace) -> None:
    three(workplace.folder / "runs")
    chosen = ("--where", "val_accuracy > 0.9", "--columns", "run,val_loss,duration")
    assert workplace.call("runs", "--csv", *chosen).stdout == "run,val_loss,duration\n20260102-120000-bbbbbb,0.2,\n"
    assert [run["tags"] for run in json.loads(workplace.call("runs", "--json", "--tag", "paper").stdout)] == [["paper"]]
    assert workplace.call("runs", "--name", "iris").stderr == "none of 3 runs is selected\n"
    write_notes(RunDirectory(workplace.folder / "runs/mnist/20260102-120000-bbbbbb"), Notes(note="\x1b[2J"))
    assert "\x1b" not in workplace.call("runs", "--csv").stdout


def test_a_baseline_is_a_column_to_show_and_to_sort_by(workplace: Workplace) -> None:
    for number, value in enumerate((0.7, 0.9), start=1):
        baseline = {"val_accuracy": {"majority": 0.5, "gradient_boosting": value}}
        record(
            workplace.folder / "runs",
            f"2026010{number}-120000-aaaaaa",
            metrics={"val_accuracy": 0.8},
            baseline=baseline,
        )
    key = "val_accuracy.gradient_boosting"
    ended = workplace.call("runs", "--csv", "--columns", key, "--sort", key, "--where", "val_accuracy.majority < 0.6")
    assert ended.stdout == f"{key}\n0.9\n0.7\n"
    assert key in workplace.call("runs", "--wide").stdout.splitlines()[0]


@pytest.mark.parametrize(
    "words",
    [
        ("--where", "val_los > 1"),
        ("--status", "finished"),
        ("--since", "soon"),
        ("--columns", "nothing"),
        ("--csv", "--json"),
        ("--limit", "0"),
        ("--name", "mnist", "show", "latest"),
    ],
)
def test_wrong_selections_are_refused(workplace: Workplace, words: tuple[str, ...]) -> None:
    three(workplace.folder / "runs")
    assert workplace.call("runs", *words).exit_code == 2
