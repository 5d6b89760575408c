"""Nodes that Keras has no layer for: learned parameters, positions, constants. All of them made of layers of plain Keras.

A functional model knows no tensor that depends on no input. So each of these takes the number of samples from another node, and
a saved model loads without trainctl.
"""

from __future__ import annotations

import math

import numpy as np

from trainctl.aliases import Array, Tensors
from trainctl.backend import keras
from trainctl.components.nodes.position_embedding import PositionEmbedding
from trainctl.components.nodes.weight import Weight
from trainctl.config.model.graph import GraphNode
from trainctl.diagnostics import Diagnostic
from trainctl.errors import BuildError
from trainctl.models.build import instantiate


def weight(spec: Weight, node: GraphNode, taken: Tensors) -> Tensors:
    """Return the parameter for each sample.

    Args:
        spec: Its shape, and how it begins.
        node: Where it stands; its layer has this name.
        taken: What gives the number of samples: numbers (batch, …).

    Returns:
        (batch, *shape), in the model's floating point type.

    Raises:
        BuildError: `taken` is not one tensor of numbers.
    """
    first, *rest = spec.shape if len(spec.shape) > 1 else (1, *spec.shape)
    layer = keras.layers.Embedding(
        first,
        math.prod(rest),
        embeddings_initializer=instantiate(spec.initializer),
        embeddings_regularizer=instantiate(spec.regularizer),
        trainable=spec.trainable,
        name=node.name,
    )
    rows = layer(for_each_sample(np.arange(first, dtype="int32"), node, taken))
    if len(rest) == 1 and len(spec.shape) > 1:
        return rows
    return keras.layers.Reshape(tuple(spec.shape), name=f"{node.name}.reshape")(rows)


def with_positions(spec: PositionEmbedding, node: GraphNode, taken: Tensors) -> Tensors:
    """Return the sequences with the vectors of their steps added.

    Args:
        spec: Which vectors.
        node: Where it stands; the layer that holds the vectors has this name.
        taken: (batch, …, length, dim).

    Raises:
        BuildError: It is no such sequence, its length is not known, or longer than `length`.
    """
    length, dim = _length_and_dim(spec, node, taken)
    layer = keras.layers.Embedding(
        length,
        dim,
        embeddings_initializer=instantiate(spec.initializer),
        trainable=spec.kind == "learned",
        name=node.name,
    )
    first = renamed(taken[..., 0], f"{node.name}.first")
    ones = renamed(keras.ops.ones_like(first, dtype="int32"), f"{node.name}.ones")
    counted = renamed(keras.ops.cumsum(ones, axis=-1), f"{node.name}.counted")
    vectors = layer(renamed(keras.ops.subtract(counted, 1), f"{node.name}.steps"))
    if spec.kind == "sinusoidal":
        layer.set_weights([_sines(length, dim, spec.max_wavelength)])
    return keras.layers.Add(name=f"{node.name}.add")([taken, vectors])


def for_each_sample(constant: Array, node: GraphNode, taken: Tensors) -> Tensors:
    """Return a constant once for each sample: (batch, *shape).

    Raises:
        BuildError: `taken` is not one tensor of numbers, so that it cannot say how many samples there are.
    """
    if not isinstance(taken, keras.KerasTensor) or taken.dtype == "string":
        given = "text" if isinstance(taken, keras.KerasTensor) else "several tensors"
        message = f"{node.name} takes only the number of samples from the node above, but that gives {given}"
        hint = "name a node that gives one tensor of numbers: from: …"
        raise BuildError(diagnostics=[Diagnostic("build", message, node.location, node.path, hint=hint)])
    first = taken if len(taken.shape) == 1 else renamed(taken[:, *(0 for _ in taken.shape[1:])], f"{node.name}.first")
    none = renamed(keras.ops.zeros_like(first, dtype=constant.dtype.name), f"{node.name}.none")
    none = renamed(keras.ops.reshape(none, (-1, *(1 for _ in constant.shape))), f"{node.name}.batch")
    return renamed(keras.ops.add(none, constant), f"{node.name}.each")


def renamed(result: Tensors, name: str) -> Tensors:
    """Return what an operation gives, the operation called `name`: Keras calls it after its class, and counts."""
    for tensor in keras.tree.flatten(result):
        if isinstance(tensor, keras.KerasTensor):
            tensor._keras_history.operation.name = name  # noqa: SLF001  # no public way to name an operation
    return result


def _length_and_dim(spec: PositionEmbedding, node: GraphNode, taken: Tensors) -> tuple[int, int]:
    shape = tuple(taken.shape) if isinstance(taken, keras.KerasTensor) else ()
    given, dim = shape[-2:] if len(shape) >= 3 else (None, None)
    length = spec.length or given
    if dim is None:
        message, hint = f"{node.name} takes sequences (batch, …, length, dim), got {shape}", None
    elif length is None:
        message, hint = f"the length of the sequences that {node.name} takes is not known", "set length: the longest"
    elif given is not None and given > length:
        message, hint = (
            f"{node.name} has length: {length}, but its sequences have {given} steps",
            f"set length: {given}",
        )
    else:
        return length, dim
    raise BuildError(diagnostics=[Diagnostic("build", message, node.location, node.path, hint=hint)])


def _sines(length: int, dim: int, max_wavelength: float) -> Array:
    """Return the vectors (length, dim): sines at even places, cosines at odd ones, float32."""
    places = np.arange(dim)
    angles = np.arange(length)[:, None] / max_wavelength ** (2 * (places // 2) / dim)
    return np.where(places % 2, np.cos(angles), np.sin(angles)).astype("float32")
