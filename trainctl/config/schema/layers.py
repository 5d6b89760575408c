"""Graphs in the published schema: lists of layers with what is beside them, inputs, outputs and blocks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from trainctl.components.nodes.model import BESIDE, Block, Graph, Input
from trainctl.components.spec import Spec
from trainctl.config.model.wiring import MERGES
from trainctl.config.schema.definitions import Definitions, Schema
from trainctl.config.schema.plain import REFERENCE, mapping, value

NAME = "^[a-z_][A-Za-z0-9_-]*$"
"""Names of nodes, blocks, inputs and outputs."""

_NODE = {"type": ["array", "string"], "items": {"type": "string"}, "minItems": 1}
_BESIDE: dict[str, tuple[str, Schema]] = {
    "from": (
        "The inputs of the layer: a node or a list of nodes; by default the layer above.",
        {**_NODE, "type": ["null", "array", "string"]},
    ),
    "each": (
        "One branch for each of these columns, inputs or nodes: a list, or node.* for the branches of a node.",
        {**_NODE, "type": ["array", "string"]},
    ),
    "call": ("Other arguments of the call; text names a node.", {"type": ["null", "object"]}),
    "repeat": (
        "Number of repetitions in sequence, or a list of values for ${repeat.value}.",
        {"type": ["integer", "array", "string"], "minimum": 1, "minItems": 1, "pattern": REFERENCE},
    ),
    "residual": (
        "Whether to add its input to its output, projected if the shapes differ; or how: {projection: [layers], merge: concat}.",
        {
            "type": ["boolean", "string", "object"],
            "pattern": REFERENCE,
            "properties": {"merge": {"enum": list(MERGES)}},
            "additionalProperties": False,
            "minProperties": 1,
        },
    ),
    "freeze": (
        "For a backbone, Saved or Model: true, a pattern of layer names, a list of patterns, or {until: layer}.",
        {"type": ["null", "boolean", "array", "object", "string"]},
    ),
    "preprocess": (
        "For a backbone: whether to convert pixels of 0-255 to the range that it expects.",
        {"type": ["boolean", "string"], "pattern": REFERENCE},
    ),
    "reuse": ("The name of a layer above to call again, with shared weights.", {"type": "string"}),
    "name": ("The name of this group, or of this use of a layer.", {"type": "string"}),
}


@dataclass(frozen=True, slots=True)
class LayerSchemas:
    """The layers that may be in a list: what a layer takes may be a model, whose schema has such a list again.

    Args:
        names: Gives the choice of a layer that requires no argument.
        bodies: Gives each layer's name with the schema of its arguments.
    """

    names: Callable[[], Schema]
    bodies: Callable[[Definitions], Schema]


_LABEL = {"type": ["array", "string"], "items": {"type": "string"}, "minItems": 1}
_OUTPUT: Schema = {
    "type": ["object", "string"],
    "properties": {
        "from": {"type": "string", "description": "The node; the one that is called as the output is if omitted."},
        "label": {**_LABEL, "description": "The label column that it learns, or a list of them."},
        "array": {**_LABEL, "description": "The array of labels that it learns."},
    },
    "additionalProperties": False,
}


def graph_field(definitions: Definitions, spec: type[Spec], name: str, known: LayerSchemas) -> Schema | None:
    """Return the schema of a field that only a graph has, or `None`."""
    if not issubclass(spec, Graph | Block):
        return None
    match name:
        case "layers":
            return _make_layer_list(definitions, known)
        case "inputs":
            one = definitions.refer("input", lambda: _close_mapping(definitions, Input, known))
            return {**_make_mapping_of(one), "type": ["null", "array", "object", "string"], "items": {"type": "string"}}
        case "outputs":
            return {
                **_make_mapping_of(_OUTPUT),
                "type": ["null", "array", "object", "string"],
                "items": {"type": "string"},
            }
        case "blocks":
            one = definitions.refer("block", lambda: _close_mapping(definitions, Block, known))
            return {**_make_mapping_of(one), "type": ["null", "object", "string"]}
    return None


def _make_layer_list(definitions: Definitions, known: LayerSchemas) -> Schema:
    """Return a list of layers."""
    return {
        "type": ["array", "string"],
        "pattern": REFERENCE,
        "patternErrorMessage": "Expected a list or ${…}.",
        "items": definitions.refer("item", lambda: _make_item_schema(definitions, known)),
        "minItems": 1,
    }


def _make_item_schema(definitions: Definitions, known: LayerSchemas) -> Schema:
    """Return a component with what is beside it, a block, a group, or a layer that is called again."""
    beside: Schema = {key: {"description": text, **schema} for key, (text, schema) in _BESIDE.items()}
    group = {**_make_layer_list(definitions, known), "description": "Layers in the place of one."}
    beside["residual"]["properties"] = {
        **beside["residual"]["properties"],
        "projection": {**_make_layer_list(definitions, known), "description": "Layers that the shortcut passes."},
    }
    return {
        "anyOf": [
            {**known.names(), "errorMessage": "Expected a layer. See: trainctl list layers"},
            {"type": "string", "pattern": f"{NAME}|{REFERENCE}"},
            {"type": "object", "minProperties": 1, "not": {"minProperties": 2, "propertyNames": {"pattern": "^[A-Z]"}}},
        ],
        "properties": {**known.bodies(definitions), **beside, "layers": group},
        "patternProperties": {NAME: {}},
        "additionalProperties": False,
        "if": {"type": "object", "not": {"propertyNames": {"pattern": NAME}}},  # a component, else a block or a group
        "then": {"propertyNames": {"anyOf": [{"pattern": "^[A-Z]"}, {"enum": list(BESIDE)}]}},
    }


def _make_mapping_of(one: Schema) -> Schema:
    """Return a mapping of names to `one`."""
    return {"propertyNames": {"pattern": NAME}, "additionalProperties": one}


def _close_mapping(definitions: Definitions, spec: type[Spec], known: LayerSchemas) -> Schema:
    def setting(name: str) -> Schema:
        fragment = spec.field_schema(name)
        told = {"description": fragment.get("description", "")}
        return {**(graph_field(definitions, spec, name, known) or value(definitions, fragment)), **told}

    required = [name for name, info in spec.model_fields.items() if info.is_required()]
    return mapping(spec.summary(), {name: setting(name) for name in spec.model_fields}, required)
