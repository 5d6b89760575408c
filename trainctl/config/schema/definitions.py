"""Definitions: the `$defs` of the published schema, made when first referred to."""

from __future__ import annotations

from collections.abc import Callable

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
        return {"$ref": f"#/$defs/{name}"}

    def sorted(self) -> Schema:
        """Return all definitions, by name."""
        return dict(sorted(self._made.items()))
