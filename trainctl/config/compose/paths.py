"""Paths into an experiment: `callbacks.EarlyStopping.patience`, `model.layers.head.units`, `compile.optimizer.learning_rate`.

One grammar for `--set`, `${…}`, `explain` and diagnostics. A list is stepped into by index, by component name, or by a
component's `name`; a selected component is at its arguments, its own name in between is optional.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from trainctl.config.text.nodes import Node, arguments_of, component_name, is_component_name
from trainctl.text import literal, nearest, one_of, plural


class PathError(Exception):
    """A step leads nowhere.

    Args:
        message: What is missing where.
        hint: What exists instead; a function if that takes long to find.
    """

    def __init__(self, message: str, hint: str | Callable[[], str | None] | None = None) -> None:
        super().__init__(message)
        self._hint = hint

    @property
    def hint(self) -> str | None:
        """What exists instead."""
        return self._hint() if callable(self._hint) else self._hint


def find(root: Node, steps: Sequence[str]) -> Node:
    """Return the node at `steps`.

    Raises:
        PathError: There is none.
    """
    node = root
    for index, step in enumerate(steps):
        node = _step(node, step, ".".join(steps[:index]))
    return node


def _step(node: Node, step: str, done: str) -> Node:
    if node.is_list:
        item: Node = node.value[pick(node, step, done)]
        return item
    if node.is_mapping and step in node.value and not is_component_name(step):
        key: Node = node.value[step]
        return key
    name = component_name(node)
    if name is not None and done:  # the root and its sections are no components
        if step == name:
            return arguments_of(node)
        node = arguments_of(node)
    if node.is_mapping and step in node.value:
        child: Node = node.value[step]
        return child
    raise no_such_key(node, step, done)


def pick(items: Node, step: str, done: str) -> int:
    """Return the index of the item that `step` means: an index, a component's name, or what its argument `name` says.

    Raises:
        PathError: None, or more than one.
    """
    count = len(items.value)
    if step.isdecimal():
        if int(step) < count:
            return int(step)
        raise PathError(f"{done} has no item {step}; it has {plural(count, 'item')}, counted from 0")
    names = [component_name(item) for item in items.value]
    labels = [_label(item) for item in items.value]
    matches = [i for i in range(count) if step in (labels[i], names[i])]
    if len(matches) == 1:
        return matches[0]
    if matches:
        places = one_of(f"{done}.{index}" for index in matches)
        raise PathError(f"{len(matches)} items of {done} are called {step}", f"use an index: {places}")
    raise _no_such_item(step, done, [str(word) for word in (*names, *labels) if word])


def _no_such_item(step: str, done: str, known: Sequence[str]) -> PathError:
    def hint() -> str | None:
        close = nearest(step, known)
        listed = f"{done} has {one_of(dict.fromkeys(known), 'and')}" if known else None
        return f"did you mean '{close}'?" if close else listed

    return PathError(f"{done} has no {step}", hint)


def no_such_key(node: Node, step: str, done: str) -> PathError:
    """Return the error for a key that is not there."""
    where = done or "the experiment"
    if not node.is_mapping:
        return PathError(f"{where} is {literal(node.public())}, which has no '{step}'")

    def hint() -> str | None:
        close = nearest(step, node.value)
        return f"did you mean '{close}'?" if close else None

    return PathError(f"{where} has no '{step}'", hint)


def _label(item: Node) -> str | None:
    """Return the `name` argument of a component, or the `name` of another mapping, where it is written."""
    named = item if component_name(item) is None else arguments_of(item)
    name = named.value.get("name") if named.is_mapping else None
    return name.value if name is not None and isinstance(name.value, str) else None


def join(path: str, step: str | int) -> str:
    """`path` with one more step."""
    return f"{path}.{step}" if path else str(step)


def item_steps(items: Sequence[Node]) -> list[str]:
    """How a path names each item: by its component's name where that is unique in the list, else by index and name.

    What is no component is named by its `name`, where that is unique, else by its index.
    """
    names = [component_name(item) for item in items]
    counts = Counter(names)
    labels = [_label(item) if name is None else None for name, item in zip(names, items, strict=True)]
    known = Counter(labels)
    return [
        (label if label and known[label] == 1 else str(index))
        if name is None
        else name
        if counts[name] == 1
        else f"{index}.{name}"
        for index, (name, label) in enumerate(zip(names, labels, strict=True))
    ]
