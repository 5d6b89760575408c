"""Which layers a stage of the training trains."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from trainctl.backend import keras, layers_within
from trainctl.components.nodes.model import Graph
from trainctl.config.model.graph import Freeze
from trainctl.models.backbones import Place, layers_by_path, layers_to_freeze, set_trained


def trained_layers(model: keras.Model) -> dict[keras.Layer, bool]:
    """Return whether each layer of the model is trained, a model before the layers in it."""
    return {layer: layer.trainable for layer in layers_within(model)}


def freeze_for_stage(
    model: keras.Model, section: Graph, trained: Mapping[keras.Layer, bool], wanted: Freeze | None, place: Place
) -> None:
    """Freeze the layers that a stage names, and no others that `freeze:` names in `model:`; the model is compiled afterwards.

    Args:
        model: The model.
        section: Its nodes.
        trained: Whether each layer is trained as `model:` says.
        wanted: What the stage freezes; `None` leaves that to `model:`.
        place: Where it is written, and its path.

    Raises:
        BuildError: A name or pattern matches no layer.
    """
    for layer, is_trained in trained.items():
        layer.trainable = is_trained
    if wanted is None:
        return
    for layer in _frozen_by_model(section, dict(layers_by_path(model))):
        set_trained(layer, True)
    for layer in layers_to_freeze(model, wanted, "the model", place):
        set_trained(layer, False)


def _frozen_by_model(section: Graph, layers: Mapping[str, keras.Layer], prefix: str = "") -> Iterator[keras.Layer]:
    for node in section.layers:
        path = prefix + node.name
        if node.freeze is not None:
            yield from layers_to_freeze(layers[path], node.freeze, node.name, (node.location, node.path))
        if isinstance(node.component, Graph):
            yield from _frozen_by_model(node.component, layers, f"{path}/")
