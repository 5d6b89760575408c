"""Tables: the columns as one feature vector, encoded by a Keras model that is learned on the training split.

The same model encodes before training and, joined to the trained one, raw rows later: both agree by construction.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from trainctl.aliases import ArrowData, Tensors
from trainctl.backend import as_written, keras, tf
from trainctl.components.dataset import ColumnKind
from trainctl.sources.table.input_names import free_name, inputs_by_column

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from trainctl.components.dataset import Samples
    from trainctl.data.category_table import CategoryTable
    from trainctl.data.profile import ColumnProfile

MAX_CATEGORIES = 256
"""Texts of a column with a feature of their own; of a column with more, the most frequent ones."""

MAX_WORDS = 1000
"""Words of a text column with a feature of their own."""

_BATCH = 8192


@dataclass(frozen=True, slots=True)
class TableEncoder:
    """A learned encoding of a table.

    Numbers and dates are brought to mean 0 and variance 1; a missing one becomes the mean, and where training had missing
    ones a feature 0/1 tells. A date also tells where in the year, the week and the day it lies. A category becomes one 1
    among 0s; one feature is shared by all texts that training did not have, a missing one included. A text becomes a 0/1
    for each frequent word.

    Args:
        model: One input (n, 1) a column, named as it: float64 with NaN for missing (booleans 0 or 1, dates as days since
            1970-01-01), so that large numbers close together stay apart, or text; output float32 (n, features).
        input_names: The model's input for each column.
        shortened: How many texts each column with more than `MAX_CATEGORIES` has.
        fewer_bins: How many bins a column has, and how many were asked for, where these are more.
        tables: What was learned of the categories of some columns; their numbers are the last features, in this order.
        compiled: The model as a TensorFlow function.
    """

    model: keras.Model
    input_names: Mapping[str, str]
    shortened: Mapping[str, int]
    fewer_bins: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    tables: Mapping[str, CategoryTable] = field(default_factory=dict)
    compiled: Any = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(
            self, "compiled", tf.function(as_written(self.model), jit_compile=False, reduce_retracing=True)
        )

    @classmethod
    def fit(
        cls, profiles: Mapping[str, ColumnProfile], tables: Mapping[str, CategoryTable] = MappingProxyType({})
    ) -> TableEncoder:
        """Return the encoding learned from what the columns of the training split are like."""
        input_names = inputs_by_column(profiles)
        inner = _encoder(profiles, tables, free_name("encoder", input_names.values()))
        by_name = {
            input_names[name]: keras.Input((1,), name=input_names[name], dtype=tensor.dtype)
            for name, tensor in zip(profiles, inner.inputs, strict=True)
        }
        counts = {name: len(each.texts) for name, each in profiles.items() if name not in tables}
        shortened = {name: count for name, count in counts.items() if count > MAX_CATEGORIES}
        bins = {name: (len(bounds_of(each)) + 1, each.options.bins or 0) for name, each in profiles.items()}
        fewer = {name: (count, wanted) for name, (count, wanted) in bins.items() if count < wanted}
        return cls(keras.Model(by_name, inner(list(by_name.values()))), input_names, shortened, fewer, tables)

    def encode(self, samples: Samples, start: int | None = None) -> NDArray[np.float32]:
        """Return the feature vectors of `samples`: float32 (n, features).

        Args:
            samples: Rows of the table.
            start: Of rows to train on, the number of the first of them among these; `None` of any others.
        """
        features = self._encoded(samples)
        if start is None or not self.tables:
            return features
        learned = [table.of_training_rows(samples.x[name], start) for name, table in self.tables.items()]
        width = sum(table.width for table in self.tables.values())
        return np.concatenate([features[:, :-width], *learned], axis=1)

    def _encoded(self, samples: Samples) -> NDArray[np.float32]:
        rows = self.rows(samples)
        vectors = np.empty((len(samples), int(self.model.output.shape[-1])), np.float32)
        for start in range(0, len(samples), _BATCH):
            batch = {name: values[start : start + _BATCH] for name, values in rows.items()}
            vectors[start : start + _BATCH] = self.compiled(batch)
        return vectors

    def rows(self, samples: Samples) -> dict[str, tf.Tensor]:
        """Return what the model takes for `samples`: one tensor (n, 1) an input."""
        table: ArrowData = samples.x
        dtypes = {tensor.name: tensor.dtype for tensor in self.model.inputs}
        with tf.device("CPU"):
            return {key: tf.constant(table[name][:, np.newaxis], dtypes[key]) for name, key in self.input_names.items()}


def inference_model(encoder: TableEncoder, trained: keras.Model) -> keras.Model:
    """Raw row in, answer out: the encoder and the trained model as one, which Keras alone can load.

    Args:
        encoder: The encoding with which `trained` was trained.
        trained: Takes float32 (n, features).
    """
    taken = [operation.name for operation in encoder.model.operations]
    if trained.name in taken:  # a column is called as the experiment is; the same layers under another name
        trained = keras.Model(trained.input, trained.output, name=free_name(trained.name, taken))
    return keras.Model(encoder.model.input, trained(encoder.model.output), name=f"{trained.name}_inference")


def _encoder(profiles: Mapping[str, ColumnProfile], tables: Mapping[str, CategoryTable], name: str) -> keras.Model:
    """Return the encoding with one input a column, in their order.

    A model of its own, with names of its own: a column may be called as Keras calls an operation, such as `cast`.
    """
    inputs = {
        column: keras.Input((1,), name=f"column_{number}", dtype="string" if profile.kind.is_words else "float64")
        for number, (column, profile) in enumerate(profiles.items())
    }
    of_kind: dict[ColumnKind, list[str]] = {kind: [] for kind in ColumnKind}
    for column, profile in profiles.items():
        of_kind[profile.kind].append(column)
    gaps = [column for column, profile in profiles.items() if profile.missing and not profile.kind.is_words]
    binned = [column for column, profile in profiles.items() if profile.options.bins]
    measured = [each for each in (*of_kind[ColumnKind.NUMERIC], *of_kind[ColumnKind.DATE]) if each not in binned]
    changed = {column: _changed(inputs[column], profiles[column]) for column in (*measured, *binned)}
    features = _normalized([changed[column] for column in measured], [profiles[column] for column in measured])
    features += [_float32(keras.ops.nan_to_num(inputs[column])) for column in of_kind[ColumnKind.BOOLEAN]]
    features += [_float32(keras.ops.isnan(inputs[column])) for column in gaps]
    for column in binned:
        features += _bins(changed[column], profiles[column])
    for column in of_kind[ColumnKind.DATE]:
        features += _cycles(inputs[column], profiles[column])
    hot = [column for column in of_kind[ColumnKind.CATEGORICAL] if column not in tables]
    features += [_one_hot(inputs[column], profiles[column].texts) for column in hot]
    features += [_bag_of_words(inputs[column], profiles[column].examples) for column in of_kind[ColumnKind.TEXT]]
    features += [_looked_up(inputs[column], table) for column, table in tables.items()]
    return keras.Model(list(inputs.values()), _joined(features), name=name)


def _changed(column: Tensors, profile: ColumnProfile) -> Tensors:
    """Numbers clipped and transformed, NaN where missing; one below all that training had counts as the lowest of them."""
    options = profile.options
    if not options.changes:
        return column
    low, high = options.clip or (None, None)
    if options.transform is not None:  # what training had has a logarithm, and what lies below may have none
        low = profile.lowest if low is None else max(profile.lowest, low)
    clipped = column if low is None else keras.ops.maximum(column, float(low))
    clipped = clipped if high is None else keras.ops.minimum(clipped, float(high))
    made = clipped if options.transform is None else getattr(keras.ops, options.transform)(clipped)
    return keras.ops.where(keras.ops.isnan(column), np.nan, made)


def bounds_of(profile: ColumnProfile) -> list[float]:
    """What separates the bins of a column."""
    return [] if profile.spread is None else profile.spread.bounds(profile.options.bins or 0)


def _bins(column: Tensors, profile: ColumnProfile) -> list[Tensors]:
    """Return a 0/1 for each range of numbers, none of them where one is missing."""
    bounds = bounds_of(profile)
    if not bounds:
        return [_float32(keras.ops.logical_not(keras.ops.isnan(column)))]
    above = keras.ops.cast(keras.ops.concatenate([column >= bound for bound in bounds], axis=-1), "float32")
    there = _float32(keras.ops.logical_not(keras.ops.isnan(column)))
    first, last = there - above[:, :1], above[:, -1:]
    return [first, above[:, :-1] - above[:, 1:], last] if len(bounds) > 1 else [first, last]


def _looked_up(column: Tensors, table: CategoryTable) -> Tensors:
    """Return the numbers of each category; zeros, the average, for one that training did not have."""
    values = dict(zip(table.names, table.values(), strict=True))
    zeros = np.zeros(table.width, "float32")
    rows = np.stack(
        [values.pop("", zeros), zeros, *values.values()]
    )  # as the layer counts: missing, unknown, the others
    number = keras.layers.StringLookup(vocabulary=list(values), mask_token="", oov_token=_UNKNOWN)(column)
    numbers = keras.layers.Embedding(*rows.shape, weights=[rows], trainable=False, dtype="float32")(number)
    return keras.ops.reshape(numbers, (-1, table.width))


_UNKNOWN = "\ue000"
"""A private character, which no cell holds; it stands for all categories that training did not have."""


def _normalized(inputs: list[Tensors], profiles: list[ColumnProfile]) -> list[Tensors]:
    """All numbers and dates converted to mean 0 and variance 1, a missing one to 0; nothing where there is none."""
    if not inputs:
        return []
    learned = [profile.encoded for profile in profiles]
    mean, variance = (np.array([getattr(profile, name) for profile in learned]) for name in ("mean", "variance"))
    scale = 1 / np.sqrt(variance)
    # Not a Normalization, which divides by 1e-7 at least; in float64, where the mean of large numbers takes nothing away.
    rescaling = keras.layers.Rescaling(scale, -mean * scale, dtype="float64")
    return [_float32(keras.ops.nan_to_num(rescaling(_joined(inputs, "float64"))))]


def _cycles(days: Any, profile: ColumnProfile) -> list[Tensors]:
    """Return where in the year, in the week and, where training had times, in the day a date lies: sine and cosine."""
    periods = [365.2425, 7.0] + [1.0] * profile.fractions
    phases = [days * (2 * np.pi / period) for period in periods]
    return [_float32(keras.ops.nan_to_num(wave(phase))) for phase in phases for wave in (keras.ops.sin, keras.ops.cos)]


def _bag_of_words(column: ArrowData, examples: list[str]) -> Tensors:
    """Return a 0/1 for each of the most frequent words."""
    vectorization = keras.layers.TextVectorization(max_tokens=MAX_WORDS, output_mode="multi_hot")
    vectorization.adapt(tf.constant(examples or [""]))
    # Keras gives (n, words), and says (n, 1, words) while it builds.
    return keras.ops.reshape(_float32(vectorization(column)), (-1, vectorization.vocabulary_size()))


def _one_hot(column: ArrowData, texts: Counter[str]) -> Tensors:
    vocabulary = sorted(
        text for text, _ in sorted(texts.items(), key=lambda item: (-item[1], item[0]))[:MAX_CATEGORIES]
    )
    return _float32(
        keras.layers.StringLookup(vocabulary=vocabulary or [""], oov_token=_UNKNOWN, output_mode="one_hot")(column)
    )


def _joined(tensors: list[Tensors], dtype: str = "float32") -> Tensors:
    """Return the tensors side by side, in `dtype` whatever the precision of the experiment."""
    return tensors[0] if len(tensors) == 1 else keras.layers.Concatenate(dtype=dtype)(tensors)


def _float32(tensor: keras.KerasTensor) -> Tensors:
    return keras.ops.cast(tensor, "float32")
