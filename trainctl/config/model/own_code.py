"""The user's own code that a saved model names, and that loading it in Keras alone needs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from trainctl import catalog
from trainctl.aliases import Value
from trainctl.components.spec import Spec
from trainctl.components.user.callables import GIVEN
from trainctl.components.user.decorators import user_function
from trainctl.config.component import KerasComponent
from trainctl.config.experiment import Experiment
from trainctl.config.model.graph import GraphNode

PACKAGE = "trainctl"
"""What precedes the name of a function in a saved model, so that it is no other text there: `trainctl>swish2`."""


def own_code(experiment: Experiment) -> dict[str, str]:
    """Return the name in Python of each class and function of the user's in a saved model, by its name there."""
    return dict(_own_code([experiment.model, experiment.compile]))


def _own_code(value: Value) -> Iterator[tuple[str, str]]:
    match value:
        case KerasComponent():
            saved_as = _saved_as(value)
            yield from [(saved_as, saved_as.rpartition(">")[2])] if saved_as else []
            yield from _own_code(value.arguments)
        case GraphNode():
            yield from _own_code(value.component)
        case Spec():
            yield from _own_code([each for _, each in value])
        case Mapping():
            yield from _own_code(list(value.values()))
        case list() | tuple():
            for each in value:
                yield from _own_code(each)


def _saved_as(component: KerasComponent) -> str:
    """Return the name of the user's code in a saved model; "" of what Keras has."""
    if component.kind in GIVEN and user_function(component.name) is not None:
        return f"{PACKAGE}>{component.name}"
    entry = catalog.find(component.kind, component.name)
    return "" if entry is None else entry.saved_as


def loading_words(file: str, code: Mapping[str, str]) -> str:
    """Return how a saved model with the user's code is loaded where trainctl is not installed.

    Args:
        file: The model's file.
        code: As `own_code` gives it; not empty.
    """
    custom = ", ".join(f'"{saved}": {name}' for saved, name in code.items())
    return f"to load {file} in Keras alone: keras.saving.load_model(file, custom_objects={{{custom}}})"
