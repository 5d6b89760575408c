"""data.map and data.augment: built once, and random only by seed and step."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from typing import Any

import keras
import numpy as np
import pytest

from trainctl.backend import tf
from trainctl.components.context import DataContext
from trainctl.config.component import KerasComponent
from trainctl.config.experiment import DataSection
from trainctl.data.augment import Augmentation
from trainctl.data.batches import Epochs
from trainctl.data.mapping import Chain
from trainctl.data.prepare import Prepared, load
from trainctl.errors import BuildError
from trainctl.sources.synthetic import Synthetic

pytestmark = pytest.mark.tf


def layer(name: str, **arguments: Any) -> KerasComponent:
    return KerasComponent("layer", name, arguments)


AUGMENT = (
    layer("RandomFlip"),
    layer("RandomRotation", factor=0.1),
    layer("RandomContrast", factor=0.2),
    layer("GaussianNoise", stddev=0.1),
)
MAP = (layer("Rescaling", scale=1 / 255), layer("Resizing", height=4, width=6))


def prepared(*, seed: int = 3, **settings: Any) -> Prepared:
    source = Synthetic(samples=40, shape=(8, 8, 1), dtype="uint8")
    section = DataSection.model_construct(source=source, batch_size=16, **settings)
    return load(section, DataContext(emit=print), loss_is_classification=True, seed=seed)


def batches(data: Prepared, count: int, start_step: int = 0) -> list[Any]:
    return [x for x, _ in islice(data.training(start_step).as_numpy_iterator(), count)]


def test_map_changes_every_split_and_is_what_the_model_sees() -> None:
    data = prepared(map=MAP, validation_split=0.25)
    assert (data.facts["input_shape"], data.input_dtype) == ([4, 6, 1], "float32")
    assert data.splits.validation is not None
    [train], [validation, *_] = (
        batches(data, 1),
        [x for x, _ in data.evaluation(data.splits.validation).as_numpy_iterator()],
    )
    for batch in (train, validation):
        assert batch.shape[1:] == (4, 6, 1)
        assert 0 <= batch.min() < batch.max() <= 1
    adapted = np.concatenate(list(data.adapt_data().as_numpy_iterator()))
    assert adapted.shape == (30, 4, 6, 1)


def test_what_map_makes_is_the_same_each_time() -> None:
    data = prepared(map=(layer("RandomFlip"), layer("RandomRotation", factor=0.2)), shuffle=False)
    one, other = (np.concatenate(list(data.adapt_data().as_numpy_iterator())) for _ in range(2))
    np.testing.assert_array_equal(one, other)
    np.testing.assert_array_equal(one, data.splits.train.x)


@pytest.mark.parametrize("cache", [None, "memory"])
@pytest.mark.parametrize("name", ["trained", "input", "data_map"])
def test_map_and_model_as_one_take_what_map_takes(cache: str | None, name: str) -> None:
    rescaling = KerasComponent("layer", "Rescaling", {"scale": 1 / 255, "name": "input"})
    data = prepared(map=(rescaling, MAP[1]), cache=cache)
    inputs = keras.Input((4, 6, 1), name="input")
    trained = keras.Model(inputs, {"sum": keras.ops.sum(inputs, axis=(1, 2, 3))}, name=name)
    whole = data.mapped.before(trained)
    raw = prepared().splits.train.x
    assert ([each.name for each in whole.inputs], whole.inputs[0].dtype) == (["input"], "uint8")
    expected = np.concatenate([trained(x)["sum"] for x in data.adapt_data()])
    np.testing.assert_allclose(whole.predict(raw, verbose=0)["sum"], expected, rtol=1e-5)


def test_map_takes_one_array() -> None:
    with pytest.raises(BuildError, match="Rescaling takes one array, but the data comes as 'a' and 'b'"):
        Chain.built(MAP[:1], {"a": np.zeros(1), "b": np.zeros(1)}, seed=1)


def test_augmentation_is_a_function_of_seed_and_step() -> None:
    data = prepared(augment=AUGMENT)
    steps = batches(data, 9)
    assert len({step.tobytes() for step in steps}) == 9
    for one, other in zip(steps, batches(prepared(augment=AUGMENT), 9), strict=True):
        np.testing.assert_array_equal(one, other)
    for one, other in zip(steps[5:], batches(data, 4, start_step=5), strict=True):
        np.testing.assert_array_equal(one, other)
    plain = batches(prepared(), 1)[0]
    other_seed = batches(prepared(augment=AUGMENT, seed=4), 1)[0]
    assert (steps[0] != plain).any()
    assert (steps[0] != other_seed).any()


def test_images_of_a_batch_are_augmented_each_for_itself() -> None:
    data = prepared(augment=(layer("RandomFlip", mode="horizontal"),), shuffle=False)
    plain, flipped = batches(prepared(shuffle=False), 1)[0], batches(data, 1)[0]
    turned = [bool((one == other[:, ::-1]).all()) for one, other in zip(flipped, plain, strict=True)]
    kept = [bool((one == other).all()) for one, other in zip(flipped, plain, strict=True)]
    assert all(a != b for a, b in zip(turned, kept, strict=True))
    assert 0 < sum(turned) < 16


def test_a_layer_of_the_users_may_decide_with_if() -> None:
    def darkened(x: Any, y: Any, *, training: bool) -> tuple[Any, Any]:
        if tf.reduce_max(x) > 0:
            x = x * 0
        return x, y

    chain = Chain(("darkened",), "uint8", steps=(darkened,))  # type: ignore[arg-type]
    for parts in ({"change": chain}, {"augmentation": Augmentation(chain)}):
        data = replace(prepared(), **parts)
        assert np.max(next(iter(Epochs(data.training, 3).dataset))[0]) == 0


def test_validation_is_not_augmented() -> None:
    data = prepared(augment=AUGMENT, validation_split=0.5)
    assert data.splits.validation is not None
    [first, *_] = [x for x, _ in data.evaluation(data.splits.validation).as_numpy_iterator()]
    np.testing.assert_array_equal(first, data.splits.validation.x[:16])


def test_the_inputs_as_the_target_of_a_denoising_autoencoder() -> None:
    data = prepared(map=MAP[:1], augment=(layer("GaussianNoise", stddev=0.1),), target="inputs")
    x, y = next(data.training().as_numpy_iterator())
    assert x.shape == y.shape
    assert 0.05 < (x - y).std() < 0.15
    assert 0 <= y.min() < y.max() <= 1
    assert data.facts["num_classes"] is None


@pytest.mark.parametrize("where", ["memory", "disk"])
def test_a_cache_holds_what_the_layers_made(where: str) -> None:
    plain = batches(prepared(map=MAP, validation_split=0.2), 5)
    data = prepared(map=MAP, validation_split=0.2, cache=where, shuffle=40)
    assert isinstance(data.splits.train.x, np.memmap) == (where == "disk")
    assert data.splits.train.x.shape == (32, 4, 6, 1)
    assert data.facts["input_shape"] == [4, 6, 1]
    found = np.concatenate(batches(data, 2))
    expected = np.concatenate(plain[:2])
    assert sorted(map(bytes, found)) == sorted(map(bytes, expected))


def test_a_cache_holds_what_a_pipeline_makes_of_bytes() -> None:
    plain, kept = (prepared(map=MAP[1:], cache=cache, shuffle=False) for cache in (None, "memory"))
    np.testing.assert_array_equal(batches(kept, 1)[0], batches(plain, 1)[0])
    assert kept.splits.train.x.dtype == kept.input_dtype


def test_a_layer_that_does_not_fit() -> None:
    with pytest.raises(BuildError, match="Dot"):
        prepared(map=(layer("Dot", axes=1),))
    with pytest.raises(BuildError, match=r"Conv2D does not fit its input of shape \(None, 64\)"):
        prepared(map=(layer("Flatten"), layer("Conv2D", filters=2, kernel_size=3)))
