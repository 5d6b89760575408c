"""A model from a file is the model that a person would write: the same layers, weights, losses and, of a run, all that it logs."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from python_models import MODELS, At
from workplace import Workplace

from trainctl.config.load import load
from trainctl.training.splits_as_batches import validation_data
from trainctl.training.train import prepare

pytestmark = [pytest.mark.tf, pytest.mark.usefixtures("no_network")]

CONFIGS = Path(__file__).parents[2] / "configs"
SEED = 5
STEPS = 2
WHOLE_RUNS = ("models/vit", "models/tab_transformer", "models/unet", "models/seq2seq_addition")
"""Those of which a run is compared, with all that it logs; of the others a few steps."""


def layers(model: Any) -> dict[str, str]:
    """Each layer's class by its name; what only prepares pixels is an operation in Python and a model in ours."""
    found = {layer.name: type(layer).__name__ for layer in model.layers if not layer.name.endswith(".preprocess")}
    return {name: kind for name, kind in found.items() if kind != "InputLayer"}


def shapes(model: Any) -> Any:
    return keras.tree.map_structure(lambda tensor: tensor.shape, (model.inputs, model.outputs))


def losses(model: Any, batches: list[Any]) -> list[float]:
    model.run_eagerly = True  # to trace a graph takes longer than so few steps
    return [float(model.train_on_batch(x, y, return_dict=True)["loss"]) for x, y in batches]


def written_twice(config: str, ours: Any, batches: list[Any]) -> Any:
    """The model as Python makes it, after a look that it is the same as `ours`."""
    inputs = keras.tree.map_structure(lambda *parts: np.concatenate(parts), *(x for x, *_ in batches))
    theirs = MODELS[config](At(SEED, inputs))
    assert layers(ours) == layers(theirs)
    assert shapes(ours) == shapes(theirs)
    assert ours.count_params() == theirs.count_params()
    for mine, weight in zip(ours.weights, theirs.weights, strict=True):
        assert mine.path == weight.path
        learned = weight.path.endswith(("/mean", "/variance"))  # sums over the training samples, in another order
        np.testing.assert_allclose(mine, weight, rtol=1e-6 if learned else 0, err_msg=weight.path)
    keras.utils.set_random_seed(SEED)
    return theirs


@pytest.mark.parametrize("config", [config for config in MODELS if config not in WHOLE_RUNS])
def test_the_same_as_in_python(config: str) -> None:
    ours = prepare(load(str(CONFIGS / f"{config}.yaml"), ["fit.class_weight=null"]), SEED, lambda _: None)
    every = list(islice(ours.data.training().as_numpy_iterator(), ours.data.facts["steps_per_epoch"]))
    theirs = written_twice(config, ours.model, every)
    expected = losses(theirs, every[:STEPS])
    np.testing.assert_allclose(losses(ours.model, every[:STEPS]), expected, rtol=1e-6)


@pytest.mark.parametrize("config", WHOLE_RUNS)
def test_a_run_logs_what_a_script_logs(workplace: Workplace, config: str) -> None:
    settings = (f"seed={SEED}", "fit.epochs=1", "expect=null")
    run = workplace.train(*(word for each in settings for word in ("-s", each)), config=CONFIGS / f"{config}.yaml")
    ours = prepare(load(str(run.directory / "resolved.yaml")), SEED, lambda _: None)
    steps, training = ours.data.facts["steps_per_epoch"], ours.data.training()
    theirs = written_twice(config, ours.model, list(islice(training.as_numpy_iterator(), steps)))
    validation = validation_data(ours, dry_run=False).dataset
    fitted = theirs.fit(training, steps_per_epoch=steps, validation_data=validation, shuffle=False, verbose=0)
    [logged] = run.history
    assert {"loss", "val_loss", "accuracy", "val_accuracy"} <= set(fitted.history) <= set(logged)
    for key, [value] in fitted.history.items():
        np.testing.assert_allclose(logged[key], value, rtol=1e-5, err_msg=key)
