"""The models of several runs as one: the mean of what they say, whatever their inputs and outputs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from trainctl.runs.layout import RunDirectory

pytestmark = pytest.mark.tf


def model(weight: float, *, several: bool = False) -> Any:
    import keras

    initial = {"kernel_initializer": keras.initializers.Constant(weight), "name": "dense"}
    if not several:
        only = keras.Input((2,))
        return keras.Model(only, keras.layers.Dense(1, **initial)(only), name="small")
    inputs = {name: keras.Input((2,), name=name) for name in ("left", "right")}
    both = keras.layers.Dense(1, **initial)(keras.layers.Concatenate()(list(inputs.values())))
    return keras.Model(inputs, {"sum": both, "twice": 2 * both}, name="small")


def test_the_mean_of_one_output(tmp_path: Path) -> None:
    import keras

    from trainctl.training.ensemble import averaged

    whole = averaged([model(1.0), model(2.0), model(6.0)])
    whole.save(tmp_path / "whole.keras")
    loaded = keras.saving.load_model(tmp_path / "whole.keras")
    assert loaded.name == "small_ensemble"
    np.testing.assert_allclose(loaded(np.array([[1.0, 1.0]])), [[6.0]])


def test_named_inputs_and_outputs_keep_their_names() -> None:
    from trainctl.training.ensemble import averaged

    whole = averaged([model(1.0, several=True), model(3.0, several=True)])
    found = whole({"left": np.ones((1, 2)), "right": np.ones((1, 2))})
    assert {name: float(value[0, 0]) for name, value in found.items()} == {"sum": 8.0, "twice": 16.0}


def test_models_of_ones_own_that_predict_in_their_own_way_have_none(tmp_path: Path) -> None:
    import keras

    from trainctl.training.ensemble import write_ensemble

    @keras.saving.register_keras_serializable()
    class Own(keras.Model):
        def predict_step(self, data: Any) -> Any:
            return super().predict_step(data)

    inputs = keras.Input((2,))
    runs = [RunDirectory(tmp_path / "x" / "1" / "folds" / each) for each in ("1", "2")]
    for each in runs:
        each.path.mkdir(parents=True)
        Own(inputs, keras.layers.Dense(1)(inputs)).save(each.model)
    whole = RunDirectory(tmp_path / "x" / "1")
    assert "models of your own" in (write_ensemble(runs, whole) or "")
    assert not whole.model.exists()
