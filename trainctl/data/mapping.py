"""Keras layers over batches before they reach the model: those of `data.map`, and what labels they move."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from trainctl.aliases import Data, KerasObject, Tensors
from trainctl.backend import keras
from trainctl.config.component import KerasComponent
from trainctl.config.model.section import INPUT
from trainctl.data.follow import Label, Shape, Step, require_image, steps_of
from trainctl.models.build import REFUSALS, build_error, first_sentence, instantiate, layer_seed
from trainctl.text import one_of


@dataclass(frozen=True, slots=True)
class Chain:
    """Layers one after the other; false where there is none.

    Args:
        layers: The Keras layers; they take images or other arrays, one input.
        shape: The shape of one sample after them; `None` without layers.
        dtype: Its type.
        given: What they were built for: a KerasTensor of the samples before them.
        steps: What each of them does; a `Pipeline` is several.
        after: What is known of the labels after them.
    """

    layers: tuple[KerasObject, ...] = ()
    shape: Shape | None = None
    dtype: str | None = None
    given: KerasObject = None
    steps: tuple[Step, ...] = ()
    after: Mapping[str, Label] = field(default_factory=dict)

    @classmethod
    def built(
        cls,
        components: Sequence[KerasComponent],
        x: Data,
        seed: int,
        labels: Mapping[str, Label] = MappingProxyType({}),
    ) -> Chain:
        """Return the layers built for samples such as `x`.

        Args:
            components: The layers.
            x: Samples, or what has their shape and type.
            seed: The run's seed.
            labels: What is known of the labels, by output; "" is the only one.

        Raises:
            BuildError: A layer cannot be built, or does not fit; points at its line.
        """
        if not components:
            return cls(after=labels)
        if isinstance(x, Mapping):
            raise build_error(
                components[0],
                f"{components[0].name} takes one array, but the data comes as {one_of(map(repr, x), 'and')}",
                hint="move it into the model, after the input it belongs to",
            )
        value = given = keras.KerasTensor((None, *x.shape[1:]), dtype="string" if x.dtype == object else x.dtype.name)
        built, steps, after = [], list[Step](), labels
        for number, component in enumerate(components):
            keras.utils.set_random_seed(layer_seed(seed, f"data/{number}/{component.name}"))
            layer = instantiate(component)
            require_image(component, layer, value)
            before = tuple(value.shape[1:])
            try:
                value = layer(value)
            except REFUSALS as error:
                message = (
                    f"{component.name} does not fit its input of shape {tuple(value.shape)}: {first_sentence(error)}"
                )
                raise build_error(component, message, error) from error
            built.append(layer)
            made, after = steps_of(component, layer, before, after)
            steps += made
        return cls(tuple(built), tuple(value.shape[1:]), str(value.dtype), given, tuple(steps), after)

    def __bool__(self) -> bool:
        return bool(self.layers)

    def __call__(self, x: Data) -> Tensors:
        """Return the batch after all layers; nothing random happens in it."""
        for layer in self.layers:
            x = layer(x, training=False)
        return x

    @property
    def moves_labels(self) -> bool:
        """Whether labels move with the inputs."""
        return any(step.follows for step in self.steps)

    def both(self, x: Tensors, y: Tensors, *, training: bool = False) -> tuple[Tensors, Tensors]:
        """Return the inputs and the labels of a batch after all layers."""
        for step in self.steps:
            x, y = step(x, y, training=training)
        return x, y

    def before(self, trained: keras.Model) -> keras.Model:
        """Return the layers and the model trained behind them as one, which takes what the layers take.

        Args:
            trained: Takes what the layers make, as its only input.
        """
        raw = keras.Input(self.given.shape[1:], dtype=self.given.dtype, name=_input_name(trained))
        layers = keras.Sequential(self.layers, name="data_map")  # apart, since a layer may be called as another one is
        if trained.name in {raw.name, layers.name}:
            trained = keras.Model(trained.input, trained.output, name=f"{trained.name}_")
        return keras.Model(raw, trained(layers(raw)), name=trained.name)


def _input_name(model: keras.Model) -> str:
    """Return the name of its first input; a class of its own has none."""
    inputs = getattr(model, "inputs", None)
    return inputs[0].name if inputs else INPUT
