"""Stages as a person runs them: what is recorded, shown and refused, and how a run goes on in them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from workplace import Trained, Workplace

pytestmark = pytest.mark.tf

STAGES: list[Any] = [
    {"name": "head", "freeze": "dense", "fit": {"epochs": 4}},
    {"data": {"batch_size": 40}, "callbacks": {"EarlyStopping": None}, "compile": {"metrics": ["accuracy", "mae"]}},
]
STAGED: dict[str, Any] = {
    "callbacks": [
        {"EarlyStopping": {"monitor": "val_loss", "patience": 1, "min_delta": 5, "restore_best_weights": True}},
        {"CSVLogger": {"filename": "log.csv"}},
        {"LearningRateScheduler": {"schedule": "0.01 / (epoch + 1)"}},
    ],
    "compile": {"optimizer": "adam", "loss": "sparse_categorical_crossentropy", "metrics": ["accuracy"]},
    "fit": {"epochs": 1},
    "stages": STAGES,
}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Workplace:
    return Workplace(tmp_path_factory.mktemp("stages"))


@pytest.fixture(scope="module")
def run(place: Workplace) -> Trained:
    """The first stage ends after two epochs of four, and keeps the first."""
    return place.train("--format", "lines", **STAGED, expect={"val_mae": ">= 0"})


def test_epochs_count_through_and_the_first_stage_alone_ends_early(run: Trained) -> None:
    head, other = run.record["stages"]
    assert (head["name"], head["first_epoch"], head["epochs"], head["kept_epoch"]) == ("head", 1, 2, 1)
    assert (other["name"], other["first_epoch"], other["epochs"], other["kept_epoch"]) == ("", 3, 1, 3)
    assert (head["trainable_parameters"], other["trainable_parameters"]) == (27, 67)
    assert (head["steps_per_epoch"], other["steps_per_epoch"]) == (8, 3)
    assert [line["epoch"] for line in run.history] == [1, 2, 3]
    assert [line["learning_rate"] for line in run.history] == pytest.approx([0.01, 0.005, 0.01 / 3])
    assert (run.record["epochs_run"], run.record["kept_epoch"]) == (3, 3)
    assert run.record["metrics"]["val_mae"] == run.history[-1]["val_mae"]


def test_the_display_tells_each_stage_and_the_table_goes_on(run: Trained) -> None:
    assert "stage 1 of 2 · head · 27 trainable parameters · batch size 16\n" in run.stderr
    _, stage, rest = run.stderr.partition("stage 2 of 2 · 67 trainable parameters · batch size 40\n")
    assert stage
    assert "building the graph…\nepoch 3/3  loss" in rest
    lines = (run.directory / "log.csv").read_text().splitlines()
    assert [line.partition(",")[0] for line in lines] == ["epoch", "0", "1", "2"]
    assert run.notices("CSVLogger") == ["log.csv has no column for mae and val_mae; give it another file in this stage"]


def test_a_run_shows_its_stages_and_can_be_evaluated_and_repeated(run: Trained, place: Workplace) -> None:
    shown = place.call("runs", "show", str(run.directory)).stdout
    assert "head: epochs 1 to 2, weights of epoch 1 kept, 27 trainable parameters" in shown
    found = json.loads(place.call("evaluate", str(run.directory), "--json").stdout)
    assert found["metrics"]["val_mae"] == pytest.approx(run.history[-1]["val_mae"])
    assert place.call("runs", "reproduce", str(run.directory)).exit_code == 0


def test_a_run_goes_on_in_its_last_stage_and_not_in_one_that_has_ended(run: Trained, place: Workplace) -> None:
    again = place.call(
        "resume", str(run.directory), "--set", "stages.head.fit.epochs=9", "--set", "stages.1.fit.epochs=2"
    )
    assert again.exit_code == 7
    assert "stages.head.fit.epochs: 4 → 9" in again.stderr
    alone = place.call("resume", str(run.directory))
    assert "--set stages.1.fit.epochs=2" in alone.stderr
    more = place.call("resume", str(run.directory), "--set", "stages.1.fit.epochs=2")
    assert more.exit_code == 0, more.stderr
    assert [line["epoch"] for line in run.history] == [1, 2, 3, 4]
    assert [each["epochs"] for each in run.record["stages"]] == [2, 2]


def test_a_fork_of_a_stage_has_its_new_optimizer(run: Trained, place: Workplace) -> None:
    more = (
        "--set",
        "stages.1.fit.epochs=3",
        "--set",
        "stages.1.compile.optimizer=sgd",
        "--set",
        "stages.1.callbacks=null",
    )
    ended = place.call("resume", str(run.directory), "--fork", "other", *more)
    assert ended.exit_code == 0, ended.stderr
    (directory,) = place.folder.glob("runs/other/2*")
    lines = [json.loads(line) for line in (directory / "metrics.jsonl").read_text().splitlines()]
    assert [line["epoch"] for line in lines[:3]] == [1, 2, 3]
    assert lines[-1]["learning_rate"] == pytest.approx(0.01), "of SGD"


def test_a_fork_begins_at_the_end_of_a_stage(run: Trained, place: Workplace) -> None:
    """The stage that EarlyStopping ended stays ended, and its best weights are restored, as in the run."""
    resume = ("resume", str(run.directory))
    ended = place.call(*resume, "--fork", "again", "--after-stage", "head", "--set", "stages.1.fit.epochs=1")
    assert ended.exit_code == 0, ended.stderr
    (directory,) = place.folder.glob("runs/again/2*")
    history = [json.loads(line) for line in (directory / "metrics.jsonl").read_text().splitlines()]
    assert history[:2] == run.history[:2]
    assert [line["val_loss"] for line in history] == [line["val_loss"] for line in run.history[:3]]
    assert "its stages are head and 2" in place.call(*resume, "--fork", "no", "--after-stage", "hed").stderr
    assert place.call(*resume, "--after-stage", "head").exit_code == 2


def test_a_stage_is_added_to_a_run_that_is_done(place: Workplace) -> None:
    first = place.train(name="grown", stages=[{"name": "head", "freeze": "dense"}])
    stages = [{"name": "head", "freeze": "dense"}, {"name": "more", "fit": {"epochs": 1}}]
    added = place.call("resume", str(first.directory), "--set", f"stages={json.dumps(stages)}")
    assert added.exit_code == 0, added.stderr
    assert [each["name"] for each in first.record["stages"]] == ["head", "more"]
    whole = place.train(name="whole", stages=stages)
    assert whole.record["weights"] == first.record["weights"]


def test_a_dry_run_does_a_batch_of_each_stage(place: Workplace) -> None:
    ended = place.call("run", str(place.write(**STAGED)), "--dry-run", "--format", "lines")
    assert ended.exit_code == 0, ended.stderr
    assert "epoch 1/2 " in ended.stderr
    assert "epoch 2/2 " in ended.stderr


def test_a_stage_that_trains_nothing_is_an_error_when_built(place: Workplace) -> None:
    config = place.write(stages=[{"name": "a", "freeze": ["dense", "dense_*"]}])
    ended = place.call("validate", str(config), "--build")
    assert ended.exit_code == 5, ended.stderr
    assert "the stage freezes every layer and trains nothing" in ended.stderr


def test_a_learning_rate_is_found_for_the_first_stage(place: Workplace) -> None:
    stages = [{"name": "a", "compile": {"optimizer": "sgd"}}, {"compile": {"optimizer": "adam"}}]
    ended = place.call("find-lr", str(place.write(stages=stages)), "--steps", "30", "--from", "1e-4", "--to", "10")
    assert ended.exit_code == 0, ended.stderr
    assert "suggestion: stages.a.compile.optimizer.learning_rate=" in ended.stdout or "no suggestion" in ended.stdout
