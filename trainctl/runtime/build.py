"""Experiment → Keras objects. A short list of calls that knows no component by name."""

from __future__ import annotations

import hashlib
import importlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import keras

from trainctl import catalog
from trainctl.components.base import CallbackSpec
from trainctl.components.context import CallbackContext
from trainctl.config.experiment import CompileSection, ExecutionSection, KerasComponent, ModelSection
from trainctl.config.log_keys import metric_name
from trainctl.diagnostics import Diagnostic, Location
from trainctl.errors import BuildError


def instantiate(value: Any) -> Any:
    """The Keras object that a component describes; other values, lists and mappings as they are, with components inside built.

    Raises:
        BuildError: Keras refused it; points at the component's line.
    """
    if isinstance(value, KerasComponent):
        return _instantiate(value)
    if isinstance(value, Mapping):
        return {key: instantiate(each) for key, each in value.items()}
    return [instantiate(each) for each in value] if isinstance(value, list | tuple) else value


def _instantiate(component: KerasComponent) -> Any:
    if component.is_identifier:
        return component.name  # `adam`, `relu`, `accuracy`: Keras takes the word itself
    entry = catalog.find(component.kind, component.name)
    if entry is None:  # validated against the same catalog
        raise RuntimeError(f"no {component.kind} {component.name} in the installed Keras")
    arguments = {name: instantiate(value) for name, value in component.arguments.items()}
    try:
        return getattr(importlib.import_module(entry.module), entry.name)(**arguments)
    except (ValueError, TypeError, ImportError) as error:
        raise build_error(component, f"Keras refused {component.name}: {first_sentence(error)}", error) from error


def build_model(
    section: ModelSection, name: str, input_shape: Sequence[int | None], input_dtype: str, seed: int
) -> Any:
    """The Keras model: an input of the data's shape, and the layers one after the other.

    Each layer draws its initial weights from a seed of its own, made of `seed` and the layer's name, so that inserting a
    layer does not change its neighbours.

    Args:
        section: The layers.
        name: The model's name.
        input_shape: Shape of one sample.
        input_dtype: dtype of the input.
        seed: The run's seed.

    Raises:
        BuildError: A layer cannot be built or does not fit the one before; points at its line.
    """
    inputs = keras.Input(tuple(input_shape), dtype=input_dtype, name="input")
    outputs, names = inputs, _layer_names(section.layers)
    for component, layer_name in zip(section.layers, names, strict=True):
        keras.utils.set_random_seed(layer_seed(seed, layer_name))
        named = component if "name" in component.arguments else _with_argument(component, "name", layer_name)
        layer = instantiate(named)
        try:
            outputs = layer(outputs)
        except (ValueError, TypeError) as error:
            message = (
                f"{component.name} does not fit its input of shape {tuple(outputs.shape)}: {first_sentence(error)}"
            )
            raise build_error(component, message, error) from error
    keras.utils.set_random_seed(seed)
    return keras.Model(inputs, outputs, name=section.name or re.sub(r"[^A-Za-z0-9_.]", "_", name))


def layer_seed(seed: int, name: str) -> int:
    """A seed for the layer `name`, independent of all other layers."""
    return int.from_bytes(hashlib.sha256(f"{seed}/{name}".encode()).digest()[:4], "big")


def _layer_names(layers: Sequence[KerasComponent]) -> list[str]:
    """The layers' names: their own, or Keras's automatic ones, counted within this model only."""
    taken = {str(layer.arguments["name"]) for layer in layers if layer.arguments.get("name")}
    names: list[str] = []
    for layer in layers:
        base = catalog.snake_case(layer.name)
        automatic = (base if count == 0 else f"{base}_{count}" for count in range(len(layers) + len(taken) + 1))
        name = str(layer.arguments.get("name") or next(each for each in automatic if each not in taken))
        taken.add(name)
        names.append(name)
    return names


def _with_argument(component: KerasComponent, name: str, value: Any) -> KerasComponent:
    entry = catalog.find(component.kind, component.name)
    if entry is None or entry.parameter(name) is None:
        return component
    return replace(component, arguments={**component.arguments, name: value})


def compile_model(model: Any, section: CompileSection, execution: ExecutionSection) -> None:
    """Compile the model; metrics are named, so that log keys are stable.

    Raises:
        BuildError: Keras refused the optimizer, the loss or a metric; points at its line.
    """
    metrics = [
        instantiate(_with_argument(m, "name", metric_name(m)) if not m.is_identifier else m) for m in section.metrics
    ]
    loss = instantiate(section.loss)
    optimizer = instantiate(section.optimizer)
    try:
        model.compile(
            optimizer=optimizer,
            loss=loss,
            metrics=metrics,
            jit_compile=execution.jit_compile,
            steps_per_execution=execution.steps_per_execution,
        )
    except (ValueError, TypeError) as error:
        raise BuildError(f"Keras refused to compile the model: {first_sentence(error)}") from error


def build_callbacks(specs: Sequence[CallbackSpec], context: CallbackContext) -> list[Any]:
    """The Keras callbacks, in list order.

    Raises:
        BuildError: Keras refused one; points at its line.
    """
    built = []
    for spec in specs:
        try:
            built.append(spec.build(context))
        except (ValueError, TypeError) as error:
            message = f"Keras refused {spec.name_in_yaml}: {first_sentence(error)}"
            raise BuildError(diagnostics=[Diagnostic("build", message, spec.written_at, spec.setting)]) from error
    return built


def build_error(component: KerasComponent, message: str, cause: BaseException | None = None) -> BuildError:
    """A build error at the component's line, or at the argument that Keras names in its message."""
    location: Location | None = component.location
    named = [name for name in component.argument_locations if cause is not None and f"`{name}`" in str(cause)]
    if len(named) == 1:
        location = component.argument_locations[named[0]]
    return BuildError(diagnostics=[Diagnostic("build", message, location, component.path)])


def first_sentence(error: BaseException) -> str:
    """What Keras says, without the dump of arguments it adds."""
    text = re.sub(r"\A.*Exception encountered when calling [^\n]*\n+", "", str(error), flags=re.DOTALL)
    text = re.sub(r"\x1b\[\d*m", "", text.split("\n\n", maxsplit=1)[0])
    text = " ".join(text.split())
    return text if len(text) <= 300 else f"{text[:299]}…"
