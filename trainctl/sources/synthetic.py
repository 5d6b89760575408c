"""Synthetic: made-up data of any shape, for smoke tests and benchmarks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from trainctl.aliases import Array, Value
from trainctl.components.dataset import Dataset, Samples
from trainctl.components.fields import Integer, Sizes
from trainctl.components.spec import SourceSpec, source

if TYPE_CHECKING:
    import numpy as np

    from trainctl.components.context import DataContext

Count = Annotated[Integer, Field(ge=2)] | None
Vocabulary = Annotated[Integer, Field(ge=3)]
Kind = Literal["float32", "uint8", "string"]

_WORDS = 20  # different words of texts


@source("Synthetic")
class Synthetic(SourceSpec):
    """Made-up data of any shape, from which a model can learn: for smoke tests and benchmarks.

    Each class has a pattern of its own, and each sample is its class's pattern under noise. Numbers to predict are a
    weighted sum of the input under noise. The same arguments make the same data, whatever the run's seed.

    Shapes:
        x: float32 (n, …), about normally distributed; uint8 in 0-255; int32 in 1 to `vocabulary` - 1; or words.
        y: int64 (n,) or (n, …) with `target_shape`; float32 without `classes`.
    """

    samples: Annotated[Integer, Field(ge=2)] = Field(default=1000, description="Number of samples.")
    shape: Sizes | dict[str, Sizes] = Field(
        default=(16,),
        description="Shape of one sample, or a mapping with the shape of each input of the model.",
        examples=[[28, 28, 1]],
    )
    classes: Count | dict[str, Count] = Field(
        default=2,
        description="Number of classes; null = numbers to predict; or a mapping, one for each output of the model.",
    )
    target_shape: Sizes = Field(
        default=(), description="Shape of one sample's label; [] = one class or number, [32, 32] = one per pixel."
    )
    vocabulary: Vocabulary | dict[str, Vocabulary] | None = Field(
        default=None,
        description="Generate token indices below this number; null = numbers; or a mapping, for some of the inputs.",
    )
    dtype: Kind | dict[str, Kind] = Field(
        default="float32",
        description="Dtype of inputs that are not tokens: numbers around 0, bytes around 128, or words; or a mapping, for "
        "some of the inputs.",
    )
    seed: Annotated[Integer, Field(ge=0)] = Field(default=0, description="The seed of the data.")

    def load(self, context: DataContext) -> Dataset:
        """Return all samples; there is no test part."""
        import numpy as np

        rng = np.random.default_rng(self.seed)
        names = list(self.classes) if isinstance(self.classes, Mapping) else []
        counts: list[int | None] = list(self.classes.values()) if isinstance(self.classes, Mapping) else [self.classes]
        y = [self._labels(count, rng) for count in counts]
        shapes = self.shape if isinstance(self.shape, Mapping) else {"": self.shape}
        x = {name: self._inputs(name, shape, y, counts, rng) for name, shape in shapes.items()}
        samples = Samples(
            x if isinstance(self.shape, Mapping) else x[""], dict(zip(names, y, strict=True)) if names else y[0]
        )
        return Dataset(samples)

    def _labels(self, classes: int | None, rng: np.random.Generator) -> Array:
        """Classes in equal shares, in random order; or numbers, normally distributed."""
        import numpy as np

        shape = (self.samples, *self.target_shape)
        if classes is None:
            return rng.standard_normal(shape, np.float32)
        labels: Array = rng.permutation(np.arange(np.prod(shape)) % classes).reshape(shape)
        return labels

    def _inputs(
        self, name: str, shape: tuple[int, ...], labels: list[Array], counts: list[int | None], rng: np.random.Generator
    ) -> Array:
        """Noise, moved by what is to be predicted."""
        import numpy as np

        signal = np.zeros((self.samples, *shape), np.float32)
        for label, classes in zip(labels, counts, strict=True):
            signal += _signal(label, classes, shape, rng)
        signal += rng.standard_normal(signal.shape, np.float32)
        vocabulary = self.vocabulary.get(name) if isinstance(self.vocabulary, Mapping) else self.vocabulary
        kind = self.dtype.get(name, "float32") if isinstance(self.dtype, Mapping) else self.dtype
        if vocabulary is not None:
            return 1 + _bands(signal, vocabulary - 1)
        if kind == "string":
            words = np.array([f"word{number}" for number in range(_WORDS)], dtype=object)
            return np.asarray(words[_bands(signal, _WORDS)])
        return np.clip(128 + 32 * signal, 0, 255).astype(np.uint8) if kind == "uint8" else signal


def made_up(arguments: Mapping[str, Value]) -> Value:
    """Return made-up data as an experiment names its source, for a draft that trains at once."""
    return {Synthetic.name_in_yaml: dict(arguments)}


def _bands(signal: Array, count: int) -> Array:
    """Return which of `count` equal bands between -3 and 3 each number is in, from 0."""
    import numpy as np

    return np.asarray(np.clip((signal + 3) / 6, 0, 0.9999) * count).astype(np.int32)


def _signal(label: Array, classes: int | None, shape: tuple[int, ...], rng: np.random.Generator) -> Any:
    """Return the pattern of each sample: that of its class, a number times one pattern, or the label of each pixel."""
    import numpy as np

    if label.ndim > 1 and label.shape[1:] == shape[: label.ndim - 1]:  # a label for each place
        spread = label if classes is None else 2 * label / (classes - 1) - 1
        return spread.reshape(*label.shape, *[1] * (len(shape) - label.ndim + 1)).astype(np.float32)
    if classes is None:
        numbers = label.reshape(len(label), -1)
        patterns = rng.standard_normal((numbers.shape[1], *shape), np.float32)
        return np.tensordot(numbers, patterns, axes=1)
    patterns = rng.standard_normal((classes, *shape), np.float32)
    return patterns[label.reshape(len(label), -1)[:, 0]]
