"""Components in the published schema: a name, or a mapping of the name to its arguments.

A slot is one object schema with every name as a property, not an `anyOf` over components: so an editor completes, explains
and faults exactly the one that is written.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from trainctl import catalog
from trainctl.aliases import Value
from trainctl.components.fields import Slot
from trainctl.components.nodes.model import LAYER_KINDS
from trainctl.components.spec import REGISTRIES, Spec, slot_of
from trainctl.components.user.callables import functions_of
from trainctl.config.describe import PLURALS, names
from trainctl.config.messages import kind_words
from trainctl.config.messages.phrases import every_kind
from trainctl.config.schema.definitions import Definitions, Schema
from trainctl.config.schema.layers import NAME, LayerSchemas, graph_field
from trainctl.config.schema.plain import REFERENCE, brief, mapping, scalar, value

AMENDED = frozenset({"callback", "source", "optimizer", "schedule", "loss"})
"""Kinds whose components may merge with those of an extended file, and so leave out what is required. All others stand in
lists, which replace, or require nothing."""


def slot(
    definitions: Definitions,
    kinds: Sequence[str],
    types: Sequence[str] = (),
    *,
    amends: bool = False,
    beside: Mapping[str, Mapping[str, Value]] | None = None,
) -> Schema:
    """Return a place for a component.

    Args:
        definitions: Where it is defined.
        kinds: The kinds of components that may be here.
        types: The JSON types of the plain values that may be here as well.
        amends: Whether it is laid over a component of an extended file.
        beside: What may be beside the component, by key.
    """
    amends = amends and not AMENDED.isdisjoint(kinds)
    name = "-or-".join((*kinds, *types)) + ("-amended" if amends else "")
    if not beside:
        return definitions.refer(name, lambda: _make_slot_schema(definitions, kinds, types, amends=amends))
    return definitions.refer(
        f"{name}-with-more",
        lambda: _make_schema_with_more(
            _make_slot_schema(definitions, kinds, types, amends=amends),
            {key: {**value(definitions, each), **_described(each)} for key, each in beside.items()},
        ),
    )


def _described(fragment: Mapping[str, Value]) -> Schema:
    return {"description": fragment["description"]}


def _make_schema_with_more(schema: Schema, beside: Schema) -> Schema:
    """Return a component's slot in which other keys may be beside the one that is its name."""
    named = {"propertyNames": {"pattern": NAME}}
    two = {"minProperties": 2, "propertyNames": {"pattern": "^[A-Z]"}}
    *others, _ = schema["anyOf"]
    one = {"type": "object", "minProperties": 1, "not": {"anyOf": [named, two]}}
    return {**schema, "anyOf": [*others, one], "properties": {**schema["properties"], **beside}}


def component(definitions: Definitions, kind: str, name: str, *, amends: bool = False) -> Schema:
    """Return what stands under the component's name: its arguments, or nothing where none is required."""
    found = _find(kind, name)
    amends = amends and found.amends_otherwise
    return definitions.refer(
        f"{kind}.{name}" + ("-amended" if amends else ""),
        lambda: {
            "title": name,
            **mapping(found.text, found.arguments(definitions, amends), () if amends else found.required),
            **(
                {"pattern": ".", "patternErrorMessage": "Expected text or a mapping."}
                if name in catalog.SHORTHANDS
                else {}
            ),
            **({"patternProperties": {NAME: {}}} if name == "Op" else {}),  # the arguments of its function
        },
    )


