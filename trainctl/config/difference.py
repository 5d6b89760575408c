"""What differs between two experiments, and where each value comes from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from trainctl import catalog
from trainctl.config.compose.paths import item_steps, join
from trainctl.config.explain import Origin, origins
from trainctl.config.fill import filled
from trainctl.config.load import Loaded
from trainctl.config.render import flat_nodes
from trainctl.config.text.nodes import Node, component_name, component_names

_BY_IDENTIFIER = ("optimizer", "loss")
"""The settings whose identifiers, such as `adam`, mean just what the component does without arguments."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A setting that two experiments have otherwise.

    Args:
        path: Its `--set` path.
        before: Its value in the first one, and where that comes from; `None` where that has no such setting.
        after: The same of the second one.
    """

    path: str
    before: Origin | None
    after: Origin | None


def differences(before: Loaded, after: Loaded) -> list[Difference]:
    """Return what differs once everything is resolved; what means the same is not told.

    `adam`, `Adam` and an `Adam` whose arguments are Keras's defaults mean the same, and so do a value that is written and
    the default that it repeats.
    """
    trees = [_plain(filled(each.resolved, each.name), "") for each in (before, after)]
    sides = [dict(flat_nodes(tree)) for tree in trees]
    found = list(_differences_of_order(*trees))
    for path in dict.fromkeys((*sides[0], *sides[1])):
        nodes = [side.get(path) for side in sides]
        if _mean_the_same(*nodes):
            continue
        found.append(Difference(path, *(None if node is None else origins(node)[0] for node in nodes)))
    return found


def _differences_of_order(before: Node, after: Node) -> Iterator[Difference]:
    """Yield the lists whose common items stand in another order: by their names alone, none of them differs."""
    orders = [dict(_lists(tree)) for tree in (before, after)]
    for path in orders[0]:
        if path not in orders[1]:
            continue
        lists = [each[path] for each in orders]
        steps = [item_steps(each.value) for each in lists]
        common = [
            [step for step in each if step in set(other)] for each, other in zip(steps, reversed(steps), strict=True)
        ]
        if common[0] != common[1]:
            yield Difference(path, *(origins(_named(*each))[0] for each in zip(lists, steps, strict=True)))


def _named(node: Node, steps: list[str]) -> Node:
    """Return the list with the names of its items in their place."""
    return replace(
        node, value=[replace(item, value=step, keys={}) for item, step in zip(node.value, steps, strict=True)]
    )


def _lists(node: Node, path: str = "") -> Iterator[tuple[str, Node]]:
    """Yield each list of mappings and components by its path."""
    if node.is_mapping:
        for key, child in node.value.items():
            yield from _lists(child, join(path, key))
    elif node.is_list and any(item.is_mapping for item in node.value):
        yield path, node
        for step, item in zip(item_steps(node.value), node.value, strict=True):
            yield from _lists(item, join(path, step))


def _mean_the_same(before: Node | None, after: Node | None) -> bool:
    if before is None or after is None:
        return before is after
    are_names_of_files = before.default and after.default  # the experiment's name, where none is written
    return are_names_of_files or before.public() == after.public()


def _plain(node: Node, key: str) -> Node:
    """Return the tree with components written in one way: identifiers by their names, without arguments that are defaults."""
    if node.is_list:
        return replace(node, value=[_plain(item, key) for item in node.value])
    if not node.is_mapping:
        known = catalog.stands_for(key, node.value) if key in _BY_IDENTIFIER and isinstance(node.value, str) else None
        return node if known is None else replace(node, value=known)
    name = component_name(node)
    entries = {each: _plain(child, each) for each, child in node.value.items()}
    if name is not None and name in entries and entries[name].is_mapping:
        entries[name] = _without_defaults(name, entries[name])
    if name is not None and len(entries) == 1 and name in entries and entries[name].value in (None, {}):
        return replace(node, value=name, keys={})
    return replace(node, value=entries)


def _without_defaults(name: str, arguments: Node) -> Node:
    entries = [entry for kind in catalog.kinds_of(name) if (entry := catalog.find(kind, name)) is not None]
    kept = {}
    for key, child in arguments.value.items():
        parameters = [each.parameter(key) for each in entries]
        is_default = any(each is not None and each.default == child.plain() for each in parameters)
        if component_names(child) or not is_default:
            kept[key] = child
    return replace(arguments, value=kept)
