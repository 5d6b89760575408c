"""Predictions and metrics in the label's own unit."""

from __future__ import annotations

import json
import subprocess
import sys

import keras
import numpy as np
import pytest
from workplace import Workplace

from trainctl.components.label_change import LabelChange, LabelStep
from trainctl.components.labels import LabelKind, Labels, OutputLabels
from trainctl.models.undo import undone, with_own_units

pytestmark = pytest.mark.tf

CHANGE = LabelChange([LabelStep(log1p=True), LabelStep(scale=0.5), LabelStep(shift=2)])
LABELS = OutputLabels(LabelKind.NUMBER, change=CHANGE)
VALUES = np.array([[3.0], [100.0]])


def test_numbers_become_what_they_were() -> None:
    kept = np.array(CHANGE(VALUES), "float32")
    assert np.asarray(undone(kept, CHANGE.undo)) == pytest.approx(VALUES, rel=1e-5)


def test_the_layers_behind_the_model_do_the_same() -> None:
    given = keras.Input((1,), name="x")
    whole = with_own_units(keras.Model(given, keras.layers.Identity()(given), name="m"), Labels({"": LABELS}))
    assert whole.predict(np.array(CHANGE(VALUES), "float32"), verbose=0) == pytest.approx(VALUES, rel=1e-5)


def test_only_the_outputs_that_were_changed() -> None:
    given = keras.Input((1,), name="x")
    model = keras.Model(given, {"a": keras.layers.Identity()(given), "b": keras.layers.Identity()(given)})
    classes = OutputLabels(LabelKind.INDEX, change=LabelChange([LabelStep(shift=-1)]))
    whole = with_own_units(model, Labels({"a": LABELS, "b": classes}))
    found = whole.predict(np.array([[2.0]], "float32"), verbose=0)
    assert (float(found["a"][0, 0]), float(found["b"][0, 0])) == (pytest.approx(0), 2)
    assert with_own_units(model, Labels({"a": classes, "b": classes})) is model


PLAIN_KERAS = """
import keras, numpy as np
model = keras.models.load_model("inference.keras")
x = np.arange(1.0, 41.0)[:, None]
print(*model.predict({"size": x}, verbose=0)[:, 0].tolist())
"""


@pytest.mark.parametrize(
    ("written", "stream"), [(["log", {"scale": 0.5}], True), ({"scale": 0.001, "shift": -1}, False)]
)
def test_a_run_reports_and_predicts_in_the_own_unit(workplace: Workplace, written: object, stream: bool) -> None:
    sizes = np.arange(1, 41)
    prices = 1000.0 * sizes + 500 * (sizes % 3)
    table = "\n".join(f"{size},{price}" for size, price in zip(sizes, prices, strict=True))
    (workplace.folder / "homes.csv").write_text(f"size,price\n{table}\n")
    run = workplace.train(
        data={
            "source": {"CSV": {"path": "homes.csv", "label": "price", "stream": stream}},
            "map_labels": written,
            "batch_size": 8,
        },
        model={"layers": [{"Dense": {"units": 1}}]},
        compile={"optimizer": {"Adam": {"learning_rate": 0.05}}, "loss": "mse", "metrics": ["mae"]},
        fit={"epochs": 20},
    )
    assert "the loss is in that unit, metrics and predictions are in the label's own" in run.stderr
    predicted = workplace.call("predict", str(run.directory), "homes.csv")
    values = np.array([row.rpartition(",")[2] for row in predicted.stdout.split()[1:]], float)
    error = float(np.abs(values - prices).mean())
    assert error < 20_000
    evaluated = workplace.call("evaluate", str(run.directory), "--json")
    assert json.loads(evaluated.stdout)["metrics"]["mae"] == pytest.approx(error, rel=1e-3)
    alone = subprocess.run(
        [sys.executable, "-c", PLAIN_KERAS], cwd=run.directory, capture_output=True, text=True, check=True
    )
    assert np.array(alone.stdout.split(), float) == pytest.approx(values, rel=1e-4)
    changed = workplace.call(
        "resume", str(run.directory), "--set", "data.map_labels={scale: 2}", "--set", "fit.epochs=21"
    )
    assert changed.exit_code != 0
    assert "data.map_labels.scale: " in changed.stderr
