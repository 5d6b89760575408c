"""Embeddings with too few rows for what reaches them: found when the model is built, not in the first step."""

from __future__ import annotations

from collections.abc import Mapping

from trainctl.aliases import Tensors
from trainctl.backend import keras
from trainctl.config.model.graph import GraphNode
from trainctl.config.model.section import INPUT
from trainctl.diagnostics import Diagnostic
from trainctl.errors import BuildError
from trainctl.models.inputs import Fact, Facts

# Layers that hand on the indices that they take, in another shape.
_PASSES_ON = (keras.layers.Flatten, keras.layers.Permute, keras.layers.RepeatVector, keras.layers.Reshape)


def require_rows(layer: keras.Layer, taken: Tensors, node: GraphNode, known: Facts) -> None:
    """Refuse an Embedding that has no row for some of the indices that reach it.

    Args:
        layer: Any layer; only an Embedding is looked at.
        taken: What it is called on: (batch, …), integers.
        node: Where it stands.
        known: What the data knows of the model's inputs.

    Raises:
        BuildError: An index is as large as `input_dim`, or larger; points at the node's line.
    """
    if not isinstance(layer, keras.layers.Embedding) or isinstance(taken, list):
        return
    count, giver = _count_indices(taken, known)
    if count is None or count <= layer.input_dim:
        return
    message = (
        f"{node.name} has {layer.input_dim:,} rows, but {giver} gives {count:,} different indices (0 to {count - 1:,})"
    )
    hint = f"set input_dim to {count} or more"
    raise BuildError(diagnostics=[Diagnostic("build", message, node.location, node.path, hint=hint)])


def lookup_of(tensor: Tensors) -> keras.Layer | None:
    """Return the layer that turns words into the indices of the tensor; `None` where there is none, or it is not known."""
    history = getattr(tensor, "_keras_history", None)
    layer = history.operation if history is not None else None
    match layer:
        case keras.layers.StringLookup() | keras.layers.TextVectorization():
            return layer if layer.get_config()["output_mode"] == "int" else None
        case _ if isinstance(layer, _PASSES_ON):
            return lookup_of(layer.input)
    return None


def _count_indices(tensor: Tensors, known: Facts) -> tuple[int | None, str]:
    """Return how many indices may be in the tensor, counted from 0, and what gives them; `None` where that is unknown."""
    history = getattr(tensor, "_keras_history", None)
    layer = history.operation if history is not None else None
    match layer:
        case keras.layers.InputLayer():
            fact = known.get(layer.name) if isinstance(known, Mapping) else known
            highest = fact.highest if isinstance(fact, Fact) else None
            name = "the data" if layer.name == INPUT else f"the input '{layer.name}'"
            return None if highest is None else highest + 1, name
        case keras.layers.StringLookup() | keras.layers.IntegerLookup() | keras.layers.TextVectorization():
            return layer.vocabulary_size() if layer.get_config()["output_mode"] == "int" else None, layer.name
        case keras.layers.Hashing():
            return layer.num_bins, layer.name
        case _ if isinstance(layer, _PASSES_ON):
            return _count_indices(layer.input, known)
    return None, ""
