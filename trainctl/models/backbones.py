"""Trained models as layers: the backbones of keras.applications, saved models, and what of them is frozen."""

from __future__ import annotations

import hashlib
import importlib
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from trainctl import catalog
from trainctl.aliases import Tensors
from trainctl.backend import keras, layers_within
from trainctl.components.nodes.saved import Saved
from trainctl.config.component import KerasComponent
from trainctl.config.model.graph import Freeze, GraphNode, meets
from trainctl.diagnostics import Diagnostic, Location
from trainctl.errors import BuildError, DataError, RunDirError
from trainctl.models.build import REFUSALS, build_error, first_sentence, instantiate
from trainctl.models.functions import register_functions
from trainctl.runs.store import find_run
from trainctl.sources.reading.inputs import existing_file, shown
from trainctl.text import nearest

Place = tuple[Location | None, str]
"""Where something is written, and its path."""
_PATIENCE = 20.0  # seconds without an answer after which a download of weights is given up


def backbone(node: GraphNode, component: KerasComponent, tensor: keras.KerasTensor) -> tuple[keras.Layer, ...]:
    """Return the layers of a `keras.applications` model for the input `tensor` (batch, height, width, channels).

    If it needs pixels in another range, the first layer converts 0-255 to it.

    Raises:
        BuildError: Keras rejected it.
        DataError: Its weights are not available.
    """
    entry = catalog.find(component.kind, component.name)
    if entry is None:  # validated against the same catalog
        raise RuntimeError(f"no application {component.name} in the installed Keras")
    make = getattr(importlib.import_module(entry.module), entry.name)
    arguments = {key: instantiate(value) for key, value in component.arguments.items()}
    if "input_tensor" not in arguments:
        arguments.setdefault("input_shape", tuple(tensor.shape[1:]))
    weights = arguments.get("weights", "imagenet")
    if entry.reads_file("weights", weights):
        with _attribute_errors(node):
            existing_file(weights)
    try:
        with _attribute_errors(node), _downloads(component, weights):
            model = make(**{**arguments, "name": node.name})
    except (ValueError, TypeError, OSError) as error:
        message = f"Keras rejected {component.name}: {first_sentence(error)}"
        raise build_error(component, message, error) from error
    preprocessing = (
        _preprocessing(importlib.import_module(make.__module__), component.name, tensor, node)
        if node.preprocess
        else ()
    )
    return (*preprocessing, model)


@contextmanager
def _attribute_errors(node: GraphNode) -> Iterator[None]:
    """Point errors inside the block at the node's line."""
    try:
        yield
    except (DataError, RunDirError) as error:
        if not error.diagnostics:
            error.diagnostics = (Diagnostic("data", error.message, node.location, node.path, hint=error.hint),)
        raise


@contextmanager
def _downloads(component: KerasComponent, weights: Any) -> Iterator[None]:
    """Turn download errors inside the block into data errors."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(_PATIENCE)
    try:
        yield
    except Exception as error:
        is_download = weights is not None and ("URL fetch failure" in str(error) or isinstance(error, TimeoutError))
        if not is_download:
            raise
        raise DataError(
            f"the {weights} weights of {component.name} cannot be downloaded: {first_sentence(error)}",
            hint="connect to the internet once (weights are cached in ~/.keras/models or $KERAS_HOME/models), use a file with "
            "weights: path.h5, or start untrained with weights: null",
        ) from error
    finally:
        socket.setdefaulttimeout(before)


def _preprocessing(module: Any, name: str, tensor: keras.KerasTensor, node: GraphNode) -> tuple[keras.Layer, ...]:
    """Return what the backbone's own module does to pixels of 0-255, as a model; nothing where it does that inside."""
    pixels = keras.Input(tuple(tensor.shape[1:]), dtype=tensor.dtype)
    try:
        prepared = module.preprocess_input(pixels)
    except (ValueError, TypeError, IndexError) as error:
        message = (
            f"the preprocessing of {name} does not accept shape {tuple(tensor.shape[1:])}: {first_sentence(error)}"
        )
        raise BuildError(
            diagnostics=[
                Diagnostic("build", message, node.location, node.path, hint="add beside it: preprocess: false")
            ]
        ) from error
    return () if prepared is pixels else (keras.Model(pixels, prepared, name=f"{node.name}.preprocess"),)


