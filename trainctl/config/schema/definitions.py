"""Definitions of the published schema, made when first referred to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from trainctl.aliases import Value

Schema = dict[str, Value]


class Definitions:
    """Schemas by name. A schema may refer to itself: its name is taken before it is made."""

    def __init__(self) -> None:
        self._made: dict[str, Schema] = {}

    def refer(self, name: str, make: Callable[[], Schema]) -> Schema:
        """Return a `$ref` to the definition `name`, which `make` makes on first use."""
        if name not in self._made:
            self._made[name] = {}
            self._made[name] = make()
        return {"$ref": f"#/definitions/{name}"}

    def sorted(self) -> Schema:
        """Return all definitions, by name."""
        return dict(sorted(self._made.items()))


def with_plain_references(schema: Value) -> Any:
    """Return a schema in which nothing is beside a `$ref`, where draft 7 would not read it.

    Such a `$ref` becomes the only one of several alternatives. An editor then also takes no default for a value that is
    to be filled in: it proposes an argument with its default, and a component with no more than what it requires.
    """
    if isinstance(schema, list):
        return [with_plain_references(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    plain = {key: with_plain_references(each) for key, each in schema.items()}
    if "$ref" not in plain or len(plain) == 1:
        return plain
    return {"anyOf": [{"$ref": plain.pop("$ref")}], **plain}
