"""A model with its own `train_step` or the like: used as the model where it stands alone, refused within another."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from workplace import Trained, Workplace

pytestmark = pytest.mark.tf

CONFIGS = Path(__file__).parents[2] / "configs" / "models"

OWN = """
import keras, trainctl

class Own(keras.Model):
    logs = ("steps",)

    def __init__(self, units: int = 3, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.head = keras.layers.Dense(units, activation="softmax")
        self.steps = keras.metrics.Sum(name="steps")

    def get_config(self):
        return {**super().get_config(), "units": self.units}

    def build(self, input_shape):
        self.head.build(input_shape)
        self.built = True

    def call(self, x):
        return self.head(x)

    def train_step(self, data):
        self.steps.update_state(1)
        return {**super().train_step(data), "steps": self.steps.result()}

Stepper = trainctl.model(name="Stepper")(Own)

@trainctl.model
def made(units: int = 3):
    return Own(units)

@trainctl.model
class Forgetful(Own):
    def get_config(self):
        return {"name": self.name}

    def __init__(self, units: int = 3, **kwargs):
        super().__init__(units, **kwargs)
"""

LACKING = """
import keras, trainctl

class Plain(keras.Model):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.head = keras.layers.Dense(1)

    def build(self, input_shape):
        self.head.build(input_shape)
        self.built = True

    def train_step(self, data):
        return {"loss": keras.ops.mean(self.head(data[0])) * 0 + 1}

Adversarial = trainctl.model(name="Adversarial")(Plain)

@trainctl.model
class Describing(keras.Model):
    def predict_step(self, data):
        return data
"""

STOP = """
import signal
from pathlib import Path
import trainctl

wanted = Path(__file__).with_suffix(".wanted")

@trainctl.function
def stop_once(batch, logs):
    stop_once.batches = getattr(stop_once, "batches", 0) + wanted.exists()
    if wanted.exists() and stop_once.batches == 8:
        wanted.unlink()
        signal.raise_signal(signal.SIGINT)
"""


@pytest.fixture
def own(workplace: Workplace) -> str:
    (workplace.folder / "own.py").write_text(OWN)
    return "own.py"


@pytest.mark.parametrize("component", [{"Stepper": {"units": 3}}, "Made"])
def test_its_methods_are_called_where_it_stands_alone(workplace: Workplace, own: str, component: Any) -> None:
    run = workplace.train("--import", own, model={"layers": [component]})
    assert [line["steps"] for line in run.history] == [8, 8]
    assert "val_accuracy" in run.record["metrics"]


def test_a_key_that_it_says_it_logs_can_be_watched(workplace: Workplace, own: str) -> None:
    model = {"layers": ["Stepper"]}

    def validated(key: str) -> Any:
        stopping = {"EarlyStopping": {"monitor": key, "mode": "min"}}
        return workplace.call("validate", str(workplace.write(model=model, callbacks=[stopping])), "--import", own)

    assert validated("steps").exit_code == 0
    refused = validated("elapsed")
    assert refused.exit_code == 3
    assert 'where Stepper logs it, say so in its class: logs = ("elapsed",)' in refused.stderr


def test_within_another_model_it_is_refused(workplace: Workplace, own: str) -> None:
    config = workplace.write(model={"layers": ["Flatten", "Stepper"]})
    ended = workplace.call("validate", str(config), "--import", own)
    assert ended.exit_code == 3
    assert "Stepper has its own train_step(), which Keras calls only where it is the whole model" in ended.stderr
    config = workplace.write(model={"layers": ["Flatten", "Made"]})  # what a function makes, only building tells
    ended = workplace.call("validate", "--build", str(config), "--import", own)
    assert ended.exit_code == 5
    assert "make Made the only one of model.layers" in ended.stderr


def test_only_such_a_model_may_leave_out_the_loss(workplace: Workplace, own: str) -> None:
    without = {"optimizer": "adam"}
    config = workplace.write(model={"layers": ["Stepper"]}, compile=without)
    assert workplace.call("validate", str(config), "--import", own).exit_code == 0
    ended = workplace.call("validate", str(workplace.write(compile=without)))
    assert ended.exit_code == 3
    assert "'compile' needs 'loss'" in ended.stderr


def test_one_that_could_not_be_loaded_again_is_refused(workplace: Workplace, own: str) -> None:
    config = workplace.write(model={"layers": [{"Forgetful": {"units": 3}}]})
    ended = workplace.call("validate", "--build", str(config), "--import", own)
    assert ended.exit_code == 5
    assert "its get_config() does not give units" in ended.stderr


@pytest.mark.parametrize("name", ["vae", "gan", "distillation", "contrastive"])
def test_the_shipped_ones_resume_to_the_same_bits(workplace: Workplace, name: str) -> None:
    (workplace.folder / "stop.py").write_text(STOP)
    options = ["--import", str(CONFIGS / f"{name}.py"), "--import", "stop.py"]
    options += ["-s", "fit.epochs=2", "-s", "expect=null", "-s", "data.limit=400", "-s", "callbacks=null"]
    options += ["-s", "callbacks=[LambdaCallback: {on_train_batch_end: stop_once}]"]
    straight = workplace.train(*options, config=CONFIGS / f"{name}.yaml")
    (workplace.folder / "stop.wanted").touch()
    halted = workplace.train(*options, config=CONFIGS / f"{name}.yaml", exit_code=130)
    assert 0 < len(halted.history) < 2
    ended = workplace.call("resume", str(halted.directory), *options[:4])
    assert ended.exit_code == 0, ended.stderr
    for one, other in zip(straight.history, halted.history, strict=True):
        assert {**one, "seconds": 0} == {**other, "seconds": 0}
    finished = [[each for each in run.events if each["event"] == "RunFinished"][-1] for run in (straight, halted)]
    assert finished[0]["weights"] == finished[1]["weights"]
    require_that_it_can_be_used(workplace, straight, "test_step()" if name == "gan" else None)


def require_that_it_can_be_used(workplace: Workplace, run: Trained, lacks: str | None) -> None:
    """What was trained is evaluated as its own methods say, and predicts; or says what it lacks."""
    ended = workplace.call("evaluate", str(run.directory), "--json")
    if lacks is None:
        assert ended.exit_code == 0, ended.stderr
        measured = json.loads(ended.stdout)["metrics"]
        assert measured
        assert set(measured) <= set(run.history[-1])
    else:
        assert ended.exit_code == 5
        assert f"no {lacks} of its own" in ended.stderr
    shape = run.record["data"]["input_shape"]
    np.save(workplace.folder / "new.npy", np.ones((3, *shape), "float32"))
    ended = workplace.call("predict", str(run.directory), str(workplace.folder / "new.npy"))
    assert ended.exit_code == 0, ended.stderr
    assert len(ended.stdout.splitlines()) == 4


def test_one_that_computes_no_loss_says_so(workplace: Workplace) -> None:
    (workplace.folder / "own.py").write_text(LACKING)
    options, without = ("--import", "own.py"), {"optimizer": "adam"}

    def checked(layer: str, **data: Any) -> Any:
        file = workplace.write(model={"layers": [layer]}, compile=without, data={"source": "Iris", **data})
        return workplace.call("validate", "--build", str(file), *options)

    refused = checked("Adversarial", validation_split=0.2)
    assert refused.exit_code == 5
    assert "Adversarial has no test_step() of its own, and the experiment no loss" in refused.stderr
    refused = checked("Describing")
    assert refused.exit_code == 5
    assert "Describing has no train_step() of its own, and the experiment no loss" in refused.stderr
    run = workplace.train(
        *options, model={"layers": ["Adversarial"]}, compile=without, data={"source": "Iris", "test_split": 0.2}
    )
    assert "has no test_step() of its own: the test split is not used" in run.stderr
    np.save(workplace.folder / "new.npy", np.ones((3, 4), "float32"))
    ended = workplace.call("predict", str(run.directory), str(workplace.folder / "new.npy"), *options)
    assert ended.exit_code == 5
    assert "Plain has no call(), so it predicts nothing" in ended.stderr


def test_a_vae_is_what_a_hand_written_script_trains(workplace: Workplace) -> None:
    """The example's class under plain `fit`, with the same weights, order and draws."""
    import keras
    import tensorflow as tf

    from trainctl.components.user.imports import Imports
    from trainctl.config.load import load
    from trainctl.training.train import prepare

    options = ["-s", "fit.epochs=2", "-s", "data.limit=200", "-s", "callbacks=null"]
    run = workplace.train("--import", str(CONFIGS / "vae.py"), *options, config=CONFIGS / "vae.yaml")
    overrides = [each for each in options if each != "-s"]
    built = prepare(
        load(str(CONFIGS / "vae.yaml"), overrides, imports=Imports([str(CONFIGS / "vae.py")])), 1, lambda _: None
    )
    cls = type(built.model)
    script = cls(latent=4, units=64, kl_weight=0.5)
    script.build((None, 8, 8, 1))
    script.set_weights(built.model.get_weights())
    script.draws.state.assign(built.model.draws.state)
    script.compile(optimizer=keras.optimizers.Adam(3e-3))
    steps = built.data.facts["steps_per_epoch"]
    batches = [(tf.constant(x), tf.constant(y)) for x, y in built.data.training().take(2 * steps)]
    logs = []
    for epoch in range(2):
        script.reset_metrics()
        for batch in batches[epoch * steps : (epoch + 1) * steps]:
            values = script.train_step(batch)
        logs.append({key: float(value) for key, value in values.items()})
        script.reset_metrics()
        for batch in built.data.evaluation(built.data.splits.validation):
            values = script.test_step(batch)
        logs[-1] |= {f"val_{key}": float(value) for key, value in values.items()}
    for line, expected in zip(run.history, logs, strict=True):
        np.testing.assert_allclose([line[key] for key in expected], list(expected.values()), rtol=1e-6)


def test_one_without_a_graph_says_that_its_numbers_stay_changed(workplace: Workplace) -> None:
    (workplace.folder / "own.py").write_text(OWN.replace('Dense(units, activation="softmax")', "Dense(units)"))
    rng = np.random.default_rng(0)
    np.savez(workplace.folder / "n.npz", x=rng.normal(size=(40, 4)), y=rng.normal(size=40).astype("float32"))
    data = {"source": {"NPZ": {"path": "n.npz"}}, "map_labels": {"scale": 0.5}}
    config = workplace.write(data=data, model={"layers": [{"Stepper": {"units": 1}}]}, compile={"loss": "mse"})
    ended = workplace.call("validate", "--build", str(config), "--import", "own.py")
    assert ended.exit_code == 0, ended.stderr
    assert "stay in the unit of map_labels" in ended.stderr
