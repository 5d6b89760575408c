"""Keras layers over batches before they reach the model: `data.map` for all of them, `data.augment` for training.

What is random in them is drawn from the seed and the number of the step alone, so that a resumed run sees the same images.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from trainctl.aliases import Data, Tensors
from trainctl.backend import keras, layers_within, tf
from trainctl.config.component import KerasComponent
from trainctl.models.build import build_error, first_sentence, instantiate, layer_seed
from trainctl.text import one_of


@dataclass(frozen=True, slots=True)
class Chain:
    """Layers one after the other; false where there is none.

    Args:
        layers: The Keras layers; they take images or other arrays, one input.
        shape: The shape of one sample after them; `None` without layers.
        dtype: Its type.
        given: What they were built for: a KerasTensor of the samples before them.
    """

    layers: tuple[Any, ...] = ()
    shape: tuple[int | None, ...] | None = None
    dtype: str | None = None
    given: Any = None

    @classmethod
    def built(cls, components: Sequence[KerasComponent], x: Data, seed: int) -> Chain:
        """The layers built for samples such as `x`.

        Raises:
            BuildError: A layer cannot be built, or does not fit; points at its line.
        """
        if not components:
            return cls()
        if isinstance(x, Mapping):
            raise build_error(
                components[0],
                f"{components[0].name} takes one array, but the data comes as {one_of(map(repr, x), 'and')}",
                hint="move it into the model, after the input it belongs to",
            )
        value = given = keras.KerasTensor((None, *x.shape[1:]), dtype="string" if x.dtype == object else x.dtype.name)
        built = []
        for number, component in enumerate(components):
            keras.utils.set_random_seed(layer_seed(seed, f"data/{number}/{component.name}"))
            layer = instantiate(component)
            try:
                value = layer(value)
            except (ValueError, TypeError) as error:
                message = (
                    f"{component.name} does not fit its input of shape {tuple(value.shape)}: {first_sentence(error)}"
                )
                raise build_error(component, message, error) from error
            built.append(layer)
        return cls(tuple(built), tuple(value.shape[1:]), str(value.dtype), given)

    def __bool__(self) -> bool:
        return bool(self.layers)

    def __call__(self, x: Data) -> Tensors:
        """The batch after all layers; nothing random happens in it."""
        for layer in self.layers:
            x = layer(x, training=False)
        return x

    def before(self, trained: keras.Model) -> keras.Model:
        """The layers and the model trained behind them as one, which takes what the layers take.

        Args:
            trained: Takes what the layers make, as its only input.
        """
        raw = keras.Input(self.given.shape[1:], dtype=self.given.dtype, name=trained.inputs[0].name)
        layers = keras.Sequential(self.layers, name="data_map")  # apart, since a layer may be called as another one is
        if trained.name in {raw.name, layers.name}:
            trained = keras.Model(trained.input, trained.output, name=f"{trained.name}_")
        return keras.Model(raw, trained(layers(raw)), name=trained.name)


class _StepSeeds(keras.random.SeedGenerator):
    """Seeds that are a function of (seed, step): drawn afresh in each batch, counted within it."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed=seed)
        self._base = seed
        self._step: Any = 0
        self._count = 0

    def begin(self, step: tf.Tensor) -> None:
        self._step, self._count = step, 0

    def next(self, ordered: bool = True) -> tf.Tensor:
        self._count += 1
        mixed = tf.random.experimental.stateless_fold_in(
            [self._base % 2**31, self._count], tf.cast(self._step, tf.int32)
        )
        return (
            tf.cast(mixed, keras.backend.random_seed_dtype()) if hasattr(keras.backend, "random_seed_dtype") else mixed
        )


@dataclass(frozen=True, slots=True)
class Augmentation:
    """Random layers over the inputs to train on; false where there is none.

    Args:
        chain: The layers.
        seeds: The seeds of each layer.
    """

    chain: Chain = field(default_factory=Chain)
    seeds: tuple[_StepSeeds, ...] = ()

    @classmethod
    def built(cls, components: Sequence[KerasComponent], change: Chain, x: Data, seed: int) -> Augmentation:
        """The layers built for what `change` makes of samples such as `x`.

        Raises:
            BuildError: A layer cannot be built, or does not fit; points at its line.
        """
        chain = Chain.built(components, _Like(change, x) if change else x, seed)
        seeds = [_seeded(layer, layer_seed(seed, f"augment/{number}")) for number, layer in enumerate(chain.layers)]
        return cls(chain, tuple(each for group in seeds for each in group))

    def __bool__(self) -> bool:
        return bool(self.chain)

    def batch(self, step: tf.Tensor, batch: tuple[Any, ...]) -> tuple[Any, ...]:
        """The batch of step `step` with its inputs augmented."""
        for seeds in self.seeds:
            seeds.begin(step)
        x = batch[0]
        for layer in self.chain.layers:
            x = layer(x, training=True)
        return (x, *batch[1:])


class _Like:
    """The shape and type of inputs after `data.map`."""

    def __init__(self, change: Chain, x: Data) -> None:
        import numpy as np

        self.shape = (len(x), *(change.shape or ()))
        self.dtype = np.dtype(object if change.dtype == "string" else change.dtype)


def _seeded(layer: keras.Layer, seed: int) -> list[_StepSeeds]:
    """Give the layer, and those within it, seeds that depend on the step."""
    given = []
    for number, each in enumerate(layers_within(layer)):
        seeds = _StepSeeds(layer_seed(seed, str(number)) % 2**31)
        for name, value in list(vars(each).items()):
            if isinstance(value, keras.random.SeedGenerator):
                object.__setattr__(each, name, seeds)
        object.__setattr__(each, "_get_seed_generator", _always(seeds))
        given.append(seeds)
    return given


def _always(seeds: _StepSeeds) -> Callable[..., _StepSeeds]:
    def generator(_backend: Any = None) -> _StepSeeds:
        return seeds

    return generator
