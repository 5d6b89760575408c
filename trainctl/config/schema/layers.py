"""Graphs in the published schema: lists of layers with what stands beside them, inputs, outputs and blocks."""

from __future__ import annotations

from typing import Any

from trainctl.components.nodes.model import BESIDE, LAYER_KINDS, Block, Graph, Input
from trainctl.components.spec import Spec
from trainctl.config.schema.definitions import Definitions, Schema
from trainctl.config.schema.values import REFERENCE, value

NAME = "^[a-z_][A-Za-z0-9_-]*$"
"""Names of nodes, blocks, inputs and outputs."""

_NODE = {"type": ["array", "string"], "items": {"type": "string"}, "minItems": 1}
_BESIDE: dict[str, tuple[str, Schema]] = {
    "from": (
        "What it takes, by name: a node, or a list of them; left out: the layer above.",
        {**_NODE, "type": ["null", "array", "string"]},
    ),
    "call": ("Further arguments of the call; text names a node.", {"type": ["null", "object"]}),
    "repeat": (
        "How often it stands here, one after the other: a number, or a list of values for ${repeat.value}.",
        {"type": ["integer", "array", "string"], "minimum": 1, "minItems": 1, "pattern": REFERENCE},
    ),
    "residual": (
        "Whether its input is added to its output, projected where the shapes differ.",
        {"type": ["boolean", "string"], "pattern": REFERENCE},
    ),
    "freeze": (
        "Of a backbone, Saved or Model: true, a pattern of layer names, a list of them, or {until: layer}.",
        {"type": ["null", "boolean", "array", "object", "string"]},
    ),
    "preprocess": (
        "Of a backbone: whether pixels of 0-255 are brought to the range it was made for.",
        {"type": ["boolean", "string"], "pattern": REFERENCE},
    ),
    "reuse": ("The name of a layer above, to be called again: it is shared.", {"type": "string"}),
    "name": ("The name of this group, or of this use of a layer.", {"type": "string"}),
}


def graph_field(definitions: Definitions, spec: type[Spec], name: str) -> Schema | None:
    """The schema of a field that only a graph has, or `None`."""
    if not issubclass(spec, Graph | Block):
        return None
    match name:
        case "layers":
            return layers(definitions)
        case "inputs":
            one = definitions.refer("input", lambda: _closed(definitions, Input))
            return {**_named(one), "type": ["null", "array", "object", "string"], "items": {"type": "string"}}
        case "outputs":
            return {
                **_named({"type": "string"}),
                "type": ["null", "array", "object", "string"],
                "items": {"type": "string"},
            }
        case "blocks":
            one = definitions.refer("block", lambda: _closed(definitions, Block))
            return {**_named(one), "type": ["null", "object", "string"]}
    return None


def layers(definitions: Definitions) -> Schema:
    """A list of layers."""
    return {
        "type": ["array", "string"],
        "pattern": REFERENCE,
        "patternErrorMessage": "Expected a list or ${…}.",
        "items": definitions.refer("item", lambda: _item(definitions)),
        "minItems": 1,
    }


def _item(definitions: Definitions) -> Schema:
    """A component with what stands beside it, a block, a group, or a layer that is called again."""
    from trainctl.config.schema.components import bare_names, bodies

    beside: Schema = {key: {"description": text, **schema} for key, (text, schema) in _BESIDE.items()}
    group = {**layers(definitions), "description": "Layers in the place of one."}
    return {
        "anyOf": [
            {"enum": bare_names(LAYER_KINDS), "errorMessage": "Expected a layer. See: trainctl list layers"},
            {"type": "string", "pattern": f"{NAME}|{REFERENCE}"},
            {"type": "object", "minProperties": 1, "not": {"minProperties": 2, "propertyNames": {"pattern": "^[A-Z]"}}},
        ],
        "properties": {**bodies(definitions, LAYER_KINDS), **beside, "layers": group},
        "patternProperties": {NAME: {}},
        "additionalProperties": False,
        "if": {"type": "object", "not": {"propertyNames": {"pattern": NAME}}},  # a component, else a block or a group
        "then": {"propertyNames": {"anyOf": [{"pattern": "^[A-Z]"}, {"enum": list(BESIDE)}]}},
    }


def _named(one: Schema) -> Schema:
    """A mapping of names to `one`."""
    return {"propertyNames": {"pattern": NAME}, "additionalProperties": one}


def _closed(definitions: Definitions, spec: type[Spec]) -> Schema:
    from trainctl.config.schema.components import mapping

    def setting(name: str) -> Any:
        fragment = spec.field_schema(name)
        told = {"description": fragment.get("description", "")}
        return {**(graph_field(definitions, spec, name) or value(definitions, fragment)), **told}

    required = [name for name, info in spec.model_fields.items() if info.is_required()]
    return mapping(spec.summary(), {name: setting(name) for name in spec.model_fields}, required)
