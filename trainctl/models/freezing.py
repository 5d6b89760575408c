"""Which layers of a model are trained: as `freeze:` says beside a node, or a stage in place of all of these."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from trainctl.backend import keras, layers_within
from trainctl.components.nodes.model import Graph
from trainctl.config.model.graph import Freeze
from trainctl.models.backbones import Place, layers_by_path, layers_to_freeze, set_trained


def trained_layers(model: keras.Model) -> dict[keras.Layer, bool]:
    """Return whether each layer of the model is trained, a model before the layers in it."""
    return {layer: layer.trainable for layer in layers_within(model)}


def freeze(
    model: keras.Model, section: Graph, trained: Mapping[keras.Layer, bool], stage: Freeze | None, place: Place
) -> None:
    """Freeze layers; the model is compiled afterwards. A layer with `trainable: false` of its own is never trained.

    Args:
        model: The model.
        section: Its nodes.
        trained: Whether each layer is trained as the arguments of its node say, before anything is frozen.
        stage: What a stage freezes, in place of every `freeze:` beside a node; `None` leaves it at those.
        place: Where the stage says so, and its path.

    Raises:
        BuildError: A name or pattern matches no layer.
    """
    for layer, is_trained in trained.items():
        layer.trainable = is_trained
    frozen = list(_beside_nodes(section, dict(layers_by_path(model))))  # also in a stage: a name of no layer is told
    for layer in frozen if stage is None else layers_to_freeze(model, stage, "the model", place):
        set_trained(layer, False)


def _beside_nodes(section: Graph, layers: Mapping[str, keras.Layer], prefix: str = "") -> Iterator[keras.Layer]:
    for node in section.layers:
        path = prefix + node.name
        if node.freeze is not None and path in layers:  # a node that no output depends on is not in the model
            yield from layers_to_freeze(layers[path], node.freeze, node.name, (node.location, node.path))
        if isinstance(node.component, Graph):
            yield from _beside_nodes(node.component, layers, f"{path}/")
