"""Classes of very different sizes, weighed and measured by F1, log what a hand-written Keras script logs.

The file has class names and the sparse loss; the script has one-hot labels, as Keras's F1Score needs them.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from workplace import Workplace

pytestmark = pytest.mark.tf

NAMES = ("common", "rare", "seldom")
SIZES = (60, 6, 18)


def _samples() -> tuple[np.ndarray, np.ndarray]:
    """Vectors about their class's place, float32 (84, 4), and class indices, int64 (84,)."""
    draws = np.random.default_rng(5)
    y = draws.permutation(np.repeat(np.arange(3), SIZES))
    return (draws.normal(size=(len(y), 4)) + np.eye(4)[y] * 2).astype("float32"), y


def _flat(history: dict[str, list[Any]], epoch: int) -> dict[str, Any]:
    return {key: np.asarray(values[epoch]) for key, values in history.items()}


@pytest.mark.parametrize("loss", ["sparse_categorical_crossentropy", "categorical_crossentropy"])
def test_weighed_classes_and_their_f1(workplace: Workplace, loss: str) -> None:
    import keras

    from trainctl.config.load import load
    from trainctl.training.train import prepare

    x, y = _samples()
    np.savez(workplace.folder / "data.npz", x_train=x[:60], y_train=np.array(NAMES)[y[:60]], x_val=x[60:], y_val=np.array(NAMES)[y[60:]])  # fmt: skip
    run = workplace.train(
        data={"source": {"NPZ": {"path": "data.npz"}}, "batch_size": 16},
        model={
            "layers": [{"Dense": {"units": 8, "activation": "relu"}}, {"Dense": {"units": 3, "activation": "softmax"}}]
        },
        compile={
            "optimizer": {"Adam": {"learning_rate": 0.01}},
            "loss": loss,
            "metrics": [
                "accuracy",
                "F1Score",
                {"F1Score": {"average": "macro", "name": "macro"}},
                {"F1Score": {"average": "weighted", "name": "by_size"}},
                "AUC",
                {"Recall": {"class_id": 1, "name": "rare_found"}},
            ],
            "weighted_metrics": [{"CategoricalAccuracy": {"name": "fair"}}],
        },
        fit={"epochs": 3, "class_weight": "balanced"},
    )
    built = prepare(load(str(run.directory / "resolved.yaml")), 7, lambda _: None)
    script = keras.Sequential(
        [keras.Input((4,)), keras.layers.Dense(8, activation="relu"), keras.layers.Dense(3, activation="softmax")]
    )
    script.set_weights(built.model.get_weights())
    script.compile(
        keras.optimizers.Adam(0.01),
        "categorical_crossentropy",
        metrics=[
            "accuracy",
            keras.metrics.F1Score(),
            keras.metrics.F1Score(average="macro", name="macro"),
            keras.metrics.F1Score(average="weighted", name="by_size"),
            keras.metrics.AUC(),
            keras.metrics.Recall(class_id=1, name="rare_found"),
        ],
        weighted_metrics=[keras.metrics.CategoricalAccuracy(name="fair")],
    )
    counts = np.bincount(y[:60])
    steps = built.data.facts["steps_per_epoch"]
    batches = [each for each, *_ in built.data.training().take(3 * steps).as_numpy_iterator()]
    for epoch, logged in enumerate(run.history):
        seen = np.concatenate(batches[epoch * steps : (epoch + 1) * steps])
        order = [int(np.flatnonzero((x[:60] == row).all(1))[0]) for row in seen]
        assert sorted(order) == list(range(60))
        history = script.fit(
            x[order],
            keras.utils.to_categorical(y[order], 3),
            batch_size=16,
            shuffle=False,
            class_weight={index: 60 / (3 * count) for index, count in enumerate(counts)},
            validation_data=(x[60:], keras.utils.to_categorical(y[60:], 3)),
            validation_batch_size=16,
            verbose=0,
        ).history
        for key, value in _flat(history, 0).items():
            of_classes = [logged[f"{key}/{name}"] for name in NAMES] if value.ndim else logged[key]
            np.testing.assert_allclose(of_classes, value, rtol=1e-6, err_msg=f"{key} in epoch {epoch}")
            np.testing.assert_allclose(logged[key], value.mean(), rtol=1e-6, err_msg=f"{key} in epoch {epoch}")
    assert run.history[-1]["loss"] < run.history[0]["loss"]
