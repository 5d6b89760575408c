"""Layers, losses, metrics and schedules of the user's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from workplace import SMALL, Workplace

pytestmark = pytest.mark.tf

MODULE = '''
import keras
import trainctl


@trainctl.layer
class Scale(keras.layers.Layer):
    """Multiply by a number.

    Args:
        factor: What to multiply by.
    """

    def __init__(self, factor: float = 1.0, **kwargs):
        super().__init__(**kwargs)
        self.factor = factor

    def call(self, x):
        return x * self.factor

    def get_config(self):
        return {**super().get_config(), "factor": self.factor}


@trainctl.model
def small_tower(width: int = 4):
    return keras.Sequential([keras.layers.Dense(width, activation="relu"), keras.layers.Dense(width)])


@trainctl.loss
def plain(y_true, y_pred):
    return keras.losses.sparse_categorical_crossentropy(y_true, y_pred)


@trainctl.loss
def weighted_loss(y_true, y_pred, weight: float):
    return weight * keras.losses.sparse_categorical_crossentropy(y_true, y_pred)


@trainctl.metric
def surest(y_true, y_pred, power: int = 1):
    return keras.ops.max(y_pred, axis=-1) ** power


@trainctl.schedule
class Halving(keras.optimizers.schedules.LearningRateSchedule):
    def __init__(self, start: float):
        self.start = start

    def __call__(self, step):
        return self.start * 0.5 ** (keras.ops.cast(step, "float32") / 8)

    def get_config(self):
        return {"start": self.start}
'''
LAYERS = [{"Scale": {"factor": 2, "name": "twice"}}, {"Dense": {"units": 3, "activation": "softmax"}}]


@pytest.fixture
def module(tmp_path: Path) -> str:
    path = tmp_path / "parts.py"
    path.write_text(MODULE)
    return str(path)


def compiled(loss: Any, **more: Any) -> dict[str, Any]:
    return {**SMALL["compile"], "loss": loss, **more}


def test_they_train_like_keras_s_own(workplace: Workplace, module: str) -> None:
    optimizer = {"SGD": {"learning_rate": {"Halving": {"start": 0.1}}}}
    metrics = ["accuracy", {"Surest": {"power": 2}}]
    own = compiled({"WeightedLoss": {"weight": 3.0}}, optimizer=optimizer, metrics=metrics)
    run = workplace.train("--import", module, model={"layers": LAYERS}, compile=own)
    assert {"accuracy", "surest", "val_surest"} <= set(run.history[0])
    assert run.history[0]["learning_rate"] == pytest.approx(0.05, rel=1e-3)
    plain = workplace.train("--import", module, model={"layers": LAYERS}, compile=compiled("plain", optimizer="sgd"))
    assert plain.history[0]["loss"] < run.history[0]["loss"]
    assert workplace.call("evaluate", str(run.directory)).exit_code == 0


def test_a_model_stands_among_the_layers(workplace: Workplace, module: str) -> None:
    run = workplace.train("--import", module, model={"layers": [{"SmallTower": {"width": 6}}, LAYERS[1]]})
    built = next(event for event in run.events if event["event"] == "ModelBuilt")
    assert built["parameters"] == (4 * 6 + 6) + (6 * 6 + 6) + (6 * 3 + 3)


@pytest.mark.parametrize(
    ("sections", "said"),
    [
        ({"model": {"layers": [{"Scale": {"factr": 2}}]}}, "did you mean 'factor'?"),
        ({"model": {"layers": [{"Scale": {"factor": "much"}}]}}, "a number"),
        ({"compile": compiled({"WeightedLoss": {}})}, "WeightedLoss needs the argument 'weight'"),
        ({"compile": compiled("plane")}, "did you mean 'plain'?"),
    ],
)
def test_mistakes_are_told_like_those_with_keras_s_own(
    workplace: Workplace, module: str, sections: dict[str, Any], said: str
) -> None:
    ended = workplace.call("validate", str(workplace.write(**sections)), "--import", module)
    assert ended.exit_code == 3
    assert said in ended.stderr


def test_they_are_described(workplace: Workplace, module: str) -> None:
    text = workplace.call("describe", "Scale", "--import", module).stdout
    assert "Multiply by a number." in text
    assert "What to multiply by." in text
    assert "Scale" in workplace.call("list", "layers", "--import", module).stdout


def test_a_name_of_keras_s_is_taken(workplace: Workplace) -> None:
    path = workplace.folder / "taken.py"
    path.write_text("import keras, trainctl\n@trainctl.layer\nclass Dense(keras.layers.Layer): ...\n")
    ended = workplace.call("validate", str(workplace.write()), "--import", str(path))
    assert ended.exit_code == 3
    assert "a layer called 'Dense' already exists" in ended.stderr
