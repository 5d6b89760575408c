"""A registry: the components that trainctl describes itself, by name and kind.

Each component lives in a file of its own and registers itself; the registry imports the folder on first use. Adding a
component therefore touches one file.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

T = TypeVar("T")


class Registry(Generic[T]):
    """Names to components of one kind.

    Args:
        kind: What a member is called in messages, such as `callback`.
        package: The dotted folder whose modules register the members; imported on first use.
    """

    def __init__(self, kind: str, package: str) -> None:
        self.kind = kind
        self._package = package
        self._members: dict[str, T] = {}
        self._loaded = False

    def register(self, name: str) -> Callable[[T], T]:
        """Decorator: make the decorated component known as `name`. A name taken twice is a bug."""

        def keep(member: T) -> T:
            if name in self._members:
                raise RuntimeError(f"{self.kind} {name!r} is registered twice")
            self._members[name] = member
            return member

        return keep

    def get(self, name: str) -> T | None:
        """The component `name`, or `None`."""
        return self._load().get(name)

    def names(self) -> tuple[str, ...]:
        """All names, sorted."""
        return tuple(sorted(self._load()))

    def __iter__(self) -> Iterator[tuple[str, T]]:
        return iter(sorted(self._load().items()))

    def _load(self) -> dict[str, T]:
        if not self._loaded:
            self._loaded = True
            for module in pkgutil.iter_modules(importlib.import_module(self._package).__path__):
                importlib.import_module(f"{self._package}.{module.name}")
        return self._members
