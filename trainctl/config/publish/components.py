"""Components in the published schema: a name, or a mapping of the name to its arguments.

A slot is one object schema with every name as a property, not an `anyOf` over components: so an editor completes, explains
and faults exactly the one that is written.
"""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from trainctl import catalog
from trainctl.components.base import Spec
from trainctl.config.describe import OURS, names
from trainctl.config.publish.definitions import Definitions, Schema
from trainctl.config.publish.values import REFERENCE, brief, scalar, value

AMENDED = frozenset({"callback", "source", "optimizer", "schedule"})
"""Kinds whose components merge with those of an extended file, and so may leave out required arguments. The others either
stand in lists, which replace, or have none that is required."""


@dataclass(frozen=True, slots=True)
class _Argument:
    name: str
    required: bool
    schema: Schema
    kinds: tuple[str, ...] = ()


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


def _slot(definitions: Definitions, kinds: Sequence[str], types: Sequence[str], *, amends: bool) -> Schema:
    bare: list[str] = []
    bodies: Schema = {}
    for kind in kinds:
        for name in names(kind):
            if name[:1].islower():
                continue
            bodies[name] = body(definitions, kind, name, amends=amends)
            if amends or not _required(kind, name):
                bare.append(name)
        bare += catalog.identifiers(kind) if kind not in OURS else ()
    return {
        "anyOf": [{"enum": bare}, {"type": "object"}, scalar(definitions, types)],
        "properties": bodies,
        "additionalProperties": False,
        "minProperties": 1,
        "maxProperties": 1,
    }
