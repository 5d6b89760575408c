"""Functions of keras.ops as nodes of a model."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from operator import attrgetter

import numpy as np

from trainctl.aliases import Function, Tensors, Value
from trainctl.backend import keras
from trainctl.config.component import KerasComponent
from trainctl.config.model.graph import GraphNode
from trainctl.models.build import REFUSALS, build_error, first_sentence
from trainctl.models.from_nothing import for_each_sample, renamed

_OF_A_LIST = frozenset({"concatenate", "dstack", "hstack", "stack", "vstack"})
"""Functions whose first argument is a list of tensors."""

_OPERANDS = frozenset({"x1", "x2"})
"""Arguments that are tensors, or numbers in their place."""

_MAKES = frozenset({"arange", "eye", "full", "identity", "linspace", "logspace", "ones", "zeros"})
"""Functions that take no tensor and make a constant."""


def applied(node: GraphNode, component: KerasComponent, taken: Tensors, call: Mapping[str, Value]) -> Tensors:
    """Return what the function gives for what the node takes; what it makes is called as the node is.

    Args:
        node: The node.
        component: The function, of the kind `op`.
        taken: A tensor, or a list of them, for its first arguments that are not given by name.
        call: Tensors by the names of its arguments.

    Raises:
        BuildError: Keras rejected it.
    """
    function = attrgetter(component.name)(keras.ops)
    if component.name in _MAKES:
        return _constant(node, component, taken)
    named = {key: _operand(key, value) for key, value in component.arguments.items() if key != "name"} | dict(call)
    try:
        result = function(*_positional(function, component.name, named, taken), **named)
    except REFUSALS as error:
        shapes = [tuple(tensor.shape) for tensor in keras.tree.flatten(taken)]
        message = f"keras.ops.{component.name} does not fit {shapes[0] if len(shapes) == 1 else shapes}: {first_sentence(error)}"
        raise build_error(component, message, error) from error
    return renamed(result, node.name)


def _operand(argument: str, value: Value) -> Value:
    """Return a list among the operands of `add` and the like as an array, which Keras needs there."""
    if argument not in _OPERANDS or not isinstance(value, list | tuple):
        return value
    array = np.asarray(value)
    return (
        array.astype(keras.config.floatx() if array.dtype.kind == "f" else "int32")
        if array.dtype.kind in "fiu"
        else array
    )


def _constant(node: GraphNode, component: KerasComponent, taken: Tensors) -> Tensors:
    """Return what a function without a tensor makes, once for each sample: (batch, *shape)."""
    function = attrgetter(component.name)(keras.ops)
    try:
        made = function(**{key: value for key, value in component.arguments.items() if key != "name"})
    except REFUSALS as error:
        raise build_error(component, f"keras.ops.{component.name}: {first_sentence(error)}", error) from error
    return renamed(for_each_sample(keras.ops.convert_to_numpy(made), node, taken), node.name)


def _positional(function: Function, name: str, named: dict[str, Value], taken: Tensors) -> list[Value]:
    """Return the tensors for the arguments that are not given by name, in their places."""
    tensors = taken if isinstance(taken, list) and name not in _OF_A_LIST else [taken]
    before: list[Value] = []
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind is inspect.Parameter.VAR_POSITIONAL:
            break
        if parameter.name not in named:
            break
        before.append(named.pop(parameter.name))
    return [*before, *tensors]
