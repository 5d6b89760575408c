"""What Keras makes of a name: a component of what is written, a metric's log key, a layer that learns from the data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from trainctl import catalog
from trainctl.aliases import Value
from trainctl.config.component import KerasComponent

_LEARNED = {
    "Normalization": "mean",
    "Discretization": "bin_boundaries",
    "TextVectorization": "vocabulary",
    "StringLookup": "vocabulary",
    "IntegerLookup": "vocabulary",
}
"""Layers that learn from the data, each with the argument that says in the file what it would otherwise learn."""

TWO_CLASSES = frozenset({"BinaryCrossentropy", "BinaryFocalCrossentropy"})
"""Losses for two classes, or for labels that are each true or false."""


def learned_argument(component: Any) -> str | None:
    """The argument of a layer that takes the place of learning from the data; `None` where there is nothing to learn."""
    if not isinstance(component, KerasComponent) or component.kind != "layer":
        return None
    argument = _LEARNED.get(component.name)
    return argument if argument is not None and component.arguments.get(argument) is None else None


def canonical_name(component: Any) -> str | None:
    """The CapWords name of a loss, metric or optimizer, also where its lower-case identifier is written."""
    if not isinstance(component, KerasComponent):
        return None
    return catalog.stands_for(component.kind, component.name) or component.name


def value_names(metric: KerasComponent, class_names: Sequence[str] = ()) -> Sequence[str] | None:
    """Return what the values of a metric that has several are called; `None` where it has one.

    F1Score without `average` has one for each class, Precision one for each of a list of thresholds.
    """
    name, arguments = canonical_name(metric), metric.arguments
    if name in {"F1Score", "FBetaScore"} and arguments.get("average") is None:
        return class_names
    if name == "R2Score" and arguments.get("class_aggregation", "") is None:
        return class_names
    thresholds = arguments.get("thresholds")
    if name != "AUC" and isinstance(thresholds, list | tuple) and len(thresholds) > 1:
        return [f"{threshold:g}" for threshold in thresholds]
    return None


def inner_optimizer(optimizer: Value) -> Value:
    """The optimizer that updates the weights: what a LossScaleOptimizer holds, at any depth."""
    while isinstance(optimizer, KerasComponent) and optimizer.name == "LossScaleOptimizer":
        optimizer = optimizer.arguments.get("inner_optimizer")
    return optimizer


def metric_name(metric: KerasComponent) -> str:
    """The key under which a metric is logged: its own `name`, else the word that is written, else Keras's default name."""
    if metric.arguments.get("name"):
        return str(metric.arguments["name"])
    if metric.is_identifier:
        return metric.name
    entry = catalog.find("metric", metric.name)
    parameter = entry.parameter("name") if entry else None
    default = parameter.default if parameter else None
    return default if isinstance(default, str) else catalog.snake_case(metric.name)
