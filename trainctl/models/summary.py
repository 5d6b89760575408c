"""What a built model consists of: the shape and the parameters of each node."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass

from trainctl.aliases import KerasObject, Value
from trainctl.backend import keras

_MOST = 300  # nodes that a run records


@dataclass(frozen=True, slots=True)
class BuiltNode:
    """What building tells of a node.

    Args:
        shape: Shape of one sample of its output, `None` for any size; a list of such where it has several.
        parameters: How many weights its layer has.
        trainable: How many of them are trained.
    """

    shape: Value
    parameters: int
    trainable: int


def walk_nodes(model: KerasObject, within: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], KerasObject]]:
    """Yield each node with its path, the models that it is in before its name, and its layer."""
    for operation in getattr(model, "operations", model.layers):
        path = (*within, operation.name)
        yield path, operation
        if isinstance(operation, keras.Model):
            yield from walk_nodes(operation, path)


def describe_node(operation: KerasObject, output: Value) -> BuiltNode:
    """Return what is known of a node.

    Args:
        operation: Its layer, or the whole model.
        output: What it gives; `None` if that is not known.
    """
    shapes = [list(each.shape[1:]) for each in keras.tree.flatten(output)] if output is not None else [None]
    counts = [
        sum(math.prod(each.shape) for each in weights)
        for weights in (getattr(operation, "weights", ()), getattr(operation, "trainable_weights", ()))
    ]
    return BuiltNode(shapes[0] if len(shapes) == 1 else shapes, counts[0], counts[1])


def output_of(operation: KerasObject) -> Value:
    """Return what a layer gives in the model's graph; `None` of a layer that is called in Python code."""
    try:
        return operation.output
    except (AttributeError, ValueError):
        return None


def list_nodes(model: KerasObject) -> tuple[tuple[Mapping[str, Value], ...], int]:
    """Return the first nodes of a model, as a run records them, and how many it has."""
    every = list(walk_nodes(model))
    told = tuple(
        {
            "name": path[-1],
            "within": list(path[:-1]),
            "layer": type(each).__name__,
            **asdict(describe_node(each, output_of(each))),
        }
        for path, each in every[:_MOST]
    )
    return told, len(every)
