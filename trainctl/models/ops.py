"""Functions of keras.ops as nodes of a model."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from operator import attrgetter

from trainctl.aliases import Function, Tensors, Value
from trainctl.backend import keras
from trainctl.config.component import KerasComponent
from trainctl.config.model.graph import GraphNode
from trainctl.models.build import REFUSALS, build_error, first_sentence

_OF_A_LIST = frozenset({"concatenate", "dstack", "hstack", "stack", "vstack"})
"""Functions whose first argument is a list of tensors."""

_MAKES = frozenset({"arange", "eye", "full", "identity", "linspace", "logspace", "ones", "zeros"})
_CONSTANT = (
    "it creates a constant and takes no layer's output; for positions use the cumsum of ones_like, for learned constants "
    "a layer of your own (@trainctl.layer)"
)


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
    named = {key: value for key, value in component.arguments.items() if key != "name"} | dict(call)
    try:
        result = function(*_positional(function, component.name, named, taken), **named)
    except REFUSALS as error:
        shapes = [tuple(tensor.shape) for tensor in keras.tree.flatten(taken)]
        message = f"keras.ops.{component.name} does not fit {shapes[0] if len(shapes) == 1 else shapes}: {first_sentence(error)}"
        raise build_error(component, message, error, hint=_CONSTANT if component.name in _MAKES else None) from error
    _rename(result, node.name)
    return result


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


def _rename(result: Tensors, name: str) -> None:
    """Keras names the operation after its class and counts; `from:` and the summary know it by the node's name."""
    for tensor in keras.tree.flatten(result):
        if isinstance(tensor, keras.KerasTensor):
            tensor._keras_history.operation.name = name  # noqa: SLF001  # no public way to name an operation
