"""A saved model names only what Keras finds where trainctl is not installed."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import numpy as np
import pytest

pytestmark = pytest.mark.tf


def test_what_is_ours_is_left_out_or_replaced(tmp_path: Path) -> None:
    import keras

    from trainctl.models.extensions.losses import Expression
    from trainctl.models.extensions.metrics import Expression as Metric
    from trainctl.models.extensions.schedules import Warmup
    from trainctl.models.saving import save_for_keras

    x = keras.Input((2,))
    dense = keras.layers.Dense(1)(x)
    model = keras.Model(x, {"a": dense, "b": keras.layers.Dense(1)(dense)})
    inner = keras.optimizers.schedules.CosineDecay(0.1, 10)
    model.compile(
        keras.optimizers.AdamW(Warmup(inner, 3), clipnorm=1.0),
        {"a": Expression("y - p"), "b": "mse"},
        loss_weights={"a": 2.0, "b": 3.0},
        metrics={"a": [Metric("y - p")], "b": ["mae", Metric("y - p")]},
    )
    save_for_keras(model)
    model.fit(np.zeros((4, 2)), {"a": np.zeros((4, 1)), "b": np.zeros((4, 1))}, verbose=0)
    model.save(tmp_path / "model.keras")
    config = zipfile.ZipFile(tmp_path / "model.keras").read("config.json").decode()
    assert "trainctl" not in config
    compiled = json.loads(config)["compile_config"]
    assert (compiled["loss"], compiled["loss_weights"], compiled["metrics"]) == (
        {"b": "mse"},
        {"b": 3.0},
        {"b": ["mae"]},
    )
    optimizer = keras.saving.load_model(tmp_path / "model.keras").optimizer
    assert optimizer.get_config()["learning_rate"]["config"] == inner.get_config()
    assert (optimizer.clipnorm, int(optimizer.iterations)) == (1.0, 1)


def test_a_model_without_a_loss_left_is_saved(tmp_path: Path) -> None:
    import keras

    from trainctl.models.extensions.losses import Expression
    from trainctl.models.saving import save_for_keras

    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile("adam", Expression("y - p"))
    save_for_keras(model)
    model.fit(np.zeros((4, 2)), np.zeros((4, 1)), verbose=0)
    model.save(tmp_path / "model.keras")
    assert keras.saving.load_model(tmp_path / "model.keras").loss is None
