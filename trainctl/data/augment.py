"""`data.augment`: random layers over the samples to train on, and over the labels where they must follow.

What is random in them is drawn from the seed and the number of the step alone, so that a resumed run sees the same images.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from trainctl.aliases import Data
from trainctl.backend import keras, layers_within, tf
from trainctl.config.component import KerasComponent
from trainctl.config.model.effects import EFFECTS, Effect
from trainctl.data.follow import Label
from trainctl.data.mapping import Chain
from trainctl.models.build import build_error, layer_seed


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
    def built(
        cls, components: Sequence[KerasComponent], change: Chain, x: Data, seed: int, labels: Mapping[str, Label]
    ) -> Augmentation:
        """Return the layers built for what `change` makes of samples such as `x`.

        Args:
            components: The layers.
            change: The layers of `data.map`.
            x: Samples before those.
            seed: The run's seed.
            labels: What is known of the labels after `change`, by output; "" is the only one.

        Raises:
            BuildError: A layer cannot be built, or does not fit; points at its line.
        """
        chain = Chain.built(components, _Like(change, x) if change else x, seed, labels)
        seeds = [_seeded(layer, layer_seed(seed, f"augment/{number}")) for number, layer in enumerate(chain.layers)]
        return cls(chain, tuple(each for group in seeds for each in group))

    def __bool__(self) -> bool:
        return bool(self.chain)

    def batch(self, step: tf.Tensor, batch: tuple[Any, ...]) -> tuple[Any, ...]:
        """Return the batch of step `step` with its inputs augmented."""
        for seeds in self.seeds:
            seeds.begin(step)
        x, y, *weight = batch
        return (*self.chain.both(x, y, training=True), *weight)


def require_fitting(augmentation: Augmentation, components: Sequence[KerasComponent], model: keras.Model) -> None:
    """Refuse layers that make samples of another shape than the model takes.

    Raises:
        BuildError: Points at the last layer that changes the shape.
    """
    chain = augmentation.chain
    if not chain or chain.shape is None or not getattr(model, "inputs", None):
        return
    taken, made = tuple(model.inputs[0].shape[1:]), chain.shape
    if len(taken) == len(made) and all(a is None or b is None or a == b for a, b in zip(taken, made, strict=True)):
        return
    last = next((each for each in reversed(components) if EFFECTS.get(each.name) is Effect.PLACES), components[-1])
    any_size = ", ".join(["null"] * (len(made) - 1) + [str(made[-1])])
    raise build_error(
        last,
        f"{last.name} makes images of shape {made} to train on, but the model takes {taken}; validation is not augmented",
        hint=f"let the model take any size: model: {{inputs: {{image: {{shape: [{any_size}]}}}}}}, or put {last.name} in "
        "data.map",
    )


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
