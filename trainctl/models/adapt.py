"""Preprocessing layers that learn from the data: adapted on the training split before the model is built on them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from trainctl.aliases import Tensors
from trainctl.backend import as_written, keras, tf

Batches = Callable[[], tf.data.Dataset]
"""Makes a pipeline of the training inputs, once and in order: batches of an array, or of a mapping."""


def adapt(layer: keras.Layer, tensor: keras.KerasTensor, inputs: Tensors, batches: Batches) -> None:
    """Let `layer` learn from what the training split gives at `tensor`.

    Args:
        layer: The preprocessing layer.
        tensor: What it will be called on, made of the model's inputs.
        inputs: The model's inputs: one, or a mapping.
        batches: The training inputs.
    """
    layer.adapt(arriving(tensor, inputs, batches)())


def arriving(tensors: Tensors, inputs: Tensors, batches: Batches) -> Batches:
    """Return the training data as it arrives further down the graph.

    Args:
        tensors: Where: a tensor made of the model's inputs, or a mapping of names to such.
        inputs: The model's inputs: one, or a mapping.
        batches: The training inputs.
    """

    def there() -> tf.data.Dataset:
        upstream = keras.Model(inputs, tensors)  # only now: most graphs hold nothing that learns
        return batches().map(as_written(lambda batch: upstream(_as_inputs(batch, inputs), training=False)))

    return there


def _as_inputs(batch: Any, inputs: Tensors) -> Tensors:
    """Return the batch in the types of the model's inputs, and only those."""
    if isinstance(inputs, Mapping):
        return {name: _as_inputs(batch[name], each) for name, each in inputs.items()}
    return batch if inputs.dtype == "string" else tf.cast(batch, inputs.dtype)
