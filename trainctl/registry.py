"""A registry: the components that trainctl describes itself, by name and kind.

Each component lives in a file of its own and registers itself when the registry imports that file. Adding a component
therefore touches one file.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

T = TypeVar("T")

KERAS_HALF = "_keras"
"""How the module of a component's Keras class ends: it lies beside the spec, whose `build` alone imports it."""


class Registry(Generic[T]):
    """Names to components of one kind.

    Args:
        kind: What a member is called in messages, such as `callback`.
        package: The dotted folder whose modules register the members. Asked for one, the registry imports the file named
            after it (`EarlyStopping`: early_stopping.py); asked for all, or where there is no such file, every file.
    """

    def __init__(self, kind: str, package: str) -> None:
        self.kind = kind
        self._package = package
        self._members: dict[str, T] = {}
        self._complete = False

    def register(self, name: str, *, again: bool = False) -> Callable[[T], T]:
        """Decorator: make the decorated component known as `name`. A name taken twice is a bug, unless it is meant `again`."""

        def keep(member: T) -> T:
            if name in self._members and not again:
                raise RuntimeError(f"{self.kind} {name!r} is registered twice")
            self._members[name] = member
            return member

        return keep

    def get(self, name: str) -> T | None:
        """Return the component `name`, or `None`."""
        if name not in self._members:
            self._import(named_after=name)
        return self._members[name] if name in self._members else self._all().get(name)

    def names(self) -> tuple[str, ...]:
        """Return all names, sorted."""
        return tuple(sorted(self._all()))

    def __iter__(self) -> Iterator[tuple[str, T]]:
        return iter(sorted(self._all().items()))

    def _all(self) -> dict[str, T]:
        if not self._complete:
            self._complete = True
            self._import()
        return self._members

    def _import(self, named_after: str | None = None) -> None:
        for module in pkgutil.iter_modules(importlib.import_module(self._package).__path__):
            if module.name.endswith(KERAS_HALF):
                continue
            if named_after is None or module.name.replace("_", "") == named_after.lower():
                importlib.import_module(f"{self._package}.{module.name}")
