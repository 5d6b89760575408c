"""Cross-validation as a person uses it: a run for each fold, their results together, one model, and resuming after a kill."""

from __future__ import annotations

import csv
import json
import signal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from workplace import Trained, Workplace

pytestmark = pytest.mark.tf

PATIENTS = 12
TABLE = {
    "data": {
        "source": {"CSV": {"path": "table.csv", "label": "ill"}},
        "folds": {"k": 3, "by": "patient"},
        "validation_split": 0.25,
    },
    "model": {"layers": [{"Dense": {"units": 1, "activation": "sigmoid"}}]},
    "compile": {"loss": "binary_crossentropy", "metrics": ["accuracy"], "optimizer": "adam"},
}
FOLDS = {"data": {"source": "Iris", "validation_split": 0.2, "batch_size": 16, "folds": 3}}


def write_table(workplace: Workplace) -> None:
    """A table of patients from three towns, one of which only the last patient lives in."""
    rng = np.random.default_rng(0)
    lines = ["age,town,patient,ill"]
    for row in range(120):
        patient = row % PATIENTS
        town = "Ulm" if patient == PATIENTS - 1 else ("Bonn", "Kiel")[patient % 2]
        lines.append(f"{rng.normal(50, 9):.1f},{town},p{patient},{('no', 'yes')[int(rng.random() < 0.4)]}")
    (workplace.folder / "table.csv").write_text("\n".join(lines) + "\n")


