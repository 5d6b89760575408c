"""What every preprocessing layer of the installed Keras does to labels, as tried, is what `effects.py` says."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from trainctl.config.component import KerasComponent
from trainctl.config.model.effects import EFFECTS, Effect
from trainctl.data.follow import Label, Step, effect_of, steps_of
from trainctl.errors import BuildError

pytestmark = pytest.mark.tf

ARGUMENTS: dict[str, dict[str, Any]] = {
    "CenterCrop": {"height": 4, "width": 5},
    "MaxNumBoundingBoxes": {"max_number": 3},
    "RandomBrightness": {"factor": 0.5},
    "RandomColorDegeneration": {"factor": 0.9},
    "RandomColorJitter": {"brightness_factor": 0.5},
    "RandomContrast": {"factor": 0.5},
    "RandomCrop": {"height": 4, "width": 5},
    "RandomHue": {"factor": 0.5},
    "RandomPosterization": {"factor": 2},
    "RandomRotation": {"factor": 0.3},
    "RandomSaturation": {"factor": 0.9},
    "RandomSharpness": {"factor": 0.9},
    "RandomShear": {"x_factor": 0.5},
    "RandomTranslation": {"height_factor": 0.5, "width_factor": 0.5},
    "RandomZoom": {"height_factor": 0.5},
    "Resizing": {"height": 4, "width": 5},
    "Solarization": {"addition_factor": 0.5, "threshold_factor": 0.5},
}
CLAHE = "ContrastLimitedAdaptiveHistogramEqualization"
NO_SEED = {"AutoContrast", "CenterCrop", "Equalization", "MaxNumBoundingBoxes", "Resizing", "Solarization", CLAHE}
IMAGES_ALONE = {"RandomGrayscale", CLAHE}
"""Layers that take images, but fail on images with labels."""


def _preprocessing() -> dict[str, type[Any]]:
    found = {name: getattr(keras.layers, name) for name in dir(keras.layers)}
    return {n: c for n, c in found.items() if isinstance(c, type) and ".layers.preprocessing." in c.__module__}


IMAGES = np.random.default_rng(0).uniform(0, 255, (6, 8, 8, 3)).astype("float32")
MASKS = np.random.default_rng(1).integers(0, 5, (6, 8, 8, 1)).astype("float32")
LABELS = np.eye(6, dtype="float32")
FOR_IMAGES = sorted(name for name, cls in _preprocessing().items() if hasattr(cls, "transform_images"))


def _layer(name: str) -> Any:
    arguments = ARGUMENTS.get(name, {})
    return getattr(keras.layers, name)(**arguments, **({} if name in NO_SEED else {"seed": 3}))


def _applied(name: str, batch: Any) -> Any:
    layer = _layer(name)
    return next(iter(tf.data.Dataset.from_tensors(batch).map(lambda each: layer(each, training=True))))


def test_every_preprocessing_layer_is_known() -> None:
    assert set(_preprocessing()) - {"Pipeline"} <= set(EFFECTS)


@pytest.mark.parametrize("name", sorted(set(_preprocessing()) - set(FOR_IMAGES) - {"Pipeline"}))
def test_what_is_not_for_images_reads_or_changes_values(name: str) -> None:
    assert EFFECTS[name] in {Effect.READS, Effect.VALUES}


@pytest.mark.parametrize("name", [name for name in FOR_IMAGES if EFFECTS[name] is Effect.VALUES])
def test_what_changes_values_leaves_masks_and_labels(name: str) -> None:
    if name in IMAGES_ALONE:
        assert _applied(name, IMAGES).shape == IMAGES.shape
        return
    batch = {"images": IMAGES, "labels": LABELS, "segmentation_masks": MASKS}
    changed = _applied(name, batch)
    np.testing.assert_array_equal(changed["labels"], LABELS)
    np.testing.assert_array_equal(changed["segmentation_masks"], MASKS)


@pytest.mark.parametrize("name", [name for name in FOR_IMAGES if EFFECTS[name] is Effect.PLACES])
def test_what_moves_images_moves_masks_and_numbers_alike(name: str) -> None:
    alone = _applied(name, IMAGES)
    layer = _layer(name)
    component = KerasComponent("layer", name)
    numbers = Label((8, 8, 3), are_numbers=True)
    masks = Label((8, 8), are_numbers=False, are_indices=True)
    (step,), after = steps_of(component, layer, (8, 8, 3), {"same": numbers, "mask": masks})
    y = {"same": IMAGES, "mask": MASKS[..., 0].astype("int64")}
    x, moved = next(iter(tf.data.Dataset.from_tensors((IMAGES, y)).map(lambda x, y: step(x, y, training=True))))
    np.testing.assert_allclose(x, alone, atol=1e-3)
    np.testing.assert_allclose(moved["same"], alone, atol=1e-3)
    assert moved["mask"].dtype == tf.int64
    assert (after["mask"].shape, after["same"].shape) == (tuple(moved["mask"].shape[1:]), tuple(alone.shape[1:]))
    assert set(np.unique(moved["mask"])) <= set(range(5))
    assert moved["mask"].shape != (6, 8, 8) or (moved["mask"].numpy() != MASKS[..., 0]).any()


@pytest.mark.parametrize("name", [name for name in FOR_IMAGES if EFFECTS[name] is Effect.MIXES])
def test_what_mixes_samples_mixes_their_labels(name: str) -> None:
    component, layer = KerasComponent("layer", name), _layer(name)
    alone = _applied(name, IMAGES)
    numbers = Label((8, 8, 3), are_numbers=True)
    labels = {"kind": Label((6,), are_numbers=False), "size": Label((), are_numbers=True), "same": numbers}
    (step,), _ = steps_of(component, layer, (8, 8, 3), labels)
    y = {"kind": LABELS, "size": np.arange(6, dtype="float32"), "same": IMAGES}
    x, mixed = next(iter(tf.data.Dataset.from_tensors((IMAGES, y)).map(lambda x, y: step(x, y, training=True))))
    np.testing.assert_allclose(x, alone, atol=1e-3)
    np.testing.assert_allclose(mixed["same"], alone, atol=1e-3)
    np.testing.assert_allclose(np.sum(mixed["kind"], axis=1), 1, rtol=1e-5)
    np.testing.assert_allclose(mixed["size"], mixed["kind"].numpy() @ np.arange(6), rtol=1e-4, atol=1e-5)
    assert (mixed["kind"].numpy() != LABELS).any()
    with pytest.raises(BuildError, match="class indices, of which there is no mean"):
        steps_of(component, layer, (8, 8, 3), {"": Label((), are_numbers=False, are_indices=True)})


def test_cut_mix_pastes_masks_and_mix_up_refuses_them() -> None:
    mask = {"": Label((8, 8, 1), are_numbers=False, are_indices=True)}
    (step,), _ = steps_of(KerasComponent("layer", "CutMix"), _layer("CutMix"), (8, 8, 3), mask)
    images = np.repeat(MASKS, 3, axis=-1)
    x, pasted = next(
        iter(tf.data.Dataset.from_tensors((images, MASKS.astype("int32"))).map(lambda x, y: step(x, y, training=True)))
    )
    np.testing.assert_array_equal(pasted[..., 0], x[..., 0])
    assert pasted.shape == MASKS.shape
    with pytest.raises(BuildError, match="no mean"):
        steps_of(KerasComponent("layer", "MixUp"), _layer("MixUp"), (8, 8, 3), mask)


def test_rand_augment_moves_masks_of_classes_and_refuses_numbers() -> None:
    mask = {"": Label((8, 8, 1), are_numbers=False, are_indices=True)}
    (step,), _ = steps_of(KerasComponent("layer", "RandAugment"), _layer("RandAugment"), (8, 8, 3), mask)
    _, moved = next(
        iter(tf.data.Dataset.from_tensors((IMAGES, MASKS.astype("int32"))).map(lambda x, y: step(x, y, training=True)))
    )
    assert set(np.unique(moved)) <= set(range(5))
    for name in ("RandAugment", "AugMix"):
        with pytest.raises(BuildError, match="cannot follow"):
            steps_of(KerasComponent("layer", name), _layer(name), (8, 8, 3), {"": Label((8, 8, 3), are_numbers=True)})
    with pytest.raises(BuildError, match="no single label"):
        steps_of(KerasComponent("layer", "AugMix"), _layer("AugMix"), (8, 8, 3), mask)


@pytest.mark.parametrize("name", ["RandomFlip", "RandAugment", "AugMix"])
def test_several_numbers_may_be_coordinates(name: str) -> None:
    component, layer = KerasComponent("layer", name), _layer(name)
    with pytest.raises(BuildError, match="coordinates, such as bounding boxes"):
        steps_of(component, layer, (8, 8, 3), {"": Label((4,), are_numbers=True)})
    for label in (Label((), are_numbers=True), Label((1,), are_numbers=True), Label((4,), are_numbers=False)):
        (step,), _ = steps_of(component, layer, (8, 8, 3), {"": label})
        assert step == Step(layer)


def test_boxes_and_layers_that_nobody_knows_are_refused() -> None:
    with pytest.raises(BuildError, match="bounding boxes"):
        steps_of(KerasComponent("layer", "MaxNumBoundingBoxes"), _layer("MaxNumBoundingBoxes"), (8, 8, 3), {})

    class Own(keras.layers.Layer):
        pass

    class OwnFlip(keras.layers.RandomFlip):
        pass

    with pytest.raises(BuildError, match="what Own does to them is unknown"):
        steps_of(KerasComponent("layer", "Own"), Own(), (8, 8, 3), {"": Label((8, 8), are_numbers=False)})
    assert steps_of(KerasComponent("layer", "Own"), Own(), (8, 8, 3), {"": Label((), are_numbers=False)})
    assert effect_of(OwnFlip()) is Effect.PLACES


@pytest.mark.parametrize(
    ("name", "shape", "reason"),
    [
        ("RandomRotation", (4, 4), "masks have the image's height and width"),
        ("RandomRotation", (8, 8, 3, 2), "masks have the image's height and width"),
        ("RandomCrop", (8, 8), None),
    ],
)
def test_labels_of_another_size(name: str, shape: tuple[int, ...], reason: str | None) -> None:
    def made() -> Any:
        return steps_of(KerasComponent("layer", name), _layer(name), (8, 8, 3), {"": Label(shape, are_numbers=False)})

    if reason is None:
        assert made()
        return
    with pytest.raises(BuildError, match=reason):
        made()


def test_a_crop_larger_than_the_image_blends_no_classes() -> None:
    layer = keras.layers.RandomCrop(16, 4)
    with pytest.raises(BuildError, match="smaller than the crop"):
        steps_of(KerasComponent("layer", "RandomCrop"), layer, (8, 8, 3), {"": Label((8, 8), are_numbers=False)})


def test_the_layers_of_a_pipeline_count_each() -> None:
    pipeline = keras.layers.Pipeline([_layer("RandomFlip"), _layer("RandomContrast"), _layer("RandomCrop")])
    steps, after = steps_of(
        KerasComponent("layer", "Pipeline"), pipeline, (8, 8, 3), {"": Label((8, 8), are_numbers=False)}
    )
    assert [step.masks for step in steps] == [("",), (), ("",)]
    assert after[""].shape == (4, 5)
