"""Stages log what a hand-written Keras script with two `compile` and `fit` logs, and what two files log, one after the other."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from workplace import Trained, Workplace

pytestmark = pytest.mark.tf

HEAD, FINE = 2, 3
"""Epochs of the two stages."""
SIZES = (16, 8)
METRICS = ["accuracy", {"SparseTopKCategoricalAccuracy": {"k": 2, "name": "top"}}]


def _layers(*, random: bool, frozen: bool = False) -> list[Any]:
    body = {"trainable": False} if frozen else {}
    return [
        {"Dense": {"units": 12, "activation": "relu", "name": "body", **body}},
        {"BatchNormalization": {"name": "norm", **body}},
        *([{"Dropout": {"rate": 0.3, "name": "drop"}}] if random else []),
        {"Dense": {"units": 3, "activation": "softmax", "name": "head"}},
    ]


def _staged(*, random: bool) -> dict[str, Any]:
    return {
        "model": {"layers": _layers(random=random)},
        "compile": {"optimizer": {"Adam": {"learning_rate": 0.01}}, "loss": _LOSS, "metrics": METRICS},
        "fit": {"epochs": HEAD},
        "stages": [
            {"name": "head", "freeze": ["body", "norm"]},
            {
                "name": "finetune",
                "data": {"batch_size": SIZES[1]},
                "fit": {"epochs": FINE},
                "compile": {
                    "optimizer": {
                        "Adam": {
                            "learning_rate": {
                                "ExponentialDecay": {
                                    "initial_learning_rate": 1e-3,
                                    "decay_steps": "${data.steps_per_epoch}",
                                    "decay_rate": 0.5,
                                }
                            }
                        }
                    }
                },
            },
        ],
    }


_LOSS = "sparse_categorical_crossentropy"


def _numbers(run: Trained) -> list[dict[str, Any]]:
    return [{key: value for key, value in line.items() if key != "seconds"} for line in run.history]


def _weights(run: Trained) -> list[np.ndarray]:
    import keras

    return keras.saving.load_model(run.directory / "model.keras").get_weights()


def test_two_stages_are_what_a_script_trains(workplace: Workplace) -> None:
    import keras
    from keras import layers, metrics

    from trainctl.config.load import load
    from trainctl.training.train import prepare

    run = workplace.train(**_staged(random=True))
    built = prepare(load(str(run.directory / "resolved.yaml")), 7, lambda _: None)
    model = built.model
    inputs = keras.Input((4,))
    body = layers.Dense(12, "relu")
    norm = layers.BatchNormalization()
    drop = layers.Dropout(0.3)
    script = keras.Model(inputs, layers.Dense(3, "softmax")(drop(norm(body(inputs)))))
    script.set_weights(model.get_weights())
    drop.seed_generator.state.assign(model.get_layer("drop").seed_generator.state)
    rates = 0.01, keras.optimizers.schedules.ExponentialDecay(1e-3, 120 // SIZES[1], 0.5)
    logged: list[dict[str, float]] = []
    for number, (epochs, size) in enumerate(zip((HEAD, FINE), SIZES, strict=True)):
        body.trainable = norm.trainable = number == 1
        named = metrics.SparseTopKCategoricalAccuracy(2, name="top")
        script.compile(keras.optimizers.Adam(rates[number]), _LOSS, metrics=["accuracy", named])
        steps, first = -(-120 // size), len(logged)
        data = built.whole.data.batched(size)
        script.fit(
            data.training(first * steps).take(epochs * steps),
            validation_data=data.evaluation(data.splits.validation),
            initial_epoch=first,
            epochs=first + epochs,
            steps_per_epoch=steps,
            shuffle=False,
            verbose=0,
        )
        values = script.history.history
        logged += [{key: each[epoch] for key, each in values.items()} for epoch in range(epochs)]
    assert len(run.history) == HEAD + FINE
    for epoch, (line, expected) in enumerate(zip(run.history, logged, strict=True)):
        for key, value in expected.items():
            np.testing.assert_allclose(line[key], value, rtol=1e-6, err_msg=f"{key} in epoch {epoch}")
    for mine, theirs in zip(_weights(run), script.get_weights(), strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-5, atol=1e-7)


def test_two_stages_are_what_two_files_train(workplace: Workplace) -> None:
    staged = _staged(random=False)
    whole = workplace.train(**staged)
    first = workplace.train(
        **{**staged, "stages": None, "name": "first", "model": {"layers": _layers(random=False, frozen=True)}}
    )
    compile_ = {**staged["compile"], "optimizer": staged["stages"][1]["compile"]["optimizer"]}
    second = workplace.train(
        name="second",
        data={"source": "Iris", "validation_split": 0.2, "batch_size": SIZES[1]},
        model={"layers": [{"Saved": {"run": "first"}}]},
        compile=compile_,
        fit={"initial_epoch": HEAD, "epochs": HEAD + FINE},
    )
    assert _numbers(whole) == _numbers(first) + _numbers(second)
    for mine, theirs in zip(_weights(whole), _weights(second), strict=True):
        np.testing.assert_array_equal(mine, theirs)
    assert json.loads((second.directory / "run.json").read_text())["metrics"] == whole.record["metrics"]
