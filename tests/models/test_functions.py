"""The user's functions in a model: saved under their names, found again, and their failures told with the line."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from trainctl.components.user import decorators

pytestmark = pytest.mark.tf


@pytest.fixture(autouse=True)
def functions(monkeypatch: pytest.MonkeyPatch) -> None:
    import keras

    def distance(y_true, y_pred):  # type: ignore[no-untyped-def]
        return keras.ops.mean(keras.ops.abs(y_true - y_pred), axis=-1)

    parts = {
        "twice": lambda x: 2 * x,
        "halves": lambda shape, dtype=None: keras.ops.full(shape, 0.5, dtype=dtype),
        "small": lambda weights: 0.1 * keras.ops.sum(weights),
        "positive": keras.ops.relu,
        "distance": distance,
        "broken": lambda x: x.nothing,
    }
    known = {name: decorators.UserFunction(name, called) for name, called in parts.items()}
    monkeypatch.setattr(decorators, "_FUNCTIONS", known)


COMPILE = {
    "loss": "distance",
    "metrics": ["distance", "mae", {"MeanMetricWrapper": {"fn": "distance", "name": "again"}}],
}
LAYER = {
    "activation": "twice",
    "kernel_initializer": "halves",
    "kernel_regularizer": "small",
    "bias_constraint": "positive",
}


def test_a_model_with_functions_is_saved_and_loaded(tmp_path: Path) -> None:
    import keras

    from trainctl.config.load import load
    from trainctl.config.model.own_code import own_code
    from trainctl.models.build import instantiate
    from trainctl.models.compiling import compile_model
    from trainctl.training.model_file import load_model

    file = tmp_path / "a.yaml"
    layers = [{"Dense": {"units": 1, **LAYER}}]
    data = {"source": {"CSV": {"path": "a.csv", "label": "b"}}}
    file.write_text(json.dumps({"model": {"layers": layers}, "data": data, "compile": COMPILE}))
    experiment = load(str(file)).experiment
    x = keras.Input((3,))
    model = keras.Model(x, instantiate(experiment.model.layers[0].component)(x))
    compile_model(model, experiment)
    ones, zeros = np.ones((2, 3)), np.zeros((2, 1))
    found = model.evaluate(ones, zeros, verbose=0, return_dict=True)
    assert found == pytest.approx({"loss": 3.15, "distance": 3, "mae": 3, "again": 3})
    model.fit(ones, zeros, verbose=0)
    model.save(tmp_path / "model.keras")
    loaded = load_model(tmp_path / "model.keras")
    assert loaded.evaluate(ones, zeros, verbose=0, return_dict=True) == model.evaluate(
        ones, zeros, verbose=0, return_dict=True
    )
    used = own_code(experiment)
    assert sorted(used.values()) == ["distance", "halves", "positive", "small", "twice"]
    assert used["trainctl>twice"] == "twice"


def test_a_failure_says_where() -> None:
    from trainctl.models.functions import find_function

    broken = find_function("broken")
    assert broken is not None
    with pytest.raises(ValueError, match=r"broken failed: AttributeError: .*nothing.*test_functions\.py:\d+"):
        broken(1)
    assert find_function("unknown") is None
