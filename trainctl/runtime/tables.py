"""Tables: the columns as one feature vector, encoded by a Keras model that is learnt on the training split.

The same model encodes before training and, joined to the trained one, raw rows later: both agree by construction.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops

from trainctl.components.dataset import ColumnKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from trainctl.components.dataset import Samples

MAX_CATEGORIES = 256
"""Texts of a column with a feature of their own; of a column with more, the most frequent ones."""

_BATCH = 8192


@dataclass(frozen=True, slots=True)
class TableEncoder:
    """A learnt encoding of a table.

    Numbers are brought to mean 0 and variance 1; a missing one becomes the mean, and where training had missing ones a
    feature 0/1 tells. A category becomes one 1 among 0s; one feature is shared by all texts that training did not have,
    a missing one included.

    Args:
        model: One input (n, 1) a column, float32 with NaN for missing, or text; output float32 (n, features).
        input_names: The model's input for each column.
        shortened: How many texts each column with more than `MAX_CATEGORIES` has.
    """

    model: keras.Model
    input_names: Mapping[str, str]
    shortened: Mapping[str, int]

    @classmethod
    def fit(cls, columns: Mapping[str, ColumnKind], samples: Samples) -> TableEncoder:
        """The encoding learnt from `samples`, the training split.

        Args:
            columns: How each column is encoded.
            samples: Their `x` maps each column to its values (n,).
        """
        table: Any = samples.x
        input_names = _input_names(columns)
        kinds = {name: "string" if kind is ColumnKind.CATEGORICAL else "float32" for name, kind in columns.items()}
        inputs = {name: keras.Input((1,), name=input_names[name], dtype=kinds[name]) for name in columns}
        numeric = [name for name, kind in columns.items() if kind is ColumnKind.NUMERIC]
        features = _numeric_features([inputs[name] for name in numeric], [table[name] for name in numeric])
        shortened = {}
        for name in columns:
            if name not in numeric:
                texts = Counter(text for text in table[name].tolist() if text)
                features.append(_one_hot(inputs[name], texts))
                if len(texts) > MAX_CATEGORIES:
                    shortened[name] = len(texts)
        output = _joined(features)
        by_name = {input_names[name]: tensor for name, tensor in inputs.items()}
        return cls(keras.Model(by_name, output, name="encoder"), input_names, shortened)

    def encode(self, samples: Samples) -> NDArray[np.float32]:
        """The feature vectors of `samples`: float32 (n, features)."""
        encode = tf.function(self.model, jit_compile=False, reduce_retracing=True)
        rows = self.rows(samples)
        starts = range(0, len(samples), _BATCH)
        batches = ({name: values[start : start + _BATCH] for name, values in rows.items()} for start in starts)
        return np.concatenate([encode(batch).numpy() for batch in batches])

    def rows(self, samples: Samples) -> dict[str, tf.Tensor]:
        """What the model takes for `samples`: one tensor (n, 1) an input."""
        table: Any = samples.x
        dtypes = {tensor.name: tensor.dtype for tensor in self.model.inputs}
        with tf.device("CPU"):
            return {key: tf.constant(table[name][:, np.newaxis], dtypes[key]) for name, key in self.input_names.items()}


def inference_model(encoder: TableEncoder, trained: keras.Model) -> keras.Model:
    """Raw row in, answer out: the encoder and the trained model as one, which Keras alone can load.

    Args:
        encoder: The encoding with which `trained` was trained.
        trained: Takes float32 (n, features).
    """
    return keras.Model(encoder.model.input, trained(encoder.model.output), name=f"{trained.name}_inference")


def _input_names(columns: Iterable[str]) -> dict[str, str]:
    """A name for each column's input: its own, but Keras takes no slash in a name."""
    names: dict[str, str] = {}
    for column in columns:
        name = column.replace("/", "_")
        while name in names.values():
            name += "_"
        names[column] = name
    return names


def _numeric_features(inputs: list[Any], columns: list[NDArray[np.float64]]) -> list[Any]:
    """All numeric columns normalised, and a 0/1 for each that had missing values; nothing where there is none."""
    if not inputs:
        return []
    values = np.stack(columns, axis=1)
    present = ~np.isnan(values)
    count = np.maximum(present.sum(axis=0), 1)
    mean = np.where(present, values, 0).sum(axis=0) / count
    variance = np.where(present, (values - mean) ** 2, 0).sum(axis=0) / count
    # a constant column would be divided by zero, or by the rounding of its own mean
    variance = np.where(variance > (1e-6 * np.abs(mean)) ** 2, variance, 1)

    normalisation = layers.Normalization(mean=_float32(mean), variance=_float32(variance), dtype="float32")
    features = [ops.nan_to_num(normalisation(_joined(inputs)))]  # the mean is 0 now
    with_gaps = np.flatnonzero(~np.all(present, axis=0))
    return features + [ops.cast(ops.isnan(inputs[index]), "float32") for index in with_gaps]


def _one_hot(column: Any, texts: Counter[str]) -> Any:
    vocabulary = sorted(
        text for text, _ in sorted(texts.items(), key=lambda item: (-item[1], item[0]))[:MAX_CATEGORIES]
    )
    return ops.cast(layers.StringLookup(vocabulary=vocabulary or [""], output_mode="one_hot")(column), "float32")


def _joined(tensors: list[Any]) -> Any:
    """The tensors side by side, in float32 whatever the precision of the experiment."""
    return tensors[0] if len(tensors) == 1 else layers.Concatenate(dtype="float32")(tensors)


def _float32(values: NDArray[Any]) -> NDArray[np.float32]:
    return values.astype(np.float32)
