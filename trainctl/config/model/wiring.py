"""What is beside a component in a list of layers: which outputs it takes, how often it is repeated, what is frozen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from trainctl.aliases import Value
from trainctl.config.compose.paths import join
from trainctl.config.messages import graph as words
from trainctl.config.messages.phrases import renamed_key
from trainctl.config.model.graph import Freeze, Ref, Taken
from trainctl.config.model.scope import Scope
from trainctl.config.text.nodes import Late, Node
from trainctl.diagnostics import Diagnostic, Problems
from trainctl.text import literal, nearest, one_of

_EVERY = ".*"  # after a node's name: all its branches


def taken(written: Node | None, item: Node, path: str, scope: Scope, problems: Problems) -> Taken | None:
    """What an item takes: the outputs that `from:` names, else the layer above; `None` if that cannot be told."""
    if written is None or written.value is None:
        if scope.previous is None:
            problems.add(
                Diagnostic(
                    "which-input",
                    f"the model has {len(scope.names)} inputs; name the one that this layer takes",
                    item.location,
                    path,
                    hint=f"add beside it: from: {next(iter(scope.names))}",
                )
            )
        return scope.previous
    path = join(path, "from")
    if not written.is_list:
        return resolved(written, path, scope, problems)
    found = [resolved(each, path, scope, problems) for each in written.value]
    if not found:
        problems.add(words.wrong(written, "from must name a node", path, "a node's name, or a list of them"))
        return None
    flat = [ref for each in found if each is not None for ref in ([each] if isinstance(each, Ref) else each)]
    return None if any(each is None for each in found) else tuple(flat)


def resolved(written: Node, path: str, scope: Scope, problems: Problems) -> Taken | None:
    """Return the output that the text `written` names, or `None` with the problem reported."""
    if not isinstance(written.value, str):
        problems.add(
            words.wrong(
                written, f"{literal(written.plain())} is not the name of a node", path, "a node's name, such as encoder"
            )
        )
        return None
    found = scope.find(written.value.removesuffix(_EVERY))
    if found is None:
        problems.describe(written.location, words.unknown_node, written, path, scope)
        return None
    if written.value.endswith(_EVERY) and not found.branches:
        problems.add(words.not_branches(written, path))
        return None
    return found.result


def branches(written: Node, path: str, scope: Scope, problems: Problems) -> dict[str, Node]:
    """Return what each branch of `each:` takes, by the name of the branch: text that names a node."""
    path = join(path, "each")
    items = written.value if written.is_list else [written]
    found: dict[str, Node] = {}
    for item in items:
        if resolved(item, path, scope, problems) is None:
            continue
        whole = item.value.removesuffix(_EVERY)
        named = scope.find(whole)
        several = named.branches if named is not None and item.value.endswith(_EVERY) else ()
        for name in several or (whole.rsplit(".", 1)[-1],):
            if name in found:
                problems.add(words.branch_twice(name, item, path))
            found[name] = replace(item, value=f"{whole}.{name}" if several else whole)
    if not items:
        problems.add(words.wrong(written, "each must name a node", path, "a list of names, or node.*"))
    return found


def layer_named(written: Node, path: str, scope: Scope, problems: Problems) -> str | None:
    """Return the node whose layer `reuse:` calls again."""
    found = scope.find(written.value) if isinstance(written.value, str) else None
    if found is None:
        problems.add(
            words.unknown_node(written, path, scope)
            if isinstance(written.value, str)
            else words.wrong(written, "reuse must name a layer", path, "the name of a layer above")
        )
        return None
    if found.layer is None:
        problems.add(
            Diagnostic(
                "not-a-layer",
                f"'{written.value}' is several layers and cannot be reused",
                written.location,
                path,
                hint="wrap them in a model: Model: {name: …, layers: […]}",
            )
        )
    return found.layer


def call_arguments(written: Node | None, path: str, scope: Scope, problems: Problems) -> dict[str, Value]:
    """Return the arguments that `call:` gives by name."""
    if written is None or written.value is None:
        return {}
    if not written.is_mapping:
        problems.add(
            words.wrong(written, "call must hold arguments by name", path, "a mapping, such as {training: false}")
        )
        return {}
    return {key: _called(each, join(path, key), scope, problems) for key, each in written.value.items()}


def _called(written: Node, path: str, scope: Scope, problems: Problems) -> Any:
    """The value of a call argument: text names a node, and becomes its output; everything else is as it stands."""
    if written.is_mapping:
        return {key: _called(each, join(path, key), scope, problems) for key, each in written.value.items()}
    if written.is_list:
        return [_called(each, path, scope, problems) for each in written.value]
    return resolved(written, path, scope, problems) if isinstance(written.value, str) else written.plain()


def rounds(repeat: Node, path: str, problems: Problems) -> Sequence[Node | None]:
    """One entry a repetition: the value it has, where `repeat:` is a list."""
    if repeat.is_list and repeat.value:
        return list(repeat.value)
    count = repeat.value
    if isinstance(count, int) and not isinstance(count, bool) and count >= 1:
        return [None] * count if count <= 1_000_000 else [None] * 1_000_000
    problems.add(
        words.wrong(
            repeat,
            f"repeat must be an integer of at least 1 or a list, got {literal(repeat.plain())}",
            join(path, "repeat"),
            "an integer of at least 1, or a list of values for ${repeat.value}",
        )
    )
    return [None]


def is_true(written: Node, path: str, problems: Problems) -> bool:
    """Return whether a key that is true or false is true."""
    if not isinstance(written.value, bool):
        problems.add(
            words.wrong(
                written,
                f"{path.rsplit('.', 1)[-1]} must be true or false, got {literal(written.plain())}",
                path,
                "true or false",
            )
        )
    return written.value is True


@dataclass(frozen=True, slots=True)
class Residual:
    """How a branch and what it was given become one.

    Args:
        merge: `add`, `concat` or `multiply`.
        projection: Layers that the shortcut passes; `None` leaves it, or projects it where a sum needs that.
    """

    merge: str = "add"
    projection: Node | None = None


MERGES = {"add": "Add", "concat": "Concatenate", "multiply": "Multiply"}
"""What `merge:` says, and the layer that does it."""


def residual(written: Node, path: str, problems: Problems) -> Residual | None:
    """Return what `residual:` says; `None` if there is no shortcut."""
    if isinstance(written.value, bool) or written.value is None:
        return Residual() if written.value else None
    path = join(path, "residual")
    entries = written.value if written.is_mapping else {}
    for key in entries:
        if key not in {"merge", "projection"}:
            problems.add(words.not_of_residual(key, written, path))
    merge, projection = entries.get("merge"), entries.get("projection")
    if not entries:
        expected = "true, false, or {projection: [layers], merge: add}"
        said = f"residual must be true, false or a mapping, got {literal(written.plain())}"
        problems.add(words.wrong(written, said, path, expected))
    if merge is not None and merge.value not in MERGES:
        said = f"merge must be {one_of(MERGES)}, got {literal(merge.plain())}"
        problems.add(words.wrong(merge, said, join(path, "merge"), one_of(MERGES)))
        merge = None
    if projection is not None and not (projection.is_list and projection.value):
        problems.add(
            words.wrong(
                projection,
                "projection must be a list of at least one layer",
                join(path, "projection"),
                "a list of layers, such as [Conv2D: {…}]",
            )
        )
        projection = None
    return Residual(merge.value if merge is not None else "add", projection)


def frozen(written: Node, path: str, problems: Problems, *, none: bool = False) -> Freeze | None:
    """Return what `freeze:` says.

    Args:
        written: What is written.
        path: Its path.
        problems: Where to report what is no such thing.
        none: Whether `false` and an empty list say that nothing is frozen, rather than nothing at all.
    """
    value, at = written.plain(), written.location
    if none and (value is False or value == []):
        return Freeze(location=at)
    if isinstance(value, bool) or value is None:
        return Freeze(("*",), location=at) if value else None
    if isinstance(value, str):
        return Freeze((value,), location=at)
    if isinstance(value, list) and value and all(isinstance(each, str) for each in value):
        return Freeze(tuple(value), location=at)
    if isinstance(value, dict) and list(value) == ["until"] and isinstance(value["until"], str):
        return Freeze(until=value["until"], location=at)
    problems.add(
        words.wrong(
            written,
            f"freeze must be true, a pattern or a list of patterns, got {literal(value)}",
            path,
            "true, a pattern of layer names such as 'block_1*', a list of them, or {until: layer}",
        )
    )
    return None


def bound(block: str, definition: Node, given: Node, path: str, problems: Problems) -> Node:
    """Return the block's parameters with the values of one use."""
    declared = definition.value.get("params") if definition.is_mapping else None
    defaults = dict(declared.value) if declared is not None and declared.is_mapping else {}
    if given.value is not None and not given.is_mapping:
        first = next(iter(defaults), "name")
        problems.add(
            words.wrong(
                given,
                f"the parameters of {block} must be a mapping",
                path,
                f"a mapping, such as {block}: {{{first}: …}}",
            )
        )
        return Node(defaults, given.location)
    values = dict(given.value or {})
    name = values.pop("name", None)
    for key in values:
        if key not in defaults:
            problems.describe(given.key_location(key), words.unknown_parameter, block, key, given, path, defaults)
    missing = [key for key, default in defaults.items() if default.value is None and key not in values]
    if missing:
        needed = one_of((f"'{key}'" for key in missing), "and")
        problems.add(
            Diagnostic(
                "missing-argument",
                f"the block {block} needs {needed}",
                (name or given).location,
                path,
                hint=f"write: {block}: {{{missing[0]}: …}}",
            )
        )
    unknown = {key: Node(Late(f"${{params.{key}}}"), given.location) for key in missing}
    return Node({**defaults, **values, **unknown}, given.location)


def only_keys(item: Node, allowed: Iterable[str], path: str, problems: Problems) -> None:
    """Report keys of an item that mean nothing there."""
    allowed = tuple(allowed)
    for key in item.value:
        if key not in allowed:
            close = nearest(key, allowed)
            hint = f"did you mean '{close}'?" if close else f"allowed here: {one_of(allowed, 'and')}"
            problems.add(
                Diagnostic(
                    "unknown-key",
                    f"'{key}' is not allowed beside '{allowed[0]}'",
                    item.key_location(key),
                    join(path, key),
                    hint=hint,
                    fix=renamed_key(item, key, allowed),
                )
            )
