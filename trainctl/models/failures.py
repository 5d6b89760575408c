"""The layer or metric behind an error of Keras or TensorFlow, found by the names in its message."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from trainctl.backend import keras
from trainctl.components.nodes.model import Graph
from trainctl.config.component import KerasComponent
from trainctl.config.experiment import Experiment
from trainctl.config.model.outputs import measured
from trainctl.diagnostics import Location

_NODE = re.compile(r"Detected at node (\S+)")
_COUNT = re.compile(r"_\d+\Z")
_CALLED = re.compile(r"Exception encountered when calling (\w+)\.call\(\)")


class Culprit(NamedTuple):
    """The layer or metric that failed, and where it is written."""

    name: str
    location: Location | None
    path: str


def find_culprit(error: BaseException, experiment: Experiment) -> Culprit | None:
    """Return the layer or metric that failed: by the name of the operation, or the only one of its class."""
    text = str(error)
    layers = dict(_list_layers(experiment.model))
    named = [layers[name] for name in dict.fromkeys(_find_scopes(text)) if name in layers]
    called = [layer for layer in layers.values() if layer.name in _CALLED.findall(text)]
    for found in (named, called, list(_find_metrics(experiment, text))):
        if len(found) == 1:
            return found[0]
    return None


def _find_scopes(text: str) -> Iterator[str]:
    """Yield the layers in the name of a failed operation: `embedding` for `model_1/embedding_1/GatherV2`."""
    for path in _NODE.findall(text):
        model, *steps = path.split("/")
        count = _COUNT.search(model)
        yield from (step.removesuffix(count.group()) if count else step for step in steps)


def _list_layers(model: Graph) -> Iterator[tuple[str, Culprit]]:
    """Yield every layer with its name, including those of nested models."""
    for node in model.layers:
        yield node.name, Culprit(getattr(node.component, "name", None) or node.name, node.location, node.path)
        if isinstance(node.component, Graph):
            yield from _list_layers(node.component)


def _find_metrics(experiment: Experiment, text: str) -> Iterator[Culprit]:
    """Yield the metrics of whose class, or of a class that theirs is made of, the text speaks."""
    for each in measured(experiment):
        metric: KerasComponent = each.metric
        kind = getattr(keras.metrics, metric.name, None)
        classes = [base.__name__ for base in getattr(kind, "__mro__", ())[:-1] if base.__name__ != "Metric"]
        if any(re.search(rf"\b{name}\b", text) for name in classes):
            yield Culprit(metric.name, metric.location, metric.path)
