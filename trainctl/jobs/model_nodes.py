"""`explain CONFIG model --build`: the shape and the parameters of each node of the built model."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from trainctl.aliases import Value
from trainctl.backend import keras
from trainctl.config.load import Loaded
from trainctl.events import ignore
from trainctl.jobs.plans import first_alone
from trainctl.training.train import prepare


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


def built_nodes(loaded: Loaded) -> tuple[Mapping[tuple[str, ...], BuiltNode], BuiltNode]:
    """Return what building tells of each node, by its path, and of the whole model.

    Raises:
        DataError, BuildError: As a run would.
    """
    built = prepare(first_alone(loaded, loaded.experiment.seed or 0), loaded.experiment.seed or 0, ignore)
    found: dict[tuple[str, ...], BuiltNode] = {}
    _collect(built.model, (), found)
    return found, _described(built.model, None)


def _collect(model: keras.Model, within: tuple[str, ...], found: dict[tuple[str, ...], BuiltNode]) -> None:
    for operation in getattr(model, "operations", model.layers):
        path = (*within, operation.name)
        found[path] = _described(operation, operation.output)
        if isinstance(operation, keras.Model):
            _collect(operation, path, found)


def _described(operation: keras.Operation, output: Value) -> BuiltNode:
    shapes = [list(each.shape[1:]) for each in keras.tree.flatten(output)] if output is not None else [None]
    counts = [
        sum(math.prod(each.shape) for each in weights)
        for weights in (getattr(operation, "weights", ()), getattr(operation, "trainable_weights", ()))
    ]
    return BuiltNode(shapes[0] if len(shapes) == 1 else shapes, counts[0], counts[1])
