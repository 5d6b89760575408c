"""A baseline is what Keras itself says of a model whose output is that constant."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from trainctl.backend import keras
from trainctl.config.load import load
from trainctl.data.baseline import best_baseline, measure_baseline
from trainctl.events import ignore
from trainctl.training.train import prepare

pytestmark = pytest.mark.tf

N = 90
RNG = np.random.default_rng(3)
X = RNG.normal(size=(N, 4)).astype("float32")
CLASSES = RNG.choice(3, N, p=[0.2, 0.5, 0.3])
NUMBERS = RNG.exponential(size=N).astype("float32") + 0.5
IMAGES = RNG.normal(size=(N, 4, 4, 1)).astype("float32")
MASKS = RNG.choice(3, (N, 4, 4), p=[0.6, 0.3, 0.1])


def logit(p: Any) -> Any:
    return np.log(p) - np.log1p(-p)


def shares(y: Any) -> Any:
    return np.bincount(y.ravel(), minlength=3) / y.size


DENSE = ["Flatten", {"Dense": {"units": 3, "activation": "softmax"}}]
ONE = [{"Dense": {"units": 1, "activation": "sigmoid"}}]
LINEAR = [{"Dense": {"units": 1}}]
CONV = [{"Conv2D": {"filters": 3, "kernel_size": 1, "activation": "softmax"}}]
KEYS = {"softmax": lambda y: np.log(shares(y)), "sigmoid": lambda y: logit(y.mean(axis=0)), "mean": lambda y: y.mean()}

CASES: dict[str, tuple[Any, Any, list[Any], str, list[str], str, str]] = {
    "classes": (X, CLASSES, DENSE, "sparse_categorical_crossentropy",
                ["accuracy", "sparse_top_k_categorical_accuracy"], "softmax", "mean majority majority"),
    "one-hot": (X, np.eye(3)[CLASSES], DENSE, "categorical_crossentropy", ["accuracy"], "softmax", "mean majority"),
    "two": (X, (CLASSES > 0).astype(int), ONE, "binary_crossentropy", ["accuracy", "mse"], "sigmoid", "mean majority mean"),
    "multi-hot": (X, np.stack([CLASSES > 0, CLASSES > 1], 1).astype(int), [{"Dense": {"units": 2, "activation": "sigmoid"}}],
                  "binary_crossentropy", ["binary_accuracy"], "sigmoid", "mean majority"),
    "numbers": (X, NUMBERS, LINEAR, "mse",
                [{"RootMeanSquaredError": {"name": "rmse"}}, "msle", "r2_score", {"LogCoshError": {"name": "lc"}}],
                "mean", "mean mean mean mean mean"),
    "huber": (X, NUMBERS, LINEAR, {"Huber": {"delta": 0.3}}, ["poisson"], "mean", "mean mean"),
    "mask": (IMAGES, MASKS, CONV, "sparse_categorical_crossentropy",
             ["accuracy", {"MeanIoU": {"num_classes": 3, "name": "iou"}}], "softmax", "mean majority majority"),
}  # fmt: skip
LABELS = {"softmax": lambda y: y if y.ndim != 2 or y.shape[-1] != 3 else y.argmax(1)}


def built_of(folder: Path, x: Any, y: Any, layers: list[Any], loss: Any, metrics: list[Any], **data: Any) -> Any:
    np.savez(folder / "data.npz", x=x, y=y)
    experiment = {
        "data": {"source": {"NPZ": {"path": "data.npz"}}, "validation_split": 0.4, **data},
        "model": {"layers": layers},
        "compile": {"loss": loss, "metrics": metrics},
        "seed": 1,
    }
    file = folder / "experiment.yaml"
    file.write_text(yaml.safe_dump(experiment))
    return prepare(load(str(file)), 1, ignore)


def say(built: Any, bias: Any) -> dict[str, float]:
    """What Keras measures of a model that always says the constant."""
    layer = built.model.layers[-1]
    layer.set_weights([np.zeros_like(layer.kernel), np.broadcast_to(bias, layer.bias.shape)])
    found = built.model.evaluate(built.data.evaluation(built.data.splits.validation), verbose=0, return_dict=True)
    return {f"val_{key}": float(value) for key, value in found.items()}


@pytest.mark.parametrize("case", CASES)
def test_a_constant_is_measured_as_keras_does(case: str, tmp_path: Path) -> None:
    x, y, layers, loss, metrics, bias, kinds = CASES[case]
    built = built_of(tmp_path, x, y, layers, loss, metrics)
    baseline = measure_baseline(built.experiment, built.data, built.outputs)
    learned = LABELS.get(bias, lambda each: each)(np.asarray(built.data.splits.train.y))
    said = say(built, KEYS[bias](learned))
    assert [kind for each in baseline.values() for kind in each] == kinds.split()
    assert set(baseline) == set(said)
    for key, each in baseline.items():
        assert next(iter(each.values())) == pytest.approx(said[key], rel=2e-4, abs=2e-5), key


def test_the_median_for_absolute_errors_in_the_labels_own_unit(tmp_path: Path) -> None:
    built = built_of(tmp_path, X, NUMBERS, LINEAR, "mae", ["mae"], map_labels=["log"])
    baseline = measure_baseline(built.experiment, built.data, built.outputs)
    said = say(built, np.median(built.data.splits.train.y))
    assert baseline["val_loss"]["median"] == pytest.approx(said["val_loss"], rel=1e-4)
    own = np.exp(built.data.splits.validation.y)
    middle = np.median(np.exp(built.data.splits.train.y))
    assert baseline["val_mae"]["median"] == pytest.approx(abs(own - middle).mean(), rel=1e-4)


def test_weights_of_samples_count_where_keras_counts_them(tmp_path: Path) -> None:
    rows = "".join(f"{i % 7},{i % 5 == 0:d},{1 + i % 3}\n" for i in range(N))
    (tmp_path / "rows.csv").write_text("a,label,w\n" + rows)
    compile_ = {"loss": "binary_crossentropy", "metrics": ["accuracy"], "weighted_metrics": ["accuracy"]}
    source = {"CSV": {"path": "rows.csv", "label": "label"}}
    experiment = {
        "data": {"source": source, "sample_weight": "w", "validation_split": 0.4},
        "model": {"layers": ONE},
        "compile": compile_,
    }
    file = tmp_path / "weighted.yaml"
    file.write_text(yaml.safe_dump(experiment))
    built = prepare(load(str(file)), 1, ignore)
    baseline = measure_baseline(built.experiment, built.data, built.outputs)
    said = say(built, logit(built.data.splits.train.y.mean()))
    assert set(baseline) == set(said)
    for key, kinds in baseline.items():
        assert next(iter(kinds.values())) == pytest.approx(said[key], rel=1e-4), key


def test_the_last_value_of_a_series(tmp_path: Path) -> None:
    values = np.sin(np.arange(60) / 4)
    (tmp_path / "series.csv").write_text("value\n" + "\n".join(map(str, values)))
    source = {"Timeseries": {"path": "series.csv", "target": "value", "window": 4}}
    experiment = {
        "data": {"source": source, "validation_split": 0.3},
        "model": {"layers": ["Flatten", *LINEAR]},
        "compile": {"loss": "mse", "metrics": ["mae"]},
    }
    file = tmp_path / "series.yaml"
    file.write_text(yaml.safe_dump(experiment))
    built = prepare(load(str(file)), 1, ignore)
    baseline = measure_baseline(built.experiment, built.data, built.outputs)
    validation = built.data.splits.validation
    steps = np.asarray(validation.x[np.arange(len(validation))])[:, -1, 0] - validation.y
    assert baseline["val_loss"]["last"] == pytest.approx((steps**2).mean(), rel=1e-4)
    assert list(baseline["val_mae"]) == ["median", "last"]
    assert best_baseline(baseline["val_mae"], higher=False) == baseline["val_mae"]["last"]


def test_nothing_is_said_where_the_meaning_is_another(tmp_path: Path) -> None:
    loss = {"CategoricalCrossentropy": {"label_smoothing": 0.1}}
    built = built_of(tmp_path, X, np.eye(3)[CLASSES], DENSE, loss, ["AUC", "accuracy"])
    assert list(measure_baseline(built.experiment, built.data, built.outputs)) == ["val_accuracy"]


def test_a_loss_of_equal_classes_is_the_logarithm_of_their_number(tmp_path: Path) -> None:
    y = np.arange(N) % 3
    built = built_of(tmp_path, X, y, DENSE, "sparse_categorical_crossentropy", [])
    baseline = measure_baseline(built.experiment, built.data, built.outputs)
    assert baseline["val_loss"]["mean"] == pytest.approx(math.log(3), rel=1e-3)
    keras.backend.clear_session()
