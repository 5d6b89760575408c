"""Experiment → Keras objects. A short list of calls that knows no component by name."""

from __future__ import annotations

import hashlib
import importlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from trainctl import catalog
from trainctl.aliases import KerasObject, Value
from trainctl.backend import keras, tf
from trainctl.components.context import CallbackContext
from trainctl.components.nodes.model import Model
from trainctl.components.spec import CallbackSpec
from trainctl.components.user.callables import GIVEN
from trainctl.components.user.decorators import UserCallbackSpec
from trainctl.config.component import KerasComponent
from trainctl.config.model.graph import Ref
from trainctl.config.model.section import INPUT
from trainctl.diagnostics import Diagnostic, Location
from trainctl.errors import BuildError
from trainctl.models.functions import find_function

REFUSALS = (
    ValueError,
    TypeError,
    AttributeError,
    LookupError,
    ArithmeticError,
    AssertionError,
    NotImplementedError,
    RuntimeError,
    tf.errors.OpError,
)
"""What Keras and TensorFlow raise where a layer does not fit."""


def instantiate(value: Value) -> KerasObject:
    """The Keras object that a component describes; other values, lists and mappings as they are, with components inside built.

    Raises:
        BuildError: Keras rejected it; points at the component's line.
    """
    match value:
        case KerasComponent():
            return _instantiate(value)
        case Model():
            return _chain(value)
        case Mapping():
            return {key: instantiate(each) for key, each in value.items()}
        case list() | tuple():
            return [instantiate(each) for each in value]
    return value


def _instantiate(component: KerasComponent) -> KerasObject:
    function = find_function(component.name) if component.kind in GIVEN else None
    if function is not None:
        return function
    entry = catalog.find(component.kind, component.name)
    if component.is_identifier and component.kind == "optimizer":  # an optimizer within another must be an object
        return keras.optimizers.get(component.name)
    if component.is_identifier:  # `adam`, `relu`, `accuracy`: Keras takes the word itself
        return component.name if entry is None or entry.target is None else entry.target()
    if entry is None:  # validated against the same catalog
        raise RuntimeError(f"no {component.kind} {component.name} in the installed Keras")
    arguments = {name: _argument(value) for name, value in component.arguments.items()}
    try:
        target = entry.target or getattr(importlib.import_module(entry.module), entry.name)
        return target(**arguments)
    except (ValueError, TypeError, ImportError) as error:
        raise build_error(component, f"Keras rejected {component.name}: {first_sentence(error)}", error) from error


def _argument(value: Value) -> KerasObject:
    """An argument of a component: a loss is called there, so a word is not enough."""
    is_word = isinstance(value, KerasComponent) and value.kind == "loss" and value.is_identifier
    made = instantiate(value)
    return keras.losses.get(made) if is_word else made


def _chain(spec: Model) -> keras.Model:
    """Return a `Model` as an argument of a layer, such as TimeDistributed, which tells it its input's shape later.

    Raises:
        BuildError: It is not a plain chain of layers.
    """
    made: list[keras.Layer] = []
    above = Ref(next(iter(spec.inputs), INPUT))
    for node in spec.layers:
        is_layer = isinstance(node.component, KerasComponent) and node.component.kind == "layer"
        if not is_layer or node.takes != above or node.call or spec.outputs:
            message = "a Model inside another layer must be a plain chain of Keras layers"
            raise BuildError(diagnostics=[Diagnostic("build", message, node.location, node.path)])
        above = Ref(node.name)
        made.append(instantiate(with_argument(node.component, "name", node.name)))
    return keras.Sequential(made, name=spec.name, trainable=spec.trainable)


def with_argument(component: KerasComponent, name: str, value: Value) -> KerasComponent:
    """Return the component with one more argument, where it takes that."""
    entry = catalog.find(component.kind, component.name)
    if entry is None or entry.parameter(name) is None:
        return component
    return replace(component, arguments={**component.arguments, name: value})


def layer_seed(seed: int, name: str) -> int:
    """Return a seed for the layer `name`, independent of all other layers."""
    return int.from_bytes(hashlib.sha256(f"{seed}/{name}".encode()).digest()[:4], "big")


def build_callbacks(specs: Sequence[CallbackSpec], context: CallbackContext) -> list[keras.callbacks.Callback]:
    """Return the Keras callbacks, in list order.

    Raises:
        BuildError: Keras rejected one; points at its line.
    """
    built = []
    for spec in specs:
        try:
            built.append(spec.build(context))
        except Exception as error:
            if not isinstance(error, ValueError | TypeError) and not isinstance(spec, UserCallbackSpec):
                raise  # ours, and a bug
            message = f"{spec.name_in_yaml} cannot be created: {first_sentence(error)}"
            raise BuildError(diagnostics=[Diagnostic("build", message, spec.written_at, spec.setting)]) from error
    return built


def build_error(
    component: KerasComponent, message: str, cause: BaseException | None = None, *, hint: str | None = None
) -> BuildError:
    """Return a build error at the component's line, or at the argument that Keras names in its message."""
    location: Location | None = component.location
    named = [name for name in component.argument_locations if cause is not None and f"`{name}`" in str(cause)]
    if len(named) == 1:
        location = component.argument_locations[named[0]]
    return BuildError(diagnostics=[Diagnostic("build", message, location, component.path, hint=hint)])


def first_sentence(error: BaseException) -> str:
    """Return what Keras says, without the dump of arguments it adds."""
    text = re.sub(r"\A.*Exception encountered when calling [^\n]*\n+", "", str(error), flags=re.DOTALL)
    if text.startswith("Graph execution error"):  # then a traceback, and what it is about just before the node's name
        lines = [line.strip() for line in text.split("[[{{node")[0].splitlines() if line.strip()]
        text = lines[-1]
    text = re.sub(r"\x1b\[\d*m", "", text.split("\n\n", maxsplit=1)[0])
    text = " ".join(text.split())
    return text if len(text) <= 300 else f"{text[:299]}…"
