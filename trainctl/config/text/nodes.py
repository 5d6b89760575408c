"""The tree of an experiment file: every value with its place in the text and the values it replaced."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from trainctl import limits
from trainctl.aliases import Value
from trainctl.catalog import SHORTHANDS
from trainctl.diagnostics import Location

_CAP_WORDS = re.compile(r"[A-Z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*)*|experimental\.[A-Z][A-Za-z0-9]*")


class EnvText(str):
    """Text from `${env:NAME}`: read as a number or boolean where the setting is not text."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Late:
    """A value known only once the data is loaded: `${data.num_classes}` and the like, as written."""

    text: str


@dataclass(frozen=True, slots=True)
class Node:
    """One value.

    Args:
        value: A scalar, a `dict[str, Node]`, a `list[Node]`, or `Late`.
        location: Where it is written.
        keys: For a mapping, where each key is written.
        raw: What was written before interpolation, where that differs; secrets go to disk in this form.
        secret: Whether an environment variable went into it.
        earlier: The values it replaced (from an extended file, or under a `--set`), newest first.
        default: Whether no one wrote it: it is what is taken where nothing is written.
        origin: Where the value is written that an interpolation brought here.
    """

    value: Value
    location: Location
    keys: dict[str, Location] = field(default_factory=dict)
    raw: str | None = None
    secret: bool = False
    earlier: tuple[Node, ...] = ()
    default: bool = False
    origin: Location | None = None

    @property
    def is_mapping(self) -> bool:
        """Whether it holds keys."""
        return isinstance(self.value, dict)

    @property
    def is_list(self) -> bool:
        """Whether it holds items."""
        return isinstance(self.value, list)

    @property
    def is_late(self) -> bool:
        """Whether it is known only once the data is loaded."""
        return isinstance(self.value, Late)

    def key_location(self, key: str) -> Location:
        """Return where `key` is written."""
        return self.keys.get(key, self.location)

    def with_entry(self, key: str, node: Node, location: Location | None = None) -> Node:
        """Return a copy of this mapping with `key` set; a new key is placed where its value is, unless told."""
        keys = {**self.keys, key: location or self.keys.get(key) or node.location}
        return replace(self, value={**self.value, key: node}, keys=keys)

    def without(self, key: str) -> Node:
        """Return a copy of this mapping without `key`."""
        return replace(self, value={k: v for k, v in self.value.items() if k != key})

    def replacing(self, old: Node) -> Node:
        """Return a copy that remembers the value it replaced."""
        return replace(self, earlier=(*self.earlier, old, *old.earlier))

    def plain(self) -> Value:
        """Return the value as plain Python data, for pydantic and for people."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return self.value.text if isinstance(self.value, Late) else self.value

    def public(self) -> Value:
        """Return the value as plain Python data for anyone's eyes: secrets as they were written."""
        if isinstance(self.value, dict):
            return {key: node.public() for key, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.public() for node in self.value]
        return self.raw if self.secret else self.plain()

    def walk(self) -> Iterator[Node]:
        """This node and all below it."""
        waiting = [self]
        while waiting:
            node = waiting.pop()
            yield node
            value = node.value
            if isinstance(value, dict):
                waiting.extend(reversed(value.values()))
            elif isinstance(value, list):
                waiting.extend(reversed(value))


def as_section(node: Node, shorthand: str | None) -> Node:
    """Return the mapping that a section's node is short for: null for an empty one, `5` for `{k: 5}`.

    Args:
        node: The node; a list, or a plain value of a section that has no shorthand, is returned as it is.
        shorthand: The key that a plain value is meant for.
    """
    if node.value is None:
        return Node({}, node.location)
    if shorthand is None or node.is_mapping or node.is_list:
        return node
    return Node({shorthand: node}, node.location, {shorthand: node.location}, earlier=node.earlier)


def holds_late(value: Value) -> bool:
    """Return whether something in a plain value is known only once the data is loaded."""
    if isinstance(value, Late):
        return True
    if isinstance(value, Mapping):
        return any(map(holds_late, value.values()))
    return isinstance(value, list | tuple) and any(map(holds_late, value))


def is_component_name(text: Any) -> bool:
    """Return whether `text` is spelled like a component: `EarlyStopping`, `ReLU`."""
    return isinstance(text, str) and _CAP_WORDS.fullmatch(text) is not None


def component_names(node: Node) -> list[str]:
    """Return the CapWords keys of a mapping, or a bare CapWords name; one of them makes a component."""
    if node.is_mapping:
        return [key for key in node.value if is_component_name(key)]
    return [node.value] if is_component_name(node.value) else []


def component_name(node: Node) -> str | None:
    """The name of the component `node` is, or `None`. What is no mapping is no arguments: `{Accept: text/html}` is a header."""
    if node.is_mapping and len(node.value) > limits.KEYS_OF_A_COMPONENT:
        return None
    names = component_names(node)
    if len(names) != 1:
        return None
    body = node.value[names[0]] if node.is_mapping else None
    takes = body is None or body.value is None or body.is_mapping or str(body.value).startswith("${")
    return names[0] if takes or names[0] in SHORTHANDS else None


def arguments_of(node: Node) -> Node:
    """Return the arguments of the component `node`: a mapping node, empty where only the name is written."""
    names = component_names(node)
    body = node.value[names[0]] if len(names) == 1 and node.is_mapping else None
    if body is None:
        return Node({}, node.location)
    if body.value is None:
        return Node({}, body.location, earlier=body.earlier)
    return as_section(body, SHORTHANDS.get(names[0]))
