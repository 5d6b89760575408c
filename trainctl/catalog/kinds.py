"""Kinds: the public namespaces of Keras, and what each of them offers."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from trainctl.catalog.added import added, added_names
from trainctl.catalog.entry import Entry, read, read_summary
from trainctl.catalog.identifiers import BROKEN, COMPILE_WORDS, snake_case, table
from trainctl.catalog.source import Import, installed_keras

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MODULES: Mapping[str, str] = {
    "layer": "keras.layers",
    "optimizer": "keras.optimizers",
    "loss": "keras.losses",
    "metric": "keras.metrics",
    "schedule": "keras.optimizers.schedules",
    "initializer": "keras.initializers",
    "regularizer": "keras.regularizers",
    "constraint": "keras.constraints",
    "activation": "keras.activations",
    "application": "keras.applications",
}

KINDS: tuple[str, ...] = tuple(MODULES)

FUNCTIONS: Mapping[str, str] = {"op": "keras.ops"}
"""Kinds whose members are functions: names in lower case, arguments of which only the names are known."""

_WITHIN: Mapping[str, tuple[str, ...]] = {"op": ("image",)}
"""Namespaces whose members are named with them, as in `keras.ops.image.resize`; the other ones stand in `keras.ops` too."""

BASES = frozenset(
    {
        "Layer",
        "Wrapper",
        "InputSpec",
        "Optimizer",
        "Loss",
        "Metric",
        "LearningRateSchedule",
        "Initializer",
        "Regularizer",
        "Constraint",
    }
)
"""Public names that cannot be built: bases to subclass, and what describes inputs."""

NOT_OPS = frozenset(
    {
        "associative_scan",
        "cond",
        "convert_to_numpy",
        "convert_to_tensor",
        "custom_gradient",
        "dtype",
        "fori_loop",
        "is_tensor",
        "map",
        "scan",
        "switch",
        "vectorize",
        "vectorized_map",
        "while_loop",
    }
)
"""What `keras.ops` has besides: functions that take functions, or that are of no use between layers."""


def names(kind: str) -> tuple[str, ...]:
    """Return the names of a kind as they stand in a config, aliases and what was added included, sorted.

    Activations have none: they are functions.

    Raises:
        KeyError: There is no such kind.
    """
    return tuple(sorted({*_read_keras_names(kind), *(name for name in added_names(kind) if name[0].isupper())}))


@cache
def _read_keras_names(kind: str) -> tuple[str, ...]:
    if kind in FUNCTIONS:
        return tuple(sorted(name for name in _read_public_names(kind) if name not in NOT_OPS))
    return tuple(sorted(name for name in _read_public_names(kind) if name[0].isupper() and name not in BASES))


def identifiers(kind: str) -> Mapping[str, str]:
    """Return the strings that Keras accepts in place of an object: each to the class it stands for, or to itself.

    Raises:
        KeyError: There is no such kind.
    """
    words = [*_find_targets(kind), *COMPILE_WORDS.get(kind, ()), *added_names(kind)]
    return MappingProxyType({word: name for word in words if (name := stands_for(kind, word)) is not None})


def stands_for(kind: str, word: str) -> str | None:
    """Return what Keras takes the string `word` for, as in `identifiers`; `None` if it takes it for nothing.

    Parses only what decides about this one word.

    Raises:
        KeyError: There is no such kind.
    """
    if word in COMPILE_WORDS.get(kind, ()) or (word[:1].islower() and added(kind, word) is not None):
        return word
    return _resolve_identifier(kind, word)


@cache
def _resolve_identifier(kind: str, word: str) -> str | None:
    name = _find_targets(kind).get(word)
    usable = name is not None and word not in BROKEN and _strip_namespace(kind, name)
    return name if usable else None


def find(kind: str, name: str) -> Entry | None:
    """Return the component of this name or identifier; `None` if there is none, and for the words only `compile` knows.

    Raises:
        KeyError: There is no such kind.
    """
    return added(kind, name) or _find(kind, name)


@cache
def _find(kind: str, name: str) -> Entry | None:
    public = _find_public_name(kind, name)
    entry = read(installed_keras(), kind, *_find_home(kind, public)) if public else None
    return replace(entry, name=public) if entry and public else None


def summary(kind: str, name: str) -> str:
    """Return the summary of what `find` finds, without reading its arguments; empty where there is nothing.

    Raises:
        KeyError: There is no such kind.
    """
    own = added(kind, name)
    if own is not None:
        return own.summary
    public = _find_public_name(kind, name)
    return read_summary(installed_keras(), *_find_home(kind, public)) if public else ""


def kinds_of(name: str) -> tuple[str, ...]:
    """Return the kinds that have a component of this name or identifier."""
    return tuple(kind for kind in KINDS if name in names(kind) or stands_for(kind, name) is not None)


def _find_public_name(kind: str, name: str) -> str | None:
    """Return the public name of the component of this name or identifier."""
    if name in COMPILE_WORDS.get(kind, ()):
        return None
    return name if name in _read_keras_names(kind) else None if kind in FUNCTIONS else _find_targets(kind).get(name)


def _locate_module(kind: str) -> str:
    return MODULES.get(kind) or FUNCTIONS[kind]


def _find_home(kind: str, name: str) -> tuple[str, str]:
    """Return the module and the name of a function: `image.resize` is `resize` of `keras.ops.image`."""
    module, _, last = f"{_locate_module(kind)}.{name}".rpartition(".")
    return module, last


@cache
def _find_targets(kind: str) -> Mapping[str, str]:
    """Return every string of the table behind `get`, also of classes that cannot be made without arguments."""
    classes = {snake_case(name): name for name in _read_keras_names(kind)} | {
        name: name for name in _read_keras_names(kind)
    }
    entries = table(installed_keras(), MODULES[kind].replace("keras", "keras.src", 1))
    return {
        key: classes.get(target, key)
        for key, target in entries.items()
        if key not in _read_keras_names(kind) and (target in classes or target.islower())  # else a base class
    }


def _strip_namespace(kind: str, name: str) -> bool:
    """Return whether it can be made without arguments, as Keras does from a string."""
    entry = find(kind, name)
    return entry is not None and not any(parameter.required for parameter in entry.parameters)


def _read_public_names(kind: str) -> frozenset[str]:
    """Return what the namespace re-exports from Keras's own source; its submodules are left out."""
    within = [
        f"{space}.{name}"
        for space in _WITHIN.get(kind, ())
        for name in _read_reexports(f"{_locate_module(kind)}.{space}")
    ]
    return frozenset([*_read_reexports(_locate_module(kind)), *within])


def _read_reexports(module: str) -> Iterator[str]:
    home = installed_keras().module(module)
    for name, binding in (home.bindings if home else {}).items():
        if isinstance(binding, Import) and "keras.src" in binding.module:
            yield name
