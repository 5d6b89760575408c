"""Metrics that are given one-hot labels have the same values however the run goes: resumed, streamed, evaluated."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from workplace import SMALL, Trained, Workplace

pytestmark = pytest.mark.tf

METRICS = [
    "accuracy",
    "F1Score",
    {"F1Score": {"average": "macro", "name": "macro"}},
    "AUC",
    "Precision",
    {"MeanIoU": {"num_classes": 3}},
    {"TopKCategoricalAccuracy": {"k": 2}},
    "CategoricalAccuracy",
]
ADAPTED: dict[str, Any] = {"compile": {**SMALL["compile"], "metrics": METRICS}, "fit": {"epochs": 3}}

STOP = """
import signal
from pathlib import Path
import trainctl

wanted = Path(__file__).with_suffix(".wanted")

@trainctl.function
def stop_once(batch, logs):
    stop_once.batches = getattr(stop_once, "batches", 0) + wanted.exists()
    if wanted.exists() and stop_once.batches == 11:
        wanted.unlink()
        signal.raise_signal(signal.SIGINT)
"""
"""As by Ctrl-C in the middle of the second epoch, once, where a file asks for it."""


def numbers(run: Trained) -> list[dict[str, Any]]:
    return [{key: value for key, value in line.items() if key != "seconds"} for line in run.history]


def test_a_run_that_is_stopped_within_an_epoch_and_resumed(workplace: Workplace) -> None:
    (workplace.folder / "stop.py").write_text(STOP)
    sections = {**ADAPTED, "callbacks": [{"LambdaCallback": {"on_train_batch_end": "stop_once"}}]}
    straight = workplace.train("--import", "stop.py", **sections)
    assert {"f1_score", "f1_score/setosa", "val_f1_score/virginica", "macro", "val_auc"} <= set(straight.history[0])
    (workplace.folder / "stop.wanted").touch()
    halted = workplace.train("--import", "stop.py", exit_code=130, **sections)
    assert len(halted.history) == 1
    ended = workplace.call("resume", str(halted.directory), "--import", "stop.py")
    assert ended.exit_code == 0, ended.stderr
    assert numbers(halted) == numbers(straight)


def test_evaluate_says_what_the_last_validation_said(workplace: Workplace) -> None:
    run = workplace.train(**ADAPTED)
    ended = workplace.call("evaluate", str(run.directory), "--split", "validation", "--json")
    found = json.loads(ended.stdout)["metrics"]
    for key, value in found.items():
        assert run.history[-1][key] == pytest.approx(value, rel=1e-6), key
    assert "val_f1_score/versicolor" in found


def test_a_streamed_table_is_measured_as_one_in_memory(workplace: Workplace) -> None:
    """No splits and no shuffling, so that both see the same rows in the same order."""
    draws = np.random.default_rng(0)
    names = np.array(["ant", "bee", "cat"])[draws.integers(0, 3, 90)]
    rows = [f"{a:.4f},{b:.4f},{name}" for (a, b), name in zip(draws.normal(size=(90, 2)), names, strict=True)]
    for file, part in (("train.csv", rows[:60]), ("validation.csv", rows[60:])):
        (workplace.folder / file).write_text("\n".join(["a,b,label", *part]) + "\n")

    def trained(stream: bool) -> Trained:
        features = {"a": "numeric", "b": "numeric"}
        source, validation = (
            {"CSV": {"path": file, "label": "label", "features": features, "stream": stream}}
            for file in ("train.csv", "validation.csv")
        )
        data = {"source": source, "validation": validation, "batch_size": 16, "shuffle": False}
        return workplace.train(data=data, **ADAPTED)

    streamed, in_memory = trained(True), trained(False)
    assert "val_f1_score/bee" in in_memory.history[0]
    for one, other in zip(numbers(streamed), numbers(in_memory), strict=True):
        assert one == pytest.approx(other, rel=1e-5)


OWN = """
import keras, trainctl

@trainctl.loss
def cross(y, p):
    assert len(y.shape) == 2 and y.shape[-1] == 3, f"one-hot labels, not {y.shape}"
    return keras.losses.categorical_crossentropy(y, p)

@trainctl.metric
def hits(y, p):
    return keras.metrics.categorical_accuracy(y, p)
"""


def test_labels_that_are_one_hot_by_hand_reach_a_loss_of_ones_own(workplace: Workplace) -> None:
    (workplace.folder / "own.py").write_text(OWN)
    data = {"source": "Iris", "batch_size": 16, "labels": "one_hot"}  # no split: it depends on the loss

    def trained(loss: str, *metrics: Any) -> Trained:
        compile_ = {**SMALL["compile"], "loss": loss, "metrics": [*metrics, *METRICS]}
        return workplace.train("--import", "own.py", data=data, compile=compile_)

    own, keras_own = trained("cross", "hits"), trained("categorical_crossentropy")
    for mine, other in zip(numbers(own), numbers(keras_own), strict=True):
        assert {key: mine[key] for key in other} == pytest.approx(other, rel=1e-6)
        assert mine["hits"] == pytest.approx(mine["categorical_accuracy"], rel=1e-6)


def test_each_output_has_metrics_of_its_own_kind(workplace: Workplace) -> None:
    import keras

    from trainctl.config.load import load
    from trainctl.training.train import prepare

    layers = [
        {"Dense": {"units": 3, "activation": "softmax", "name": "kind"}, "from": "input"},
        {"Dense": {"units": 1, "activation": "sigmoid", "name": "flag"}, "from": "input"},
        {"Dense": {"units": 1, "name": "size"}, "from": "input"},
    ]
    run = workplace.train(
        data={
            "source": {"Synthetic": {"samples": 80, "shape": [4], "classes": {"kind": 3, "flag": 2, "size": None}}},
            "validation_split": 0.25,
        },
        model={"layers": layers, "outputs": ["kind", "flag", "size"]},
        compile={
            "optimizer": "adam",
            "loss": {"kind": "sparse_categorical_crossentropy", "flag": "binary_crossentropy", "size": "mse"},
            "metrics": {"kind": METRICS, "flag": ["accuracy", "F1Score", "AUC"], "size": ["mae", "R2Score"]},
        },
    )
    built = prepare(load(str(run.directory / "resolved.yaml")), 7, lambda _: None)
    samples = built.data.splits.validation
    guess = keras.models.load_model(run.directory / "model.keras").predict(np.asarray(samples.x), verbose=0)
    truth = {name: np.asarray(rows) for name, rows in samples.y.items()}
    one_hot, flag = keras.utils.to_categorical(truth["kind"], 3), truth["flag"][:, None].astype("float32")
    expected = {
        "kind_macro": (keras.metrics.F1Score(average="macro"), one_hot, guess["kind"]),
        "kind_auc": (keras.metrics.AUC(), one_hot, guess["kind"]),
        "kind_precision": (keras.metrics.Precision(), one_hot, guess["kind"]),
        "kind_f1_score": (keras.metrics.F1Score(), one_hot, guess["kind"]),
        "flag_f1_score": (keras.metrics.F1Score(threshold=0.5), flag, guess["flag"]),
        "flag_auc": (keras.metrics.AUC(), flag, guess["flag"]),
        "size_r2_score": (keras.metrics.R2Score(), truth["size"][:, None], guess["size"]),
    }
    for key, (metric, y, p) in expected.items():
        metric.update_state(y, p)
        assert run.history[-1][f"val_{key}"] == pytest.approx(float(np.mean(metric.result())), rel=1e-5), key