def saved(node: GraphNode, spec: Saved, runs_dir: Path) -> tuple[keras.Model, str]:
    """Return a saved model, and where it came from with the file's SHA-256, for people.

    Raises:
        BuildError: The file is no Keras model, holds code, or has no such layer.
        DataError: There is no such file.
        RunDirError: There is no such run.
    """
    with _attribute_errors(node):
        file = _file(spec, runs_dir)
    try:
        register_functions()
        model = keras.saving.load_model(file, compile=False)  # in safe mode: code in the file is refused
    except (ValueError, TypeError, OSError, KeyError) as error:
        raise _saved_error(node, f"{shown(file)} cannot be loaded: {first_sentence(error)}") from error
    try:
        whole = keras.Model(
            model.input, model.output if spec.until is None else _output_of(model, spec.until, node), name=node.name
        )
    except REFUSALS as error:
        raise _saved_error(
            node, f"{shown(file)} cannot be truncated after '{spec.until}': {first_sentence(error)}"
        ) from error
    _keep_calls(whole)
    set_trained(whole, spec.trainable)
    with file.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
    return whole, f"{node.name} starts from {shown(file)}, SHA-256 {digest[:16]}…"


def _output_of(model: keras.Model, name: str, node: GraphNode) -> Tensors:
    """Return what the layer gives in `model`: of a model within it, not what that gives by itself."""
    layer = next((layer for layer in model.layers if layer.name == name), None)
    if layer is None:
        raise _no_layer([layer.name for layer in model.layers], name, node.name, (node.location, node.path))
    calls = [call for call in _calls(model) if call.operation is layer]
    outputs = calls[-1].outputs
    return outputs[0] if len(outputs) == 1 else outputs


def keep_training(layer: keras.Layer) -> None:
    """Let the `training` of a call stand: Keras 3.15 puts the model's own in its place, though its guides say otherwise."""
    contextual = getattr(layer, "_call_context_args", None)
    if contextual is not None:
        layer._call_context_args = contextual - {"training"}  # noqa: SLF001  # there is no public way


def _keep_calls(model: keras.Model) -> None:
    """`keep_training` for each layer of a loaded model that was called so: no file remembers it."""
    for call in _calls(model):
        if call.arguments.kwargs.get("training") is not None:
            keep_training(call.operation)
        if isinstance(call.operation, keras.Model):
            _keep_calls(call.operation)


def _calls(model: keras.Model) -> list[keras.Layer]:
    """Return the calls of layers that the model is made of."""
    functional = getattr(model, "_functional", None) or model  # within a Sequential
    by_depth = getattr(functional, "_nodes_by_depth", {})  # there is no public way
    return [call for calls in by_depth.values() for call in calls]


def set_trained(layer: keras.Layer, wanted: bool) -> None:
    """Say whether a layer, and whatever is in it, is trained: Keras stops at a model that was loaded."""
    for each in layers_within(layer):
        each.trainable = wanted


def _file(spec: Saved, runs_dir: Path) -> Path:
    return existing_file(spec.file or find_run(runs_dir, spec.run or "").directory.model)


def layers_to_freeze(model: keras.Model, wanted: Freeze, called: str, place: Place) -> list[keras.Layer]:
    """Return the layers of `model` that `wanted` names, including those of nested models; each with all that is in it.

    Args:
        model: The model.
        wanted: The names and patterns.
        called: What the model is called.
        place: Where `wanted` is written, and its path.

    Raises:
        BuildError: A name or pattern matches no layer.
    """
    if wanted.patterns == ("*",):
        return [model]
    layers = dict(layers_by_path(model))
    found = [] if wanted.until is None else _until(layers, wanted.until, called, place)
    for pattern in wanted.patterns:
        met = [path for path in layers if meets(path, pattern)]
        if not met:
            raise _no_layer(list(layers), pattern, called, place)
        found += met
    return [layers[path] for path in found]


def layers_by_path(model: keras.Model, prefix: str = "") -> Iterator[tuple[str, keras.Layer]]:
    """Yield the layers in their order, those of a model within it behind it: `backbone`, `backbone/conv1`."""
    for layer in getattr(model, "layers", ()):
        yield prefix + layer.name, layer
        if isinstance(layer, keras.Model):
            yield from layers_by_path(layer, f"{prefix}{layer.name}/")


def _until(layers: Mapping[str, keras.Layer], last: str, called: str, place: Place) -> list[str]:
    paths = list(layers)
    met = [path for path in paths if path == last] or [path for path in paths if path.endswith(f"/{last}")]
    if not met:
        raise _no_layer(paths, last, called, place)
    before = paths[: paths.index(met[0]) + 1]
    return [path for path in before if not met[0].startswith(f"{path}/")]  # what it is in continues after it


def _no_layer(names: list[str], wanted: str, called: str, place: Place) -> BuildError:
    close = nearest(wanted.strip("*"), names)
    listed = ", ".join(names[:5]) + (" …" if len(names) > 5 else "")
    hint = f"did you mean '{close}'?" if close else f"it has {listed}"
    message = f"no layer of {called} is called '{wanted}'"
    return BuildError(diagnostics=[Diagnostic("build", message, *place, hint=hint)])


def _saved_error(node: GraphNode, message: str, hint: str | None = None) -> BuildError:
    return BuildError(diagnostics=[Diagnostic("build", message, node.location, node.path, hint=hint)])
