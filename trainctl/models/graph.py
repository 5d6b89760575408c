"""Nodes → a Keras model: each layer made with a seed of its own, called on what it takes."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from trainctl.aliases import Tensors, Value
from trainctl.backend import keras
from trainctl.components.nodes.model import Graph, Model
from trainctl.components.nodes.position_embedding import PositionEmbedding
from trainctl.components.nodes.saved import Saved
from trainctl.components.nodes.weight import Weight
from trainctl.config.component import KerasComponent
from trainctl.config.experiment import ModelSection
from trainctl.config.model.graph import GraphNode, Ref, Taken
from trainctl.config.model.keras_names import learned_argument
from trainctl.diagnostics import Diagnostic
from trainctl.errors import BuildError
from trainctl.events import Notice, Sink
from trainctl.models import adapt, backbones, from_nothing, ops, residual
from trainctl.models.build import REFUSALS, first_sentence, instantiate, layer_seed, with_argument
from trainctl.models.embeddings import require_rows
from trainctl.models.inputs import Facts, inputs, is_named
from trainctl.models.own import require_no_own_methods, standing_alone
from trainctl.models.vectors import with_vectors
from trainctl.text import one_of


def build_model(
    section: ModelSection, name: str, known: Facts, seed: int, batches: adapt.Batches, emit: Sink, runs_dir: Path
) -> Tensors:
    """Return the Keras model of the experiment, not yet compiled, and without what `freeze:` says.

    Each layer draws its initial weights from a seed of its own, made of `seed` and the layer's name, so that inserting a
    layer does not change its neighbours.

    Args:
        section: Its nodes.
        name: Its name, where the section gives none.
        known: What the data knows of the inputs.
        seed: The run's seed.
        batches: The training inputs, for layers that learn from them.
        emit: Where events go.
        runs_dir: Where the runs are whose models it may build on.

    Raises:
        BuildError: A layer cannot be built or does not fit what it takes; points at its line.
        DataError: Weights or a saved model cannot be had.
    """
    tensors = inputs(section, known)
    whole = dict(tensors) if is_named(section, known) else next(iter(tensors.values()))
    alone = standing_alone(section, whole, seed)
    if alone is not None:
        return alone
    builder = _Builder(seed, emit, runs_dir, (whole, batches), known)
    outputs = builder.outputs(section, tensors)
    keras.utils.set_random_seed(seed)
    try:
        return keras.Model(whole, outputs, name=section.name or re.sub(r"[^A-Za-z0-9_.]", "_", name))
    except REFUSALS as error:
        raise BuildError(f"Keras rejected the model: {first_sentence(error)}") from error


@dataclass
class _Builder:
    """Builds one graph.

    Args:
        seed: The run's seed.
        emit: Where events go.
        runs_dir: Where the runs are.
        adapt_on: The graph's inputs, and the training data as it arrives at them.
        known: What the data knows of the graph's inputs.
        prefix: What comes before the names of its nodes where seeds are made: the names of the models around it.
    """

    seed: int
    emit: Sink
    runs_dir: Path
    adapt_on: tuple[Any, adapt.Batches]
    known: Facts = field(default_factory=dict)
    prefix: str = ""
    tensors: dict[str, Tensors] = field(default_factory=dict)
    layers: dict[str, tuple[keras.Layer, ...]] = field(default_factory=dict)

    def outputs(self, section: Graph, tensors: Mapping[str, Tensors]) -> Tensors:
        """Return what comes out of the graph: one tensor, or a mapping where it names several outputs."""
        self.tensors = dict(tensors)
        for node in section.layers:
            keras.utils.set_random_seed(layer_seed(self.seed, self.prefix + node.name))
            self.tensors[node.name] = self._node(node)
        named = {name: self._tensor(ref, None) for name, ref in section.outputs.items()}
        if len(named) == 1:
            return next(iter(named.values()))
        return named or self.tensors[section.layers[-1].name]

    def _node(self, node: GraphNode) -> Tensors:
        taken = self._taken(node.takes, node)
        if node.is_sum:
            return residual.added(node, *taken)
        call = self._call_arguments(node.call, node)
        match node.component:
            case KerasComponent(kind="op") as function:
                return ops.applied(node, function, taken, call)
            case Weight() as weight:
                return from_nothing.weight(weight, node, taken)
            case PositionEmbedding() as positions:
                return from_nothing.with_positions(positions, node, taken)
        if node.reuse is not None and node.reuse not in self.layers:
            raise _error(node, f"'{node.reuse}' is not a layer that can be reused")
        layers = self._layers(node, taken) if node.reuse is None else self.layers[node.reuse]
        self.layers[node.name] = layers
        for layer in layers[:-1]:
            taken = layer(taken)
        require_rows(layers[-1], taken, node, self.known)
        return _called(layers[-1], node, taken, call)

    def _layers(self, node: GraphNode, taken: Tensors) -> tuple[keras.Layer, ...]:
        """Return the layer that the node makes, and what must be called before it."""
        made = self._made(node, taken)
        match node.component:
            case KerasComponent() as component if learned_argument(component) is not None:
                self._adapt(made[-1], component, node, taken)
        return made

    def _made(self, node: GraphNode, taken: Tensors) -> tuple[keras.Layer, ...]:
        match node.component:
            case Model() as nested:
                return (self._nested(nested, node, taken),)
            case Saved() as saved:
                model, told = backbones.saved(node, saved, self.runs_dir)
                self.emit(Notice(message=told, path=node.path))
                return (model,)
            case KerasComponent(kind="application") as application:
                return backbones.backbone(node, application, _only(taken, node))
            case KerasComponent() as layer:
                named = with_argument(layer, "name", node.name)
                made = with_vectors(named, taken, node, self.emit) or instantiate(named)
                require_no_own_methods(made, node)
                return (made,)
            case other:  # validated: a list of layers holds nothing else
                raise TypeError(f"{node.name} is a {type(other).__name__}")

    def _nested(self, spec: Model, node: GraphNode, taken: Tensors) -> keras.Model:
        """Return a model within the model, for what it is called on."""
        outer = list(taken) if isinstance(taken, list | tuple) else [taken]
        names = list(spec.inputs) or ["input"]
        if len(names) != len(outer):
            raise _error(node, f"{node.name} has {len(names)} inputs, but got {len(outer)}")
        tensors = {
            name: keras.Input(tuple(tensor.shape[1:]), tensor.shape[0], dtype=tensor.dtype, name=name)
            for name, tensor in zip(names, outer, strict=True)
        }
        several, given = len(names) > 1, dict(zip(names, outer, strict=True))
        here = adapt.arriving(given if several else outer[0], *self.adapt_on)
        adapt_on = (tensors if several else tensors[names[0]], here)
        builder = _Builder(self.seed, self.emit, self.runs_dir, adapt_on, prefix=f"{self.prefix}{node.name}.")
        outputs = builder.outputs(spec, tensors)
        model = keras.Model(list(tensors.values()) if several else tensors[names[0]], outputs, name=node.name)
        model.trainable = spec.trainable
        return model

    def _adapt(self, layer: keras.Layer, component: KerasComponent, node: GraphNode, taken: Tensors) -> None:
        try:
            adapt.adapt(layer, _only(taken, node), *self.adapt_on)
        except REFUSALS as error:
            raise _error(node, f"{component.name} cannot learn from the data: {first_sentence(error)}") from error

    # ---- references

    def _taken(self, takes: Taken, node: GraphNode) -> Tensors:
        return self._tensor(takes, node) if isinstance(takes, Ref) else [self._tensor(ref, node) for ref in takes]

    def _call_arguments(self, value: Value, node: GraphNode) -> Value:
        """Return the arguments of `call:` with a tensor for each reference."""
        match value:
            case Ref():
                return self._tensor(value, node)
            case Mapping():
                return {key: self._call_arguments(each, node) for key, each in value.items()}
            case list() | tuple():
                return [self._call_arguments(each, node) for each in value]
        return value

    def _tensor(self, ref: Ref, node: GraphNode | None) -> Tensors:
        value = self.tensors[ref.node]
        for step in ref.steps:
            parts = dict(enumerate(value)) if isinstance(value, list | tuple) else value
            if not isinstance(parts, Mapping) or step not in parts:
                has = f"the outputs {one_of(parts, 'and')}" if isinstance(parts, Mapping) else "one output"
                raise _error(node, f"'{ref}' does not exist: {ref.node} has {has}")
            value = parts[step]
        return value


def _called(layer: keras.Layer, node: GraphNode, taken: Tensors, call: Mapping[str, Value]) -> Tensors:
    """Return the layer called on what it takes; one tensor for each that it needs (self-attention), or a list."""
    if "training" in call:
        backbones.keep_training(layer)
    needed = _needed(layer, call)
    positional = taken if isinstance(taken, list) and needed > 1 else [taken] * max(1, needed)
    try:
        return layer(*positional, **call)
    except REFUSALS as error:
        what = getattr(node.component, "name", None) or node.name
        raise _error(
            node,
            f"{what} does not fit its input of shape {_shapes(taken)}: {first_sentence(error)}",
            _hint_for(str(error), taken),
        ) from error


_TOO_FEW_AXES = re.compile(r"ndim=(\d+), found ndim=(\d+)")


def _hint_for(refusal: str, taken: Tensors) -> str | None:
    """Return what to do where Keras refuses what a layer takes."""
    if "stateful" in refusal:
        return "set under model: inputs: {x: {batch_size: …}}, equal to data.batch_size"
    axes = _TOO_FEW_AXES.search(refusal)
    shape = getattr(taken, "shape", (None,))[1:]
    if axes is None or int(axes[1]) != int(axes[2]) + 1 or None in shape:
        return None
    sizes = ", ".join(map(str, (*shape, 1)))
    what = "images without channels" if len(shape) == 2 else "values without a last axis"
    return f"the inputs are {what}; add before the layer: Reshape: {{target_shape: [{sizes}]}}"


def _needed(layer: keras.Layer, call: Mapping[str, Value]) -> int:
    """Return how many tensors `call` requires one by one, besides those given by name."""
    parameters = inspect.signature(layer.call).parameters.values()
    kinds = {inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD}
    return sum(p.default is p.empty and p.kind in kinds and p.name not in call for p in parameters)


def _only(taken: Tensors, node: GraphNode) -> Tensors:
    if isinstance(taken, list | tuple):
        if len(taken) != 1:
            raise _error(node, f"{node.name} takes one input, but got {len(taken)}")
        return taken[0]
    return taken


def _shapes(taken: Tensors) -> str:
    shapes = [tuple(tensor.shape) for tensor in keras.tree.flatten(taken)]
    return str(shapes[0]) if len(shapes) == 1 else str(shapes)


def _error(node: GraphNode | None, message: str, hint: str | None = None) -> BuildError:
    place = (node.location, node.path) if node is not None else (None, "model.outputs")
    return BuildError(diagnostics=[Diagnostic("build", message, *place, hint=hint)])
