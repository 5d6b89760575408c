"""data.augment over images and the labels that follow them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from workplace import Workplace

pytestmark = pytest.mark.tf

ROTATION = {"RandomRotation": {"factor": 0.4}}
ONE_TO_ONE = {"layers": [{"Conv2D": {"filters": 1, "kernel_size": 1, "kernel_initializer": "ones"}}]}

CLASSES = {
    "layers": [
        {"Discretization": {"bin_boundaries": [0.5, 1.5], "output_mode": "one_hot"}},
        {"Dense": {"units": 3, "kernel_initializer": {"Identity": {}}}},
    ]
}
"""Gives each place the class that its value is."""
SPARSE = {
    "optimizer": {"SGD": {"learning_rate": 0.0}},
    "loss": {"SparseCategoricalCrossentropy": {"from_logits": True}},
    "metrics": ["accuracy"],
}


def _arrays(folder: Path, **arrays: Any) -> dict[str, Any]:
    np.savez(folder / "data.npz", **arrays)
    return {"NPZ": {"path": "data.npz"}}


def _images(count: int = 24) -> Any:
    return np.random.default_rng(0).integers(0, 3, (count, 8, 8, 1)).astype("float32")


def _train(workplace: Workplace, data: dict[str, Any], exit_code: int = 0, **sections: Any) -> Any:
    given: dict[str, Any] = {
        "data": {"batch_size": 8, "validation_split": 0.25, **data},
        "model": ONE_TO_ONE,
        "compile": {"optimizer": {"SGD": {"learning_rate": 0.0}}, "loss": "mae"},
        "fit": {"epochs": 1},
    }
    return workplace.train(exit_code=exit_code, **{**given, **sections})


@pytest.mark.parametrize("target", ["labels", "inputs"])
def test_numbers_move_with_the_images_as_they_do(workplace: Workplace, target: str) -> None:
    x = _images()
    source = (
        _arrays(workplace.folder, x=x, y=x) if target == "labels" else _arrays(workplace.folder, x=x, y=x[:, 0, 0, 0])
    )
    run = _train(workplace, {"source": source, "augment": [ROTATION, "RandomFlip"], "target": target})
    assert run.history[-1]["loss"] == pytest.approx(0, abs=1e-5)


@pytest.mark.parametrize("shape", [(8, 8), (8, 8, 1)])
def test_masks_of_classes_stay_classes(workplace: Workplace, shape: tuple[int, ...]) -> None:
    x = _images()
    mask = x.astype("int64").reshape(len(x), *shape)
    nearest = {"RandomRotation": {"factor": 0.4, "interpolation": "nearest"}}
    run = _train(
        workplace,
        {"source": _arrays(workplace.folder, x=x, y=mask), "augment": [nearest, {"RandomFlip": {}}]},
        model=CLASSES,
        compile=SPARSE,
    )
    assert run.history[-1]["accuracy"] == 1


@pytest.mark.parametrize("cache", [None, "memory"])
def test_layers_of_map_move_masks_too(workplace: Workplace, cache: str | None) -> None:
    x = _images()
    resizing = {"Resizing": {"height": 4, "width": 4, "interpolation": "nearest"}}
    source = _arrays(workplace.folder, x=x, y=x[..., 0].astype("int64"))
    run = _train(
        workplace,
        {"source": source, "map": [{"CenterCrop": {"height": 8, "width": 8}}, resizing], "cache": cache},
        model=CLASSES,
        compile=SPARSE,
    )
    assert run.history[-1]["accuracy"] == run.history[-1]["val_accuracy"] == 1


def test_a_crop_trains_a_model_of_any_size(workplace: Workplace) -> None:
    x = _images()
    crop = {"RandomCrop": {"height": 4, "width": 4}}
    data = {"source": _arrays(workplace.folder, x=x, y=x), "augment": [crop]}
    ended = _train(workplace, data, exit_code=5)
    assert "RandomCrop makes images of shape (4, 4, 1)" in ended.stderr
    assert "inputs: {image: {shape: [null, null, 1]}}" in ended.stderr
    run = _train(workplace, data, model={"inputs": {"image": {"shape": [None, None, 1]}}, **ONE_TO_ONE})
    assert (run.history[-1]["loss"], run.history[-1]["val_loss"]) == (0, 0)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (np.zeros((24, 4), "float32") + 0.3, "coordinates, such as bounding boxes"),
        (np.zeros((24, 5, 4), "float32") + 0.3, "bounding boxes are not supported"),
    ],
)
def test_boxes_are_refused(workplace: Workplace, labels: Any, message: str) -> None:
    data = {"source": _arrays(workplace.folder, x=_images(), y=labels), "augment": ["RandomFlip"]}
    ended = _train(workplace, data, exit_code=5, model={"layers": ["Flatten", {"Dense": {"units": 4}}]})
    assert message in ended.stderr


def test_a_layer_for_images_on_a_table(workplace: Workplace) -> None:
    ended = workplace.call(
        "validate", "--build", str(workplace.write(data={"source": "Iris", "augment": ["RandomFlip"]}))
    )
    assert ended.exit_code == 5
    assert "RandomFlip is for images of shape (height, width, channels)" in ended.stderr


@pytest.mark.parametrize("layer", [{"MixUp": {"alpha": 0.4}}, "CutMix"])
def test_mixed_samples_train_as_a_hand_written_script_does(workplace: Workplace, layer: Any) -> None:
    """One-hot labels, mixed in the same pipeline, and the loss for them: all logged values to 1e-6."""
    import keras

    from trainctl.config.load import load
    from trainctl.training.train import prepare

    source = {"Synthetic": {"samples": 48, "shape": [8, 8, 3], "classes": 4}}
    run = _train(
        workplace,
        {"source": source, "augment": [layer]},
        model={"layers": ["Flatten", {"Dense": {"units": 4, "activation": "softmax"}}]},
        compile={
            "optimizer": {"SGD": {"learning_rate": 0.01}},
            "loss": "sparse_categorical_crossentropy",
            "metrics": ["accuracy"],
        },
    )
    built = prepare(load(str(run.directory / "resolved.yaml")), 7, lambda _: None)
    assert built.data.splits.train.y.dtype == np.int64
    script = keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(4, activation="softmax")])
    script.build((None, 8, 8, 3))
    script.set_weights(built.model.get_weights())
    script.compile(keras.optimizers.SGD(0.01), "categorical_crossentropy", metrics=["accuracy"])
    batches = list(built.data.training().take(built.data.facts["steps_per_epoch"]).as_numpy_iterator())
    images, labels = (np.concatenate(each) for each in zip(*batches, strict=True))
    np.testing.assert_allclose(labels.sum(axis=1), 1, rtol=1e-5)
    assert ((labels > 0.01) & (labels < 0.99)).any()
    samples = built.data.splits.validation
    plain = (samples.x, np.eye(4)[samples.y])
    history = script.fit(images, labels, 8, validation_data=plain, verbose=0, shuffle=False).history
    for key, values in history.items():
        np.testing.assert_allclose(run.history[0][key], values[0], rtol=1e-6, err_msg=key)
