"""Runs that are killed, signalled and resumed, in processes of their own; forks; and what is refused."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from samebits import EVERYTHING, bits, scalars
from workplace import Trained, Workplace

from trainctl.runs.store import find_run

pytestmark = pytest.mark.tf

STUMBLE = """
import os
import signal
from pathlib import Path

import trainctl

fallen = Path(__file__).with_suffix(".fallen")


@trainctl.function
def stumble(batch, logs):
    stumble.batches = getattr(stumble, "batches", 0) + 1
    if stumble.batches == 5 * 8 + 4 and not fallen.exists():
        fallen.touch()
        os.kill(os.getpid(), signal.SIGKILL)
"""
"""Kills the process once, in the sixth epoch."""

STOP = """
import signal
from pathlib import Path

import trainctl

wanted = Path(__file__).with_suffix(".wanted")


@trainctl.function
def stop_if_wanted(logs):
    if wanted.exists():
        wanted.unlink()
        signal.raise_signal(signal.SIGINT)
"""
"""As by Ctrl-C before the first step, once, where a file asks for it."""

EXAMPLE = Path(__file__).parents[2] / "configs" / "callbacks" / "batch_metrics.py"
LONG = {"fit": {"epochs": 10_000}, "data": {"source": "Iris", "validation_split": 0.5, "batch_size": 2}}


def ended(process: subprocess.Popen[str], workplace: Workplace) -> Trained:
    stdout, stderr = process.communicate(timeout=120)
    return Trained(process.returncode, stdout, stderr, workplace.runs()[0])


def wait_for(workplace: Workplace, process: subprocess.Popen[str], text: str, count: int = 1) -> Path:
    """Until events.jsonl of the only run holds `text` so many times, or the process has ended."""
    while True:
        for directory in workplace.runs():
            events = directory / "events.jsonl"
            if process.poll() is not None or (events.is_file() and events.read_text().count(text) >= count):
                return directory
        time.sleep(0.01)


@pytest.mark.slow
@pytest.mark.parametrize(
    "execution", [{}, {"steps_per_execution": 5, "snapshot": {"every_steps": 10}}], ids=["by epoch", "by step"]
)
def test_killed_runs_end_with_the_same_bits(tmp_path: Path, execution: dict[str, Any]) -> None:
    data = {**EVERYTHING["data"], "limit": 480}
    sections = {**EVERYTHING, "data": data, "fit": {"epochs": 6}, "execution": execution}
    dice = random.Random(len(execution))
    places = [Workplace(tmp_path / name) for name in ("alone", "killed")]
    for place in places:
        place.folder.mkdir()
    expected = bits(places[0].train(**sections).directory)

    workplace, command = places[1], ["run", str(places[1].write(**sections))]
    for kills in (2, 4):
        process = workplace.start(*command)
        directory = wait_for(workplace, process, '"EpochEnded"', kills)
        time.sleep(dice.uniform(0, 0.5))
        process.kill()
        process.communicate()
        if json.loads((directory / "run.json").read_text())["status"] != "done":
            assert find_run(workplace.folder, str(directory)).status == "died"
            command = ["resume", str(directory)]
    run = ended(workplace.start(*command), workplace)
    assert run.exit_code == 0, run.stderr
    assert bits(run.directory) == expected


@pytest.mark.slow
def test_what_a_killed_run_wrote_elsewhere_is_cut_back_too(workplace: Workplace) -> None:
    board, log = workplace.folder / "board", workplace.folder / "log.csv"
    callbacks = [
        {"TensorBoard": {"log_dir": str(board), "write_graph": False}},
        {"CSVLogger": {"filename": str(log)}},
        {"LambdaCallback": {"on_train_batch_begin": "stumble"}},
    ]
    module = workplace.folder / "mine.py"
    module.write_text(STUMBLE)
    stranger = board / "train" / "events.out.tfevents.1700000000.elsewhere.1.0.v2"
    stranger.parent.mkdir(parents=True)
    stranger.write_text("another run's")
    execution = {"snapshot": {"every_epochs": 3}}
    config = workplace.write(callbacks=callbacks, fit={"epochs": 6}, execution=execution)
    process = workplace.start("run", str(config), "--import", str(module))
    process.communicate(timeout=120)
    assert process.returncode == -signal.SIGKILL
    assert len(log.read_text().splitlines()) == 1 + 5  # two more than the snapshot knows

    (directory,) = workplace.runs()
    run = ended(workplace.start("resume", str(directory)), workplace)
    assert run.exit_code == 0, run.stderr
    assert [line.split(",")[0] for line in log.read_text().splitlines()] == ["epoch", *"012345"]
    steps = [step for folder, tag, step, _ in scalars(board, stranger) if (folder, tag) == ("train", "epoch_loss")]
    assert steps == [0, 1, 2, 3, 4, 5]
    assert stranger.read_text() == "another run's"


@pytest.mark.slow
def test_a_growing_file_of_a_callback_of_ones_own_is_cut_back_and_added_to(workplace: Workplace) -> None:
    module = workplace.folder / "mine.py"
    module.write_text(STUMBLE)
    imports = ["--import", str(module), "--import", str(EXAMPLE)]
    config = workplace.write(
        callbacks=[
            {"BatchMetrics": {"filename": "deep/batches.csv", "every": 2}},
            {"LambdaCallback": {"on_train_batch_begin": "stumble"}},
        ],
        fit={"epochs": 7},
        execution={"snapshot": {"every_steps": 9}},
    )
    workplace.start("run", str(config), *imports).communicate(timeout=120)
    (killed,) = workplace.runs()
    path = killed / "deep" / "batches.csv"
    before = path.read_text()
    assert workplace.call("resume", str(killed)).exit_code == 0
    straight = workplace.train(*imports, config=config)
    expected = (straight.directory / "deep" / "batches.csv").read_text()
    assert len(expected.splitlines()) == 1 + 7 * 4
    assert path.read_text() == expected
    assert expected.startswith(before)


@pytest.mark.slow
def test_a_signal_ends_a_run_that_then_goes_on(workplace: Workplace) -> None:
    process = workplace.start("run", str(workplace.write(**LONG)))
    wait_for(workplace, process, '"EpochEnded"', 2)
    process.send_signal(signal.SIGTERM)
    run = ended(process, workplace)
    assert run.exit_code == 143
    command = f"trainctl resume runs/small/{run.directory.name}"
    assert f"  resume: {command}" in run.stderr.splitlines()
    assert run.record["status"] == "terminated"
    done = len(run.history)

    process = workplace.start(*command.split()[1:], "--set", f"fit.epochs={done + 2}")
    again = ended(process, workplace)
    assert again.exit_code == 0, again.stderr
    assert [line["epoch"] for line in again.history] == list(range(1, done + 3))
    assert [session["status"] for session in again.record["sessions"]] == ["terminated", "done"]


def test_a_signal_before_the_first_step(workplace: Workplace) -> None:
    with workplace.start("run", str(workplace.write(**LONG))) as process:
        wait_for(workplace, process, "loading data")
        process.send_signal(signal.SIGINT)
        run = ended(process, workplace)
    assert (run.exit_code, run.record["status"], run.history) == (130, "interrupted", [])
    assert "resume: trainctl resume runs/small/" in run.stderr


def test_the_second_signal_does_no_damage(workplace: Workplace) -> None:
    with workplace.start("run", str(workplace.write(**LONG))) as process:
        directory = wait_for(workplace, process, '"EpochEnded"', 2)
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
    assert process.returncode in {130, 143}
    found = find_run(workplace.folder, str(directory))
    assert found.status in {"interrupted", "died"}
    assert all(not path.name.endswith(".tmp") for path in directory.rglob("*"))


def test_train_longer_is_as_if_it_had_been_asked_for_at_once(workplace: Workplace) -> None:
    long, short = workplace.train(fit={"epochs": 4}), workplace.train(fit={"epochs": 2})
    ended = workplace.call("resume", str(short.directory), "--set", "fit.epochs=4", "--json")
    assert ended.exit_code == 0, ended.stderr
    assert short.record["weights"] == long.record["weights"]
    assert json.loads(ended.stdout)["metrics"] == long.record["metrics"]
    refused = workplace.call("resume", "small")
    assert refused.exit_code == 7
    assert "is done: it trained 4 epochs" in refused.stderr


def test_a_fork_leaves_the_other_as_it_is(workplace: Workplace) -> None:
    run = workplace.train()
    ended = workplace.call(
        "resume", "small", "--fork", "slower", "-s", "fit.epochs=3", "-s", "compile.optimizer.learning_rate=0.001"
    )
    assert ended.exit_code == 0, ended.stderr
    (forked,) = workplace.folder.glob("runs/slower/2*")
    lines = [json.loads(line) for line in (forked / "metrics.jsonl").read_text().splitlines()]
    assert [line["learning_rate"] for line in lines] == pytest.approx([0.01, 0.01, 0.001])
    assert lines[:2] == run.history
    assert run.record["epochs_run"] == 2


def test_a_fork_stopped_before_its_first_step_keeps_what_was_trained(workplace: Workplace) -> None:
    module = workplace.folder / "mine.py"
    module.write_text(STOP)
    callbacks = [{"LambdaCallback": {"on_train_begin": "stop_if_wanted"}}, {"CSVLogger": {"filename": "log.csv"}}]
    workplace.train("--import", str(module), callbacks=callbacks, execution={"recover": {"on": "nan"}})
    changes = ["-s", "fit.epochs=4", "-s", "data.batch_size=24", "-s", "compile.optimizer={SGD: {learning_rate: 0.1}}"]
    assert workplace.call("resume", "small", "--fork", "straight", *changes).exit_code == 0
    module.with_suffix(".wanted").touch()
    assert workplace.call("resume", "small", "--fork", "halted", *changes).exit_code == 130
    ended = workplace.call("resume", "halted")
    assert ended.exit_code == 0, ended.stderr

    straight, halted = (find_run(workplace.folder / "runs", name) for name in ("straight", "halted"))
    assert halted.record["weights"] == straight.record["weights"]
    assert [line["epoch"] for line in halted.history()] == [1, 2, 3, 4]
    log = [line.split(",")[0] for line in (halted.directory.path / "log.csv").read_text().splitlines()]
    assert log == ["epoch", "0", "1", "2", "3"]


def test_other_data_is_refused(workplace: Workplace) -> None:
    table = workplace.folder / "table.csv"
    rows = [f"{index},{index % 2}" for index in range(40)]
    table.write_text("\n".join(["a,label", *rows]))
    source = {"source": {"CSV": {"path": "table.csv", "label": "label"}}}
    run = workplace.train(data=source)
    table.write_text("\n".join(["a,label", *rows, "7,1"]))
    ended = workplace.call("resume", str(run.directory), "--set", "fit.epochs=3")
    assert ended.exit_code == 4
    assert "the data has changed since the run started: CSV now has 41 training samples, it had 40" in ended.stderr
    table.write_text("\n".join(["a,label", *rows[:-1], "40,1"]))
    ended = workplace.call("resume", str(run.directory), "--set", "fit.epochs=3")
    assert ended.exit_code == 4
    assert "CSV still has 40 training samples, but other values" in ended.stderr


def test_reproduced_to_the_bit(workplace: Workplace) -> None:
    run = workplace.train()
    ended = workplace.call("runs", "reproduce", run.directory.name)
    assert ended.exit_code == 0, ended.stderr
    assert ended.stdout == f"same bits: weights {run.record['weights']}, metrics of 2 epochs\n"
    assert len(workplace.runs()) == 2


def test_a_comparison_leaves_what_the_run_wrote_elsewhere(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = workplace.folder / "out"
    monkeypatch.setenv("OUT", str(out))
    callbacks = [
        {"ModelCheckpoint": {"filepath": str(out / "cp-{epoch}.keras")}},
        {"CSVLogger": {"filename": "${env:OUT}/log.csv"}},
        {"TensorBoard": {"log_dir": str(out / "board")}},
    ]
    run = workplace.train(callbacks=callbacks)

    def files(folder: Path) -> dict[str, tuple[bytes, int]]:
        found = (path for path in sorted(folder.rglob("*")) if path.is_file())
        return {str(path.relative_to(folder)): (path.read_bytes(), path.stat().st_mtime_ns) for path in found}

    before = files(out)
    assert {"cp-1.keras", "cp-2.keras", "log.csv"} < before.keys()
    ended = workplace.call("runs", "reproduce", run.directory.name)
    assert ended.exit_code == 0, ended.stderr
    assert files(out) == before
    (again,) = set(workplace.runs()) - {run.directory}
    assert {"cp-1.keras", "cp-2.keras", "log.csv"} < files(again / "elsewhere" / out.relative_to("/")).keys()
    assert "filename: elsewhere/${env:OUT}/log.csv" in (again / "resolved.yaml").read_text()

    refused = workplace.call("resume", run.directory.name, "--fork", "other", "-s", "fit.epochs=3")
    assert refused.exit_code == 7
    assert "would overwrite ${env:OUT}/cp-{epoch}.keras" in refused.stderr
    assert "--set callbacks.ModelCheckpoint.filepath=" in refused.stderr
    assert files(out) == before


def test_not_reproduced(workplace: Workplace) -> None:
    run = workplace.train()
    record = {**run.record, "weights": "0", "cpu_count": 999}
    (run.directory / "run.json").write_text(json.dumps(record))
    lines = run.history
    (run.directory / "metrics.jsonl").write_text("\n".join(map(json.dumps, [lines[0], {**lines[1], "loss": 9.0}])))
    ended = workplace.call("runs", "reproduce", run.directory.name)
    assert ended.exit_code == 8
    assert "not reproduced: loss of epoch 2 is " in ended.stderr
    assert "it was 9.0" in ended.stderr
    assert "environment: cpu_count 999 → " in ended.stderr
