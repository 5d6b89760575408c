"""A list of layers → flat items: blocks, groups and repeats unrolled, names given, `from:` resolved. Pure tree work.

What an item's component is, and whether its arguments are right, is for `model.py` to say.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from trainctl import limits
from trainctl.aliases import Value
from trainctl.components.nodes.model import ALONE, BESIDE
from trainctl.config.compose.paths import item_steps, join
from trainctl.config.messages import graph as words
from trainctl.config.model import wiring
from trainctl.config.model.graph import Ref, Taken
from trainctl.config.model.parameters import Values, substituted
from trainctl.config.model.scope import Named, Scope, automatic_name, written_name
from trainctl.config.text.nodes import Late, Node, component_names
from trainctl.diagnostics import Location, Problems

_ROUND = re.compile(r"\$\{[^}]*\brepeat\.")


@dataclass(frozen=True, slots=True)
class Item:
    """One node to be. `node` holds the component, parameters replaced; `None` for a sum and where a layer is reused."""

    name: str
    takes: Taken
    location: Location
    path: str
    node: Node | None = None
    reuse: str | None = None
    beside: Mapping[str, Node] = field(default_factory=dict)
    call: Mapping[str, Value] = field(default_factory=dict)
    values: Values = field(default_factory=dict)


class TooLarge(Exception):
    """The model is unrolled beyond any sensible size."""


class Expander:
    """Unrolls one graph.

    Args:
        blocks: The blocks that its items may name: each a mapping with `params` and `layers`.
        problems: Where problems are added.
        facts: Facts of the data, once it is loaded.
    """

    def __init__(
        self, blocks: Mapping[str, Node], problems: Problems, facts: Mapping[str, Value] | None = None
    ) -> None:
        self.blocks = blocks
        self.problems = problems
        self.facts = facts
        self.items: list[Item] = []
        self._open: list[str] = []

    def layers(self, layers: Node, path: str, scope: Scope, values: Values) -> Taken | None:
        """Unroll a list of layers in `scope`; returns what its last one gives."""
        if len(layers.value) > limits.LAYERS:
            raise TooLarge
        self._reserve(layers, scope, values)
        return self._run(layers, path, scope, values)

    def _run(self, layers: Node, path: str, scope: Scope, values: Values) -> Taken | None:
        for step, node in zip(item_steps(layers.value), layers.value, strict=True):
            self._item(node, join(path, step), scope, values)
        return scope.previous

    def _reserve(self, layers: Node, scope: Scope, values: Values) -> None:
        """Take every name that is written in the list, so that none is made up which stands further down."""
        for node in layers.value:
            if _is_open_group(node) and node.value["layers"].is_list:
                self._reserve(node.value["layers"], scope, values)
            name = self._name(node, values)
            if name is None:
                continue
            if name in scope.taken:
                self.problems.add(words.name_taken(name, written_name(node, self._block(node)) or node))
            scope.taken.add(name)

    def _name(self, node: Node, values: Values) -> str | None:
        written = written_name(node, self._block(node))
        if written is None:
            return None
        found = substituted(written, values, self.problems)
        problem = words.name_problem(found)
        if problem is not None:
            self.problems.add(problem)
        return found.value.text if isinstance(found.value, Late) else str(found.value)

    def _block(self, node: Node) -> str | None:
        """Return the block that the item uses, or `None`: a lower-case name in place of a component's."""
        if isinstance(node.value, str):
            return node.value if node.value in self.blocks else None
        if not node.is_mapping or component_names(node) or not {"reuse", "layers"}.isdisjoint(node.value):
            return None
        keys = [key for key in node.value if key not in (*BESIDE, *ALONE)]
        return keys[0] if len(keys) == 1 and keys[0] in self.blocks else None

    # ---- one item of the list

    def _item(self, node: Node, path: str, scope: Scope, values: Values) -> None:
        beside = {key: node.value[key] for key in (*BESIDE, "reuse") if node.is_mapping and key in node.value}
        name = self._name(node, values) or scope.made_up(automatic_name(node, self._block(node)))
        if beside.get("each") is not None:
            named = self._branches(node, name, beside, path, scope, values)
            scope.names[name], scope.previous = named, named.result
            return
        repeat = beside.pop("repeat", None)
        copies = [(name, values)] if repeat is None else self._copies(name, repeat, path, scope, values)
        for index, (copy, around) in enumerate(copies):
            own = {key: substituted(each, around, self.problems) for key, each in beside.items()}
            if index and "from" in own and not _names_round(beside.get("from")):
                own["from"] = _taken_by_next(own["from"], copies[index - 1][0])
            scope.names[copy] = scope.names[name] = self._once(node, copy, own, path, scope, around)

    def _branches(
        self, node: Node, name: str, beside: dict[str, Node], path: str, scope: Scope, values: Values
    ) -> Named:
        """One item several times, side by side: once on each of the outputs that `each:` names."""
        unfit = [key for key in ("from", "repeat") if key in beside]
        self.problems.add(*[words.not_beside_each(key, beside.pop(key), path) for key in unfit])
        taken = wiring.branches(substituted(beside.pop("each"), values, self.problems), path, scope, self.problems)
        inner = Scope(f"{scope.prefix}{name}.", None)
        for index, (branch, takes) in enumerate(taken.items()):
            around = {**values, "each": self._known_of_branch(branch, index, takes)}
            own = {key: substituted(each, around, self.problems) for key, each in beside.items()} | {"from": takes}
            inner.names[branch] = self._once(node, f"{name}.{branch}", own, path, scope, around)
        results = [inner.names[branch].result for branch in taken]
        flat = tuple(ref for each in results for ref in ([each] if isinstance(each, Ref) else each))
        return Named(flat or Ref(""), None, inner, tuple(taken))

    def _known_of_branch(self, branch: str, index: int, takes: Node) -> Node:
        """Return what `each` stands for in one branch; the categories of a column only once the data is loaded."""
        fact = f"columns.{branch}.categories"
        entries = {"name": Node(branch, takes.location), "index": Node(index, takes.location)}
        if self.facts is None:
            entries["categories"] = Node(Late(f"${{data.{fact}}}"), takes.location)
        elif fact in self.facts:
            entries["categories"] = Node(self.facts[fact], takes.location)
        return Node(entries, takes.location)

    def _copies(self, name: str, repeat: Node, path: str, scope: Scope, values: Values) -> list[tuple[str, Values]]:
        """Return the name of each repetition, and what `params` and `repeat` stand for in it."""
        rounds = wiring.rounds(substituted(repeat, values, self.problems), path, self.problems)
        if len(rounds) > limits.LAYERS:
            raise TooLarge
        names = [f"{name}_{index}" for index in range(len(rounds))]
        scope.taken.update(names)
        counted = [_counted(index, value, repeat) for index, value in enumerate(rounds)]
        return [(copy, {**values, "repeat": each}) for copy, each in zip(names, counted, strict=True)]

    def _once(
        self, node: Node, name: str, beside: Mapping[str, Node], path: str, scope: Scope, values: Values
    ) -> Named:
        """One item, once; returns what its name means."""
        if len(self.items) >= limits.LAYERS:
            raise TooLarge
        takes = wiring.taken(beside.get("from"), node, path, scope, self.problems)
        if takes is None:
            takes = Ref("")  # the problem is reported; what follows is looked at all the same
        block = self._block(node)
        if block is not None:
            named = self._use(block, node, name, takes, path, scope, values)
        elif node.is_mapping and "layers" in node.value and not component_names(node):
            named = self._group(node, name, takes, path, scope, values)
        elif node.is_mapping and "reuse" in node.value and not component_names(node):
            named = self._reuse(node, name, takes, beside, path, scope)
        else:
            named = self._component(node, name, takes, beside, path, scope, values)
        written = beside.get("residual")
        residual = wiring.residual(written, path, self.problems) if written is not None else None
        if written is not None and residual is not None:
            named = self._merged(residual, written, name, takes, named, path, scope, values)
        scope.previous = named.result
        return named

    def _component(
        self, node: Node, name: str, takes: Taken, beside: Mapping[str, Node], path: str, scope: Scope, values: Values
    ) -> Named:
        only = node
        if node.is_mapping:
            only = replace(node, value={key: each for key, each in node.value.items() if key not in BESIDE})
        whole = scope.prefix + name
        nested = component_names(only) == ["Model"]  # its own repeats come first: it is unrolled with these values
        only = only if nested else substituted(only, values, self.problems)
        call = wiring.call_arguments(beside.get("call"), join(path, "call"), scope, self.problems)
        inner = values if nested else {}
        self.items.append(Item(whole, takes, node.location, path, only, None, beside, call, inner))
        return Named(Ref(whole), whole)

    def _reuse(self, node: Node, name: str, takes: Taken, beside: Mapping[str, Node], path: str, scope: Scope) -> Named:
        wiring.only_keys(node, ("reuse", "name", "from", "each", "call", "repeat", "residual"), path, self.problems)
        target = wiring.layer_named(beside["reuse"], join(path, "reuse"), scope, self.problems)
        whole = scope.prefix + name
        call = wiring.call_arguments(beside.get("call"), join(path, "call"), scope, self.problems)
        self.items.append(Item(whole, takes, node.location, path, None, target or whole, beside, call))
        return Named(Ref(whole), target)

    def _merged(
        self,
        residual: wiring.Residual,
        written: Node,
        name: str,
        takes: Taken,
        named: Named,
        path: str,
        scope: Scope,
        values: Values,
    ) -> Named:
        """A branch and its shortcut as one: their sum, projected where that is needed, or what `residual:` says."""
        shortcut = takes if isinstance(takes, Ref) else takes[0]
        branch = named.result if isinstance(named.result, Ref) else named.result[0]
        whole = f"{scope.prefix}{name}.{residual.merge}"
        if residual.projection is not None:
            where = join(join(path, "residual"), "projection")
            passed = self._within(residual.projection, where, f"{name}.projection", shortcut, scope, values).result
            shortcut = passed if isinstance(passed, Ref) else passed[0]
        layer = None
        if residual != wiring.Residual():
            layer = Node({wiring.MERGES[residual.merge]: Node({}, written.location)}, written.location)
        self.items.append(Item(whole, (branch, shortcut), written.location, path, layer))
        return Named(Ref(whole), named.layer, named.inner)

    # ---- several layers in the place of one

    def _group(self, node: Node, name: str, takes: Taken, path: str, scope: Scope, values: Values) -> Named:
        allowed = ("layers", "name", "from", "each", "repeat", "residual")
        wiring.only_keys(node, allowed, path, self.problems)
        layers, path = node.value["layers"], join(path, "layers")
        if not _is_open_group(node) or not layers.is_list or not layers.value:
            return self._within(layers, path, name, takes, scope, values)
        scope.previous = takes
        result = self._run(layers, path, scope, values)
        return Named(result if result is not None else takes)

    def _use(self, block: str, node: Node, name: str, takes: Taken, path: str, scope: Scope, values: Values) -> Named:
        if node.is_mapping:
            wiring.only_keys(node, (block, "from", "each", "repeat", "residual"), path, self.problems)
        definition = self.blocks[block]
        if block in self._open:
            self.problems.add(words.block_circle([*self._open, block], definition))
            return Named(takes)
        given = node.value[block] if node.is_mapping else Node(None, node.location)
        given = substituted(given, values, self.problems)
        params = wiring.bound(block, definition, given, join(path, block), self.problems)
        layers = definition.value.get("layers") if definition.is_mapping else None
        if layers is None:
            return Named(takes)
        self._open.append(block)
        named = self._within(layers, f"model.blocks.{block}.layers", name, takes, scope, {"params": params})
        self._open.pop()
        return named

    def _within(self, layers: Node, path: str, name: str, takes: Taken, scope: Scope, values: Values) -> Named:
        if not layers.is_list or not layers.value:
            self.problems.add(words.no_layers(layers, path))
            return Named(takes)
        inner = Scope(f"{scope.prefix}{name}.", takes, {"input": Named(takes)}, {"input"})
        result = self.layers(layers, path, inner, values)
        return Named(result if result is not None else takes, None, inner)


def _taken_by_next(written: Node, before: str) -> Node:
    """Return what a round takes after the first: the round before in place of the first node, and the others again."""
    if not written.is_list or not written.value:
        return replace(written, value=before)
    first = written.value[0].value
    items = [replace(each, value=before) if each.value == first else each for each in written.value]
    return replace(written, value=items)


def _names_round(node: Node | None) -> bool:
    """Whether what is written names the round of a repeat, as `from: "${repeat.value}"` does."""
    match node.value if node is not None else None:
        case Late(text=text):
            return _ROUND.search(text) is not None
        case dict(entries):
            return any(map(_names_round, entries.values()))
        case list(items):
            return any(map(_names_round, items))
    return False


def _is_open_group(node: Node) -> bool:
    """Return whether it is a group whose names belong to the list around it: it is neither named nor repeated."""
    is_group = node.is_mapping and "layers" in node.value and not component_names(node)
    return is_group and node.value.keys().isdisjoint({"name", "repeat", "each"})


def _counted(index: int, value: Node | None, repeat: Node) -> Node:
    """Return what `repeat` stands for in one round."""
    entries = {"index": Node(index, repeat.location)}
    return Node(entries if value is None else {**entries, "value": value}, repeat.location)