def field(definitions: Definitions, spec: type[Spec], name: str, *, amends: bool = False) -> Schema:
    """Return what a field of a spec takes, and what to tell of it."""
    fragment, place = spec.field_schema(name), slot_of(spec, name)
    can_be_null = amends or not spec.model_fields[name].is_required()
    said = {**fragment, "description": spec.model_fields[name].description}  # not that of the field's class
    told: Schema = {key: said[key] for key in ("description", "default", "examples") if said.get(key) is not None}
    special = graph_field(definitions, spec, name, _LAYERS)
    if special is not None:
        return {**special, **{key: told[key] for key in told if key != "default"}}
    if place is None:
        return {**value(definitions, fragment), **told}
    if place.by_output:
        return {**_make_output_mapping(definitions, place, can_be_null=can_be_null, amends=amends), **told}
    if place.plain:
        return {**value(definitions, fragment), "properties": bodies(definitions, place.kinds, amends=amends), **told}
    if place.many:
        return {**_list(slot(definitions, place.kinds), fragment, can_be_null=can_be_null), **told}
    types = ("null",) if can_be_null else ()
    return {**slot(definitions, place.kinds, types, amends=amends, beside=place.beside), **told}


@dataclass(frozen=True, slots=True)
class _Component:
    """One component, whether a spec of ours or the catalog describes it.

    Args:
        text: Its description.
        required: The arguments that must be given.
        nested: The kinds of components that its arguments take.
        arguments: Makes the schema of each argument, given whether the component amends another.
    """

    text: str
    required: Sequence[str]
    nested: frozenset[str]
    arguments: Callable[[Definitions, bool], Schema]

    @property
    def amends_otherwise(self) -> bool:
        """Whether it takes something else where it amends another."""
        return bool(self.required) or not AMENDED.isdisjoint(self.nested)


def _find(kind: str, name: str) -> _Component:
    spec = REGISTRIES[kind].get(name) if kind in REGISTRIES else None
    if spec is not None:
        return _make_spec_schema(spec)
    entry = catalog.find(kind, name)
    if entry is None:
        raise RuntimeError(f"the catalog names the {kind} {name} and does not know it")
    return _make_entry_schema(entry)


def _make_spec_schema(spec: type[Spec]) -> _Component:
    slots = [place for name in spec.model_fields if (place := slot_of(spec, name)) is not None]
    return _Component(
        text=brief(inspect.cleandoc(spec.__doc__ or "")),
        required=[name for name, info in spec.model_fields.items() if info.is_required()],
        nested=frozenset(kind for place in slots for kind in place.kinds),
        arguments=lambda definitions, amends: {
            name: field(definitions, spec, name, amends=amends) for name in spec.model_fields
        },
    )


def _make_entry_schema(entry: catalog.Entry) -> _Component:
    return _Component(
        text=brief(entry.summary),
        required=[each.name for each in entry.parameters if each.required],
        nested=frozenset(kind for each in entry.parameters for kind in each.kinds),
        arguments=lambda definitions, amends: {
            each.name: {**_make_argument_schema(definitions, each, amends=amends), **_describe_argument(each)}
            for each in entry.parameters
        },
    )


def _make_argument_schema(definitions: Definitions, parameter: catalog.Parameter, *, amends: bool) -> Schema:
    if not parameter.kinds:
        return value(definitions, parameter.schema)
    types = _make_type_schema(parameter.schema)
    schema = slot(definitions, parameter.kinds, types, amends=amends)
    return {**schema, "items": slot(definitions, parameter.kinds)} if "array" in types else schema


def _make_type_schema(fragment: Mapping[str, Value]) -> list[str]:
    """Return the JSON types beside a component: the catalog says no more than these, or null, or none there."""
    if "enum" in fragment:
        return ["null"] if None in fragment["enum"] else []
    return [fragment["type"]] if isinstance(fragment["type"], str) else list(fragment["type"])


def _describe_argument(parameter: catalog.Parameter) -> Schema:
    text = {"description": brief(parameter.doc)} if parameter.doc else {}
    try:
        default = json.loads(json.dumps(parameter.default, allow_nan=False))
    except (TypeError, ValueError):  # there is none, or JSON cannot say it
        return text
    return text if default is None else {**text, "default": default}  # an editor would write null


