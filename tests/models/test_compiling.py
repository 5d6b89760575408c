"""Metrics are Keras's own objects, given labels and outputs as they take them; runs log them class by class."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import keras
import numpy as np
import pytest
from workplace import Workplace

from trainctl.config.component import KerasComponent
from trainctl.config.model.fits import Adaptation, Output, Step
from trainctl.config.model.outputs import Measured
from trainctl.models.compiling import _metric, describe_outputs

pytestmark = pytest.mark.tf

X = np.random.default_rng(0).normal(size=(48, 4)).astype("float32")
Y = (X @ np.array([[1, 0, -1], [0, 1, 1], [1, 1, 0], [0, -1, 1]])).argmax(1)


def made(name: str, how: Adaptation | None = None, **arguments: Any) -> keras.Metric:
    component = KerasComponent("metric", name, arguments)
    return _metric(Measured(keras.src.utils.naming.to_snake_case(name), component, "", False), how, None)


def test_the_object_is_kerass_own_and_is_saved_as_such() -> None:
    metric = made("AUC", Adaptation("AUC", (Step.ONE_HOT,), classes=3))
    assert type(metric) is keras.metrics.AUC
    scores = keras.ops.softmax(X[:, :3])
    metric.update_state(Y, scores)
    script = keras.metrics.AUC()
    script.update_state(keras.utils.to_categorical(Y, 3), scores)
    assert float(metric.result()) == pytest.approx(float(script.result()), abs=1e-6)
    assert keras.saving.serialize_keras_object(metric)["module"] == "keras.metrics"


def test_sample_weights_reach_every_place() -> None:
    how = Adaptation("F1Score", (Step.ONE_HOT, Step.FLAT), (Step.FLAT,), {"average": "macro"}, classes=2)
    metric = made("F1Score", how)
    labels, scores = np.arange(16).reshape(2, 8) % 2, np.random.default_rng(1).uniform(size=(2, 8, 2))
    metric.update_state(labels, scores.astype("float32"), np.array([0.0, 1.0]))
    script = keras.metrics.F1Score(average="macro")
    script.update_state(keras.utils.to_categorical(labels[1], 2), scores[1].astype("float32"))
    assert float(metric.result()) == pytest.approx(float(script.result()), abs=1e-6)


def test_values_have_names() -> None:
    metric = made("Precision", thresholds=[0.3, 0.7])
    metric.update_state([0, 1, 1, 0], [0.5, 0.5, 0.9, 0.8])
    found = {key: float(value) for key, value in metric.result().items()}
    assert found == {"precision": pytest.approx(0.5), "precision/0.3": 0.5, "precision/0.7": 0.5}


@pytest.mark.parametrize(
    ("last", "activation"),
    [
        (lambda x: keras.layers.Dense(3, "sigmoid")(x), "sigmoid"),
        (lambda x: keras.layers.Softmax()(keras.layers.Dense(3)(x)), "softmax"),
        (lambda x: keras.layers.Reshape((3, 1))(keras.layers.Dense(3, "relu")(x)), "relu"),
        (lambda x: keras.layers.Lambda(lambda value: value)(x), None),
    ],
)
def test_the_last_activation_is_found(workplace: Workplace, last: Any, activation: str | None) -> None:
    from trainctl.config.load import load

    inputs = keras.Input((4,))
    outputs = describe_outputs(keras.Model(inputs, last(inputs)), load(str(workplace.write())).experiment, {})
    assert outputs[""].activation == activation
    assert isinstance(outputs[""], Output)


def test_a_run_logs_each_class_and_evaluates_and_loads_without_trainctl(workplace: Workplace) -> None:
    rows = "".join(f"{','.join(map(str, x))},{'abc'[y]}\n" for x, y in zip(X.tolist(), Y, strict=True))
    (workplace.folder / "t.csv").write_text("p,q,r,s,label\n" + rows)
    run = workplace.train(
        data={"source": {"CSV": {"path": "t.csv", "label": "label"}}, "validation_split": 0.25, "batch_size": 8},
        model={"layers": [{"Dense": {"units": 3}}]},
        compile={
            "loss": {"SparseCategoricalCrossentropy": {"from_logits": True}},
            "metrics": ["accuracy", "F1Score", {"AUC": {}}, {"MeanIoU": {"num_classes": 3}}],
        },
        callbacks=[{"EarlyStopping": {"monitor": "val_f1_score/b"}}],
    )
    last = run.history[-1]
    each = [last[f"val_f1_score/{name}"] for name in "abc"]
    assert last["val_f1_score"] == pytest.approx(np.mean(each), abs=1e-6)
    ended = workplace.call("evaluate", str(run.directory))
    assert ended.exit_code == 0
    assert f"val_f1_score/a {each[0]:.4f}" in ended.stdout.replace("  ", " ")
    block = "import sys; sys.modules['trainctl'] = None; import keras; keras.saving.load_model(sys.argv[1])"
    command = [sys.executable, "-c", block, str(run.directory / "model.keras")]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0
