"""A model from a file is the model that a person would write: the same layers, weights and losses."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from python_models import MODELS

from trainctl.config.load import load
from trainctl.models.build import layer_seed
from trainctl.training.train import prepare

pytestmark = [pytest.mark.tf, pytest.mark.usefixtures("no_network")]

CONFIGS = Path(__file__).parents[2] / "configs"
SEED = 5
STEPS = 3


def layers(model: Any) -> dict[str, str]:
    """Each layer's class by its name; what only prepares pixels is an operation in Python and a model in ours."""
    found = {layer.name: type(layer).__name__ for layer in model.layers if not layer.name.endswith(".preprocess")}
    return {name: kind for name, kind in found.items() if kind != "InputLayer"}


def losses(model: Any, batches: list[Any]) -> list[float]:
    return [float(model.train_on_batch(x, y, return_dict=True)["loss"]) for x, y in batches]


@pytest.mark.parametrize("config", MODELS)
def test_the_same_as_in_python(config: str) -> None:
    ours = prepare(load(str(CONFIGS / f"{config}.yaml"), ["fit.class_weight=null"]), SEED, lambda _: None)
    batches = list(islice(ours.data.training(), STEPS))

    def at(name: str) -> str:
        keras.utils.set_random_seed(layer_seed(SEED, name))
        return name

    theirs = MODELS[config](at)
    assert layers(ours.model) == layers(theirs)
    assert ours.model.count_params() == theirs.count_params()
    for mine, weight in zip(ours.model.weights, theirs.weights, strict=True):
        assert mine.path == weight.path
        np.testing.assert_array_equal(mine, weight, err_msg=weight.path)
    keras.utils.set_random_seed(SEED)
    expected = losses(theirs, batches)
    np.testing.assert_allclose(losses(ours.model, batches), expected, rtol=1e-6)
