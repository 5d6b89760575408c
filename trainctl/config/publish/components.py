"""Components in the published schema: a name, or a mapping of the name to its arguments.

A slot is one object schema with every name as a property, not an `anyOf` over components: so an editor completes, explains
and faults exactly the one that is written.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from trainctl import catalog
from trainctl.config.complaints import kind_words
from trainctl.config.describe import OURS, PLURALS, names
from trainctl.config.publish.definitions import Definitions, Schema
from trainctl.config.publish.values import REFERENCE, brief, scalar, value

AMENDED = frozenset({"callback", "source", "optimizer", "schedule"})
"""Kinds whose components may merge with those of an extended file, and so leave out what is required. All others stand in
lists, which replace, or require nothing."""


def slot(definitions: Definitions, kinds: Sequence[str], types: Sequence[str] = (), *, amends: bool = False) -> Schema:
    """A place for a component.

    Args:
        definitions: Where it is defined.
        kinds: The kinds of components that may stand here.
        types: The JSON types of the plain values that may stand here as well.
        amends: Whether it is laid over a component of an extended file.
    """
    amends = amends and not AMENDED.isdisjoint(kinds)
    name = "-or-".join((*kinds, *types)) + ("-amended" if amends else "")
    return definitions.refer(name, lambda: _slot(definitions, kinds, types, amends=amends))


def component(definitions: Definitions, kind: str, name: str, *, amends: bool = False) -> Schema:
    """What stands under the component's name: its arguments, or nothing where none is required."""
    found = _component(kind, name)
    if not amends or not found.can_amend:
        return definitions.refer(f"{kind}.{name}", lambda: _body(definitions, found, amends=False))
    return definitions.refer(f"{kind}.{name}-amended", lambda: _body(definitions, found, amends=True))


def mapping(text: str, properties: Schema, required: Sequence[str] = ()) -> Schema:
    """A mapping closed to other keys, or a `${…}`; null where no key is required.

    Args:
        text: Its description.
        properties: The schema of each key's value.
        required: The keys that have to be there.
    """
    return {
        "description": text,
        "type": ["object", "string"] if required else ["null", "object", "string"],
        "pattern": REFERENCE,
        "patternErrorMessage": "Expected a mapping or ${…}.",
        "properties": properties,
        "additionalProperties": False,
        **({"required": list(required)} if required else {}),
    }


@dataclass(frozen=True, slots=True)
class _Argument:
    """One argument: the fragment of its plain values, the kinds of components it takes, and what to tell of it."""

    name: str
    required: bool
    fragment: Mapping[str, Any]
    kinds: tuple[str, ...]
    facts: Schema


@dataclass(frozen=True, slots=True)
class _Component:
    """One component, whether a spec of ours or the catalog describes it."""

    text: str
    arguments: tuple[_Argument, ...]

    @property
    def required(self) -> list[str]:
        return [argument.name for argument in self.arguments if argument.required]

    @property
    def can_amend(self) -> bool:
        """Whether it is described otherwise where it amends another."""
        return bool(self.required) or any(not AMENDED.isdisjoint(argument.kinds) for argument in self.arguments)


def _component(kind: str, name: str) -> _Component:
    spec = OURS[kind].get(name) if kind in OURS else None
    if spec is not None:
        fields = tuple(
            _Argument(field, info.is_required(), fragment := spec.field_schema(field), (), about(fragment))
            for field, info in spec.model_fields.items()
        )
        return _Component(brief(inspect.cleandoc(spec.__doc__ or "")), fields)
    entry = catalog.find(kind, name)
    parameters = entry.parameters if entry else ()
    return _Component(
        brief(entry.summary) if entry else "",
        tuple(_Argument(each.name, each.required, each.schema, each.kinds, _told(each)) for each in parameters),
    )


def about(fragment: Mapping[str, Any]) -> Schema:
    """What a fragment tells people besides what it constrains."""
    return {key: fragment[key] for key in ("description", "default", "examples") if key in fragment}


def _told(parameter: catalog.Parameter) -> Schema:
    text = {"description": brief(parameter.doc)} if parameter.doc else {}
    try:
        default = json.loads(json.dumps(parameter.default, allow_nan=False))
    except (TypeError, ValueError):  # there is none, or JSON cannot say it
        return text
    return {**text, "default": default}


def _slot(definitions: Definitions, kinds: Sequence[str], types: Sequence[str], *, amends: bool) -> Schema:
    named = [(kind, name) for kind in kinds for name in names(kind) if name[:1].isupper()]
    bare = [name for kind, name in named if amends or not _component(kind, name).required]
    identifiers = [word for kind in kinds if kind not in OURS for word in catalog.identifiers(kind)]
    words = {
        "enum": [*bare, *identifiers],
        "errorMessage": f"Expected {kind_words(kinds)}: a name, or Name: {{…}}. See: trainctl list {PLURALS[kinds[0]]}",
    }
    alternatives = [words] if words["enum"] else []
    return {
        "anyOf": [*alternatives, scalar(definitions, types), {"type": "object"}],
        "properties": {name: component(definitions, kind, name, amends=amends) for kind, name in named},
        "additionalProperties": False,
        "minProperties": 1,
        "maxProperties": 1,
    }


def _body(definitions: Definitions, found: _Component, *, amends: bool) -> Schema:
    properties = {each.name: {**_argument(definitions, each, amends=amends), **each.facts} for each in found.arguments}
    return mapping(found.text, properties, () if amends else found.required)


def _argument(definitions: Definitions, argument: _Argument, *, amends: bool) -> Schema:
    if not argument.kinds:
        return value(definitions, argument.fragment)
    types = list(_types(argument.fragment))
    schema = slot(definitions, argument.kinds, types, amends=amends)
    if "array" in types:
        schema["items"] = slot(definitions, argument.kinds)
    return schema


def _types(fragment: Mapping[str, Any]) -> Iterator[str]:
    """The JSON types beside a component: the catalog says no more than these there."""
    types = fragment.get("type", ())
    yield from [types] if isinstance(types, str) else types
