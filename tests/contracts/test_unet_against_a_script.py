"""A U-Net on masks from an NPZ logs what a hand-written Keras script logs, from the same weights and in the same order."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from workplace import Workplace

pytestmark = pytest.mark.tf

DOUBLE = {
    "params": {"filters": None},
    "layers": [
        {
            "Conv2D": {"filters": "${params.filters}", "kernel_size": 3, "padding": "same", "activation": "relu"},
            "repeat": 2,
        }
    ],
}
LAYERS = [
    {"double": {"filters": 3, "name": "high"}},
    "MaxPooling2D",
    {"double": {"filters": 5, "name": "low"}},
    {"Conv2DTranspose": {"filters": 3, "kernel_size": 2, "strides": 2, "name": "larger"}},
    {"Concatenate": None, "from": ["high", "larger"]},
    {"double": {"filters": 3}},
    {"Conv2D": {"filters": 3, "kernel_size": 1, "activation": "softmax"}},
]


def _masks() -> dict[str, np.ndarray]:
    """Noisy images of 8×8 in which each pixel's brightness tells its class of three."""
    draws = np.random.default_rng(5)
    arrays = {}
    for split, count in (("train", 20), ("val", 8)):
        masks = draws.integers(0, 3, (count, 8, 8))
        arrays[f"x_{split}"] = (masks[..., None] + draws.normal(0, 0.3, (count, 8, 8, 1))).astype("float32")
        arrays[f"y_{split}"] = masks
    return arrays


def _script() -> Any:
    """The same model as the configuration's, without trainctl."""
    import keras
    from keras import layers

    def double(x: Any, filters: int) -> Any:
        for _ in range(2):
            x = layers.Conv2D(filters, 3, padding="same", activation="relu")(x)
        return x

    images = keras.Input((8, 8, 1))
    high = double(images, 3)
    low = double(layers.MaxPooling2D()(high), 5)
    larger = layers.Conv2DTranspose(3, 2, strides=2)(low)
    last = double(layers.Concatenate()([high, larger]), 3)
    return keras.Model(images, layers.Conv2D(3, 1, activation="softmax")(last))


def test_a_unet_on_masks_is_what_a_script_trains(workplace: Workplace) -> None:
    import keras

    from trainctl.config.load import load
    from trainctl.training.train import prepare

    arrays = _masks()
    np.savez(workplace.folder / "masks.npz", **arrays)
    run = workplace.train(
        data={"source": {"NPZ": {"path": "masks.npz"}}, "batch_size": 8},
        model={"blocks": {"double": DOUBLE}, "layers": LAYERS},
        compile={
            "optimizer": {"Adam": {"learning_rate": 0.01}},
            "loss": "sparse_categorical_crossentropy",
            "metrics": ["accuracy", {"MeanIoU": {"num_classes": 3, "sparse_y_pred": False}}],
        },
        fit={"epochs": 3},
    )
    built = prepare(load(str(run.directory / "resolved.yaml")), 7, lambda _: None)
    script = _script()
    script.set_weights(built.model.get_weights())
    script.compile(
        keras.optimizers.Adam(0.01),
        "sparse_categorical_crossentropy",
        metrics=["accuracy", keras.metrics.MeanIoU(3, sparse_y_pred=False)],
    )
    steps = built.data.facts["steps_per_epoch"]
    batches = [images for images, *_ in built.data.training().take(3 * steps).as_numpy_iterator()]
    for epoch, logged in enumerate(run.history):
        seen = np.concatenate(batches[epoch * steps : (epoch + 1) * steps])
        order = [int(np.flatnonzero((arrays["x_train"] == image).all((1, 2, 3)))[0]) for image in seen]
        assert sorted(order) == list(range(20))
        history = script.fit(
            arrays["x_train"][order],
            arrays["y_train"][order],
            batch_size=8,
            shuffle=False,
            validation_data=(arrays["x_val"], arrays["y_val"]),
            validation_batch_size=8,
            verbose=0,
        ).history
        expected = {key: values[0] for key, values in history.items()}
        assert {key for key in logged if key.startswith("val_")} == {key for key in expected if key.startswith("val_")}
        for key, value in expected.items():
            np.testing.assert_allclose(logged[key], value, rtol=1e-6, err_msg=f"{key} in epoch {epoch}")
    assert run.history[-1]["loss"] < run.history[0]["loss"]
