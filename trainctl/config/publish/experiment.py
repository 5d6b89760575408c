"""The whole experiment in the published schema: its sections, with and without a file that it extends."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

from trainctl import catalog
from trainctl.components.base import CALLBACKS, Spec
from trainctl.components.fields import Slot
from trainctl.config.experiment import EXPECTATION, Experiment
from trainctl.config.publish.components import about, component, mapping, slot
from trainctl.config.publish.definitions import Definitions, Schema
from trainctl.config.publish.values import REFERENCE, brief, or_reference, value

_EXTENDS: Schema = {
    "description": "Files that this one builds on, relative to it; what stands here is laid over them.",
    "type": ["string", "array", "null"],
    "minLength": 1,
    "items": {"type": "string", "minLength": 1},
}
_EXTENDS_SOMETHING: Schema = {
    "required": ["extends"],
    "properties": {"extends": {"type": ["string", "array"], "minItems": 1}},
}


def experiment_schema() -> Schema:
    """JSON Schema, draft 2020-12, of an experiment file with all that is installed.

    Raises:
        ConfigError: Keras is not installed.
    """
    definitions = Definitions()
    for kind in catalog.KINDS:
        slot(definitions, (kind,))
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$comment": comment(),
        "type": "object",
        "if": _EXTENDS_SOMETHING,
        "then": definitions.refer("experiment-amended", lambda: _experiment(definitions, amends=True)),
        "else": definitions.refer("experiment", lambda: _experiment(definitions, amends=False)),
        "$defs": definitions.sorted(),
    }


def comment() -> str:
    """Where the schema comes from."""
    return f"Written by 'trainctl schema' with Keras {version('keras')}."


def _experiment(definitions: Definitions, *, amends: bool) -> Schema:
    schema = _section(definitions, Experiment, amends=amends)
    return {
        "description": schema["description"],
        "type": "object",
        "properties": {"extends": _EXTENDS, **schema["properties"]},
        "additionalProperties": False,
        **({} if amends else {"required": schema["required"]}),
    }


def _section(definitions: Definitions, spec: type[Spec], *, amends: bool) -> Schema:
    properties = {
        name: {**_field(definitions, spec, name, amends=amends), **about(spec.field_schema(name))}
        for name in spec.model_fields
    }
    required = [name for name, info in spec.model_fields.items() if info.is_required() and not amends]
    return mapping(brief(spec.__doc__ or ""), properties, required)


def _field(definitions: Definitions, spec: type[Spec], name: str, *, amends: bool) -> Schema:
    info = spec.model_fields[name]
    place = next((mark for mark in info.metadata if isinstance(mark, Slot)), None)
    can_be_null = amends or not info.is_required()
    if spec is Experiment and name == "callbacks":
        return _callbacks(definitions, amends=amends)
    if spec is Experiment and name == "expect":
        return _expectations()
    if place is not None and place.many:
        return _list(slot(definitions, place.kinds), spec.field_schema(name), can_be_null=can_be_null)
    if place is not None:
        return slot(definitions, place.kinds, ("null",) if can_be_null else (), amends=amends)
    if isinstance(info.annotation, type) and issubclass(info.annotation, Spec):
        section = info.annotation
        suffix = "-amended" if amends else ""
        return definitions.refer(name + suffix, lambda: _section(definitions, section, amends=amends))
    return value(definitions, spec.field_schema(name))


def _list(items: Schema, fragment: Mapping[str, Any], *, can_be_null: bool) -> Schema:
    return {
        "type": ["array", "null", "string"] if can_be_null else ["array", "string"],
        "pattern": REFERENCE,
        "patternErrorMessage": "Expected a list or ${…}.",
        "items": items,
        **({"minItems": fragment["minItems"]} if "minItems" in fragment else {}),
    }


def _callbacks(definitions: Definitions, *, amends: bool) -> Schema:
    """A list, or a mapping that amends the inherited list by name: null removes."""
    amendments = mapping("", {
        name: {"anyOf": [component(definitions, "callback", name, amends=amends), {"type": "null"}]}
        for name in CALLBACKS.names()
    })  # fmt: skip
    return {
        **amendments,
        "type": ["array", "object", "null", "string"],
        "items": slot(definitions, ("callback",)),
        "patternErrorMessage": "Expected a list, a mapping or ${…}.",
    }


def _expectations() -> Schema:
    bound = {
        "type": "string",
        "pattern": or_reference(EXPECTATION),
        "patternErrorMessage": 'Expected a comparison, such as ">= 0.93".',
    }
    return {**mapping("", {}), "additionalProperties": bound}