def _make_slot_schema(definitions: Definitions, kinds: Sequence[str], types: Sequence[str], *, amends: bool) -> Schema:
    words = describe_words({**bare_names(kinds, amends=amends), **_find_identifiers(kinds)})
    message = f"Expected {kind_words(kinds)}: Name: {{…}}, or the name alone where it requires nothing. "
    named = {**words, "errorMessage": f"{message}See: trainctl list {PLURALS[kinds[0]]}"}
    one = {"type": "object", "minProperties": 1, "maxProperties": 1, "description": "A name with its arguments."}
    return {
        "anyOf": [*([named] if words["enum"] else []), scalar(definitions, types), one],
        "properties": bodies(definitions, kinds, amends=amends),
        "additionalProperties": False,
    }


def describe_words(words: Mapping[str, str]) -> Schema:
    """Return the choice of one of the `words`, each with the text of it that an editor shows."""
    return {"enum": list(words), "enumDescriptions": list(words.values())}


def bare_names(kinds: Sequence[str], *, amends: bool = False) -> dict[str, str]:
    """Return the names that may be alone, since nothing is required, each with its text."""
    known = ((name, _find(kind, name)) for kind, name in _list_named(kinds))
    return {name: found.text for name, found in known if amends or not found.required}


def _find_identifiers(kinds: Sequence[str]) -> dict[str, str]:
    """Return the names in lower case, each with its text."""
    words = {}
    for kind in kinds:
        if kind not in REGISTRIES:
            words.update({word: brief(catalog.summary(kind, word)) for word in catalog.identifiers(kind)})
            words.update(dict.fromkeys(functions_of(kind), "A function of your own."))
    return words


def _make_output_mapping(definitions: Definitions, place: Slot, *, can_be_null: bool, amends: bool) -> Schema:
    """Return a component or a list of them, or a mapping of the model's outputs to such."""
    # One schema for both: an editor completes nothing where it has to choose between two.
    if place.many:
        one = slot(definitions, place.kinds, amends=amends)
        each = _list(one, {}, can_be_null=can_be_null)
        kinds_of_value = ["null", "array", "object", "string"] if can_be_null else ["array", "object", "string"]
        return {**each, "type": kinds_of_value, "propertyNames": {"pattern": NAME}, "additionalProperties": each}
    types = ("null",) if can_be_null else ()
    name = "-or-".join((*place.kinds, *types)) + "-by-output" + ("-amended" if amends else "")
    return definitions.refer(name, lambda: _make_schema_by_output(definitions, place.kinds, types, amends=amends))


def _make_schema_by_output(
    definitions: Definitions, kinds: Sequence[str], types: Sequence[str], *, amends: bool
) -> Schema:
    """Return a component's slot in which the model's outputs may be instead, each with a component."""
    schema = _make_slot_schema(definitions, kinds, types, amends=amends)
    *others, one = schema["anyOf"]
    outputs = {"type": "object", "minProperties": 1, "propertyNames": {"pattern": NAME, "doNotSuggest": True}}
    each = slot(definitions, kinds, ("null",), amends=amends)
    return {**schema, "anyOf": [*others, one, outputs], "patternProperties": {NAME: each}}


def bodies(definitions: Definitions, kinds: Sequence[str], *, amends: bool = False) -> Schema:
    """Return every CapWords name with what stands under it."""
    return {name: component(definitions, kind, name, amends=amends) for kind, name in _list_named(kinds)}


def _list_named(kinds: Sequence[str]) -> list[tuple[str, str]]:
    """Return the CapWords names, each with its kind; identifiers take no arguments."""
    return [(kind, name) for kind in every_kind(kinds) for name in names(kind) if name[:1].isupper()]


def _list(items: Schema, fragment: Mapping[str, Value], *, can_be_null: bool) -> Schema:
    return {
        "type": ["null", "array", "string"] if can_be_null else ["array", "string"],
        "pattern": REFERENCE,
        "patternErrorMessage": "Expected a list or ${…}.",
        "items": items,
        **({"minItems": fragment["minItems"]} if "minItems" in fragment else {}),
    }


_LAYERS = LayerSchemas(
    names=lambda: describe_words(bare_names(LAYER_KINDS)), bodies=lambda definitions: bodies(definitions, LAYER_KINDS)
)