def predictions(directory: Path) -> list[dict[str, str]]:
    with (directory / "predictions.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def fold_records(run: Trained) -> list[dict[str, Any]]:
    return [json.loads((run.directory / "folds" / str(each) / "run.json").read_text()) for each in (1, 2, 3)]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Workplace:
    workplace = Workplace(tmp_path_factory.mktemp("folds"))
    write_table(workplace)
    return workplace


@pytest.fixture(scope="module")
def run(place: Workplace) -> Trained:
    """A table in folds by patient, each with an encoder of its own."""
    return place.train("--json", **TABLE, expect={"test_accuracy": ">= 0.1"})


def test_the_record_has_mean_and_deviation_of_every_metric(run: Trained) -> None:
    folds = run.record["folds"]
    assert [each["name"] for each in folds["runs"]] == ["1", "2", "3"]
    records = fold_records(run)
    for metric, each in folds["metrics"].items():
        values = [record["metrics"][metric] for record in records]
        assert each["values"] == values
        assert each["mean"] == pytest.approx(np.mean(values))
        assert each["deviation"] == pytest.approx(np.std(values, ddof=1))
        assert run.record["metrics"][metric] == each["mean"]
    assert {"loss", "val_loss", "test_loss", "test_accuracy"} <= folds["metrics"].keys()
    assert run.record["expectations"][0]["value"] == folds["metrics"]["test_accuracy"]["mean"]
    assert all(not record["expectations"] for record in records), "what is expected is expected of the means"
    printed = json.loads(run.stdout)
    assert printed["folds"]["metrics"] == folds["metrics"]
    assert (printed["status"], printed["exit_code"]) == ("done", 0)


def test_each_row_is_predicted_once_by_a_model_that_has_not_seen_its_patient(run: Trained, place: Workplace) -> None:
    rows = predictions(run.directory)
    with (place.folder / "table.csv").open(newline="") as file:
        table = list(csv.DictReader(file))
    assert [int(each["row"]) for each in rows] == list(range(120))
    assert [each["label"] for each in rows] == [each["ill"] for each in table]
    fold_of: dict[str, set[str]] = {}
    for row, known in zip(rows, table, strict=True):
        fold_of.setdefault(known["patient"], set()).add(row["fold"])
    assert all(len(folds) == 1 for folds in fold_of.values())
    for fold, value in zip(("1", "2", "3"), run.record["folds"]["metrics"]["test_accuracy"]["values"], strict=True):
        right = [each["label"] == each["prediction"] for each in rows if each["fold"] == fold]
        assert np.mean(right) == pytest.approx(value)


def test_each_fold_is_a_run_of_its_own(run: Trained, place: Workplace) -> None:
    for number, record in enumerate(fold_records(run), start=1):
        directory = run.directory / "folds" / str(number)
        assert record["run_id"] == f"{run.directory.name}-folds-{number}"
        assert record["data"]["test_samples"] == 40
        assert {"model.keras", "inference.keras", "metrics.jsonl", "history.png"} <= {
            each.name for each in directory.iterdir()
        }
        shown = place.call("runs", "show", f"small/folds/{number}", "--json")
        assert json.loads(shown.stdout)["run_id"] == record["run_id"]
        assert json.loads(place.call("runs", "show", record["run_id"], "--json").stdout)["run_id"] == record["run_id"]
    assert "it has 1, 2 and 3" in place.call("runs", "show", "latest/folds/4").stderr
    (listed,) = json.loads(place.call("runs", "--json").stdout)
    assert listed["run_id"] == run.directory.name


def test_runs_show_has_a_line_for_each_fold(run: Trained, place: Workplace) -> None:
    shown = place.call("runs", "show", "latest").stdout
    mean = run.record["folds"]["metrics"]["test_accuracy"]
    assert f"test_accuracy {mean['mean']:.4f} ± {mean['deviation']:.4f}" in shown
    lines = [line.split() for line in shown.splitlines()]
    assert [line[:2] for line in lines if line[:1] in (["1"], ["2"], ["3"])] == [
        ["1", "done"],
        ["2", "done"],
        ["3", "done"],
    ]
    assert "±" in place.call("runs").stdout


def test_the_ensemble_takes_raw_rows_and_gives_the_mean(run: Trained, place: Workplace) -> None:
    import keras
    import tensorflow as tf

    rows = {"age": tf.constant([[33.0], [70.0]], tf.float64), "town": tf.constant([["Ulm"], ["Bonn"]])}
    files = [run.directory / "folds" / str(each) / "inference.keras" for each in (1, 2, 3)]
    each = [np.asarray(keras.saving.load_model(file)(rows)) for file in files]
    for name in ("model.keras", "inference.keras"):
        whole = keras.saving.load_model(run.directory / name)
        np.testing.assert_allclose(whole(rows), np.mean(each, axis=0), rtol=1e-6)
    assert len({keras.saving.load_model(file.with_name("model.keras")).input_shape for file in files}) > 1, (
        "the folds know other towns, so that no encoder could serve all"
    )
    (place.folder / "new.csv").write_text("age,town\n33,Ulm\n70,Bonn\n")
    told = place.call("predict", "latest", "new.csv", "--json")
    assert [each["prediction"] for each in json.loads(told.stdout)] == [
        ("no", "yes")[int(value > 0.5)] for value in np.mean(each, axis=0)[:, 0]
    ]


def test_evaluate_measures_each_fold_on_the_samples_held_out_from_it(run: Trained, place: Workplace) -> None:
    told = json.loads(place.call("evaluate", "latest", "--json").stdout)
    known = run.record["folds"]["metrics"]
    assert told["split"] == "test"
    assert told["metrics"]["test_accuracy"] == pytest.approx(known["test_accuracy"]["mean"])
    assert told["statistics"]["test_accuracy"]["values"] == pytest.approx(known["test_accuracy"]["values"])
    assert "±" in place.call("evaluate", "latest", "--split", "validation").stdout


def test_the_events_say_which_fold_is_under_way(run: Trained) -> None:
    kinds = [event["event"] for event in run.events]
    assert kinds.count("ChildStarted") == kinds.count("ChildFinished") == 3
    assert kinds[-1] == "RunFinished"
    assert kinds.count("EpochEnded") == 0, "they are in the records of the folds"
    assert "fold 2 of 3" in run.stderr
    assert "fold 3 done in" in run.stderr


def test_a_done_run_cannot_be_resumed_but_trains_longer(run: Trained, place: Workplace) -> None:
    refused = place.call("resume", "latest")
    assert (refused.exit_code, "is done: it trained 3 folds" in refused.stderr) == (7, True)
    fork = place.call("resume", "latest", "--fork", "other")
    assert (fork.exit_code, "fork one of them" in fork.stderr) == (7, True)


def test_python_sees_the_folds(run: Trained) -> None:
    import trainctl

    found = trainctl.find_run(run.directory)
    assert [each.run_id for each in found.children] == [f"{run.directory.name}-folds-{each}" for each in (1, 2, 3)]
    assert len(found.history) == 6
    assert found.metrics == run.record["metrics"]


def test_training_longer_goes_on_with_every_fold(workplace: Workplace) -> None:
    run = workplace.train(**FOLDS, fit={"epochs": 1})
    longer = workplace.call("resume", "latest", "--set", "fit.epochs=2")
    assert longer.exit_code == 0, longer.stderr
    alone = Workplace(workplace.folder / "alone")
    alone.folder.mkdir()
    assert run.record["weights"] == alone.train(**FOLDS).record["weights"]
    assert [record["epochs_run"] for record in fold_records(run)] == [2, 2, 2]


def test_a_dry_run_tries_one_fold_and_leaves_nothing(workplace: Workplace) -> None:
    ended = workplace.call("run", str(workplace.write(**FOLDS)), "--dry-run")
    assert (ended.exit_code, workplace.runs()) == (0, [])
    assert ended.stderr.count("loading data") == 1


def test_one_fold_alone_is_a_plain_run(workplace: Workplace) -> None:
    run = workplace.train("--set", "data.folds.fold=2", **FOLDS, expect={"test_accuracy": ">= 0"})
    assert (run.record["data"]["test_samples"], "folds" in run.record) == (50, False)
    assert len(run.record["expectations"]) == 1
    assert len(predictions(run.directory)) == 50


def test_build_shows_the_first_fold(workplace: Workplace) -> None:
    told = workplace.call("validate", "--step", str(workplace.write(**FOLDS)))
    assert told.exit_code == 0, told.stderr
    assert "3 runs, of which this is the first" in told.stdout
    assert "80 training, 20 validation, 50 test samples" in told.stdout


def test_what_is_expected_is_expected_of_the_means(workplace: Workplace) -> None:
    run = workplace.train(**FOLDS, expect={"test_accuracy": ">= 1.1"}, exit_code=8)
    assert run.record["status"] == "failed"
    assert [record["status"] for record in fold_records(run)] == ["done"] * 3
    assert (run.directory / "model.keras").is_file()
    assert "test_accuracy is" in run.stderr


def test_a_fold_that_fails_ends_the_run_and_is_named(workplace: Workplace) -> None:
    numbers = {
        "data": {"source": "Diabetes", "folds": 3},
        "model": {"layers": [{"Dense": {"units": 1}}]},
        "compile": {"loss": "mse", "optimizer": {"SGD": {"learning_rate": 1e30}}},
    }
    run = workplace.train(**numbers, exit_code=6)
    assert "fold 1: the loss" in run.stderr
    assert (run.record["status"], len(run.record["folds"]["runs"])) == ("failed", 1)
    assert not (run.directory / "folds" / "2").exists()


def test_data_that_changes_between_two_folds_is_an_error(workplace: Workplace) -> None:
    write_table(workplace)
    module = workplace.folder / "own.py"
    module.write_text(
        "from pathlib import Path\nimport trainctl\n\n@trainctl.function\ndef change(logs):\n"
        f"    path = Path({str(workplace.folder / 'table.csv')!r})\n"
        "    path.write_text(path.read_text() + '33,Kiel,p1,no\\n')\n"
    )
    callbacks = [{"LambdaCallback": {"on_train_end": "change"}}]
    run = workplace.train("--import", str(module), **TABLE, callbacks=callbacks, exit_code=4)
    assert "fold 2 failed" in run.stderr
    assert "error[data]: the data has changed since the run started" in run.stderr


FALL = """
import os
from pathlib import Path

import trainctl

wanted = Path(__file__).with_suffix(".wanted")


@trainctl.function
def fall(batch, logs):
    fall.batches = getattr(fall, "batches", 0) + 1
    if fall.batches == 4 * 5 + 2 * 5 + 3 and wanted.exists():
        how = int(wanted.read_text())
        wanted.unlink()
        os.kill(os.getpid(), how)
"""
"""Sends the process a signal in the third epoch of the second fold, once, where a file asks for it."""


def written(folder: Path) -> tuple[Workplace, list[str]]:
    """A place with an experiment in three folds of 5 steps an epoch, and the command that runs it."""
    workplace = Workplace(folder)
    folder.mkdir()
    (folder / "own.py").write_text(FALL)
    callbacks = [{"LambdaCallback": {"on_train_batch_end": "fall"}}]
    file = workplace.write(**FOLDS, fit={"epochs": 4}, callbacks=callbacks)
    return workplace, ["run", str(file), "--import", str(folder / "own.py")]


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    workplace, command = written(tmp_path_factory.mktemp("alone") / "place")
    process = workplace.start(*command)
    _, stderr = process.communicate(timeout=300)
    assert process.returncode == 0, stderr
    return Trained(0, "", stderr, workplace.runs()[0])


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_run_that_is_ended_in_a_fold_goes_on_there_with_the_same_bits(
    tmp_path: Path, uninterrupted: Trained, how: signal.Signals
) -> None:
    workplace, command = written(tmp_path / "place")
    (workplace.folder / "own.wanted").write_text(str(int(how)))
    process = workplace.start(*command)
    process.communicate(timeout=300)
    assert process.returncode == {signal.SIGKILL: -9, signal.SIGTERM: 143, signal.SIGINT: 130}[how]
    (directory,) = workplace.runs()
    status = json.loads(workplace.call("runs", "show", "latest", "--json").stdout)["status"]
    assert status == {signal.SIGKILL: "died", signal.SIGTERM: "terminated", signal.SIGINT: "interrupted"}[how]
    assert (directory / "folds" / "2").exists()
    assert not (directory / "folds" / "3").exists()
    process = workplace.start("resume", "latest")
    _, stderr = process.communicate(timeout=300)
    assert process.returncode == 0, stderr
    assert "after 1 of 3 folds" in stderr
    run = Trained(0, "", "", directory)
    assert [each["weights"] for each in fold_records(run)] == [each["weights"] for each in fold_records(uninterrupted)]
    assert run.record["folds"]["metrics"] == uninterrupted.record["folds"]["metrics"]
    assert run.record["weights"] == uninterrupted.record["weights"]
    assert (directory / "predictions.csv").read_bytes() == (uninterrupted.directory / "predictions.csv").read_bytes()
