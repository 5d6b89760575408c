"""What is added to Keras's offer, by trainctl and by the person's own modules, described like Keras's."""

from __future__ import annotations

from trainctl.catalog.entry import Entry
from trainctl.catalog.extensions import EXTENSIONS

_ADDED: dict[tuple[str, str], Entry] = {(each.kind, each.name): each for each in EXTENSIONS}


def add(entry: Entry) -> None:
    """Make `entry`, whose `target` is the class or function itself, known under its kind and name."""
    _ADDED[entry.kind, entry.name] = entry


def added(kind: str, name: str) -> Entry | None:
    """Return the added component of this name, or `None`."""
    return _ADDED.get((kind, name))


def added_names(kind: str) -> tuple[str, ...]:
    """Return the names that were added to `kind`."""
    return tuple(name for each, name in _ADDED if each == kind)
