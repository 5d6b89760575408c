"""Messages about a model's graph: names, blocks, inputs, and the keys beside a component."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from trainctl import catalog, limits
from trainctl.components.nodes.model import ALONE, BESIDE
from trainctl.config.compose.paths import join
from trainctl.config.messages.phrases import renamed_key, renamed_word
from trainctl.config.model.scope import Scope
from trainctl.config.text.nodes import Late, Node, component_names
from trainctl.diagnostics import Diagnostic, Location
from trainctl.text import literal, nearest, one_of, printable

_NAME = re.compile(r"[a-z_][A-Za-z0-9_\-]*")


def unknown_node(written: Node, path: str, scope: Scope) -> Diagnostic:
    """Report a name that is not known at this place."""
    first = written.value.split(".")[0]
    if first in scope.taken and first not in scope.names:
        message, hint, fix = (
            f"'{written.value}' is defined further down; a layer can only use the nodes above it",
            "swap the two",
            None,
        )
    else:
        message = f"there is no node called '{written.value}' above"
        close = nearest(first, scope.names)
        known = one_of(scope.names, "and") if len(scope.names) <= 8 else "nodes with a name: …"
        hint = f"did you mean '{close}'?" if close and close != first else f"the nodes above are {known}"
        fix = renamed_word(written.location, first, scope.names)
    return Diagnostic("unknown-node", message, written.location, path, hint=hint, fix=fix)


def not_branches(written: Node, path: str) -> Diagnostic:
    """Report `node.*` of a node that has no branches."""
    name = written.value.removesuffix(".*")
    message = f"'{name}' has no branches; only a node with each: beside it has"
    return Diagnostic("unknown-node", message, written.location, path, hint=f"write: {name}")


def branch_twice(name: str, written: Node, path: str) -> Diagnostic:
    """Report two branches of one name."""
    message = f"each names '{name}' twice"
    return Diagnostic("name-taken", message, written.location, path, hint="remove one of them")


def not_of_residual(key: str, node: Node, path: str) -> Diagnostic:
    """Report a key that `residual:` does not have."""
    close = nearest(key, ("merge", "projection"))
    hint = f"did you mean '{close}'?" if close else "its keys are projection and merge"
    message = f"'residual' has no key '{printable(key)}'"
    fix = renamed_key(node, key, ("merge", "projection"))
    return Diagnostic("unknown-key", message, node.key_location(key), join(path, key), hint=hint, fix=fix)


def not_beside_each(key: str, node: Node, path: str) -> Diagnostic:
    """Report a key that has no meaning beside `each:`."""
    what = "each: says what the branches take" if key == "from" else "each branch is made once"
    hint = f"remove {key}" if key == "from" else "put the layers into a group: each: […], layers: [{repeat: …}]"
    return Diagnostic("unknown-key", f"{key} cannot be beside each: {what}", node.location, join(path, key), hint=hint)


def name_problem(name: Node) -> Diagnostic | None:
    """Report an invalid node name; `None` if it is valid."""
    if isinstance(name.value, Late) or (isinstance(name.value, str) and _NAME.fullmatch(name.value)):
        return None
    return Diagnostic(
        "wrong-value",
        f"{literal(name.plain())} is not a valid node name",
        name.location,
        received=literal(name.plain()),
        expected="a lower-case letter or _, then letters, digits, _ and -",
    )


def name_beside_column(problem: Diagnostic, name: str) -> Diagnostic:
    """Add to the report of an invalid name of an input how to take a column or an array of that name."""
    valid = re.sub(r"[^a-z0-9_]+", "_", name.lower()).strip("_") or "x"
    if not _NAME.fullmatch(valid):
        return problem
    shown = name if re.fullmatch(r"[A-Za-z][\w ]*", name) else literal(name)
    return replace(problem, hint=f"give the input a name of its own: inputs: {{{valid}: {{column: {shown}}}}}")


def name_taken(name: str, node: Node) -> Diagnostic:
    """Report two nodes of one list with the same name."""
    return Diagnostic("duplicate-name", f"two nodes are called '{name}'", node.location, hint="rename one of them")


def unknown_parameter(block: str, key: str, given: Node, path: str, known: Iterable[str]) -> Diagnostic:
    """Report a parameter that a block does not have."""
    close, known = nearest(key, known), tuple(known)
    listed = f"its parameters are {one_of(known, 'and')}" if known else "it has no parameters"
    return Diagnostic(
        "unknown-argument",
        f"the block {block} has no parameter '{key}'",
        given.key_location(key),
        join(path, key),
        hint=f"did you mean '{close}'?" if close else listed,
        fix=renamed_key(given, key, known),
    )


def block_circle(names: Sequence[str], definition: Node) -> Diagnostic:
    """Report a block that uses itself."""
    return Diagnostic(
        "block-circle",
        f"blocks use each other in a cycle: {' → '.join(names)}",
        definition.location,
        hint="remove one of these uses",
    )


def no_layers(node: Node, path: str) -> Diagnostic:
    """Report `layers:` that is not a list, or an empty list."""
    return wrong(
        node, f"{path.rsplit('.', 1)[-1]} must be a list of layers", path, "a list of layers, each starting with '- '"
    )


def wrong(node: Node, message: str, path: str, expected: str) -> Diagnostic:
    """Report a value of the wrong type."""
    received = "nothing" if node.value is None else literal(node.plain())
    return Diagnostic("wrong-type", message, node.location, path, received=received, expected=expected)


def not_names(node: Node, path: str) -> Diagnostic:
    """Report `inputs:` that names no input."""
    return wrong(
        node, "inputs must name the model's inputs", path, "a mapping of names to shape and dtype, or a list of names"
    )


def unknown_key_of_output(key: str, node: Node, path: str, known: Sequence[str]) -> Diagnostic:
    """Report a key of an output that means nothing."""
    close = nearest(key, known)
    return Diagnostic(
        "unknown-key",
        f"an output has no {literal(key)}",
        node.key_location(key),
        path,
        hint=f"did you mean {close}?" if close else f"it has {one_of(known, 'and')}",
        fix=renamed_key(node, key, known),
    )


def not_a_label(node: Node, path: str) -> Diagnostic:
    """Report a label of an output that is no name."""
    return wrong(node, "an output learns the label of a column or array", path, "a name, or a list of names")


RESERVED = (*BESIDE, *ALONE, "input")


def wrong_block(name: str, node: Node, mark: Location, path: str) -> Iterator[Diagnostic]:
    """Report the problems of a block other than those of its layers."""
    problem = name_problem(Node(name, mark))
    if problem is not None:
        yield problem
    if name in RESERVED:
        yield Diagnostic(
            "reserved-name",
            f"'{name}' is a reserved word and cannot name a block",
            mark,
            path,
            hint="choose another name",
        )
    if not node.is_mapping or "layers" not in node.value:
        yield wrong(node, f"the block {name} has no layers", path, "a mapping with layers and, optionally, params")
        return
    for key in node.value:
        if key not in {"params", "layers"}:
            close = nearest(key, ("params", "layers"))
            yield Diagnostic(
                "unknown-key",
                f"a block has no key '{key}'",
                node.key_location(key),
                join(path, key),
                hint=f"did you mean '{close}'?" if close else "a block has the keys params and layers",
                fix=renamed_key(node, key, ("params", "layers")),
            )
    params = node.value.get("params")
    if params is not None and params.value is not None:
        yield from _wrong_parameters(params, path)


def _wrong_parameters(params: Node, path: str) -> Iterator[Diagnostic]:
    if not params.is_mapping:
        yield wrong(
            params, "params must be a mapping", join(path, "params"), "names and defaults, such as {filters: 64}"
        )
    elif "name" in params.value:
        yield Diagnostic(
            "reserved-name",
            "a block cannot have a parameter called 'name': it names each use of the block",
            params.key_location("name"),
            join(path, "params.name"),
            hint="choose another name",
        )


def too_large(node: Node, path: str) -> Diagnostic:
    """Report blocks and repeats that expand to too many layers."""
    return Diagnostic(
        "too-large",
        f"blocks and repeats expand to more than {limits.LAYERS:,} layers",
        node.location,
        path,
        hint="lower a repeat: value",
    )


def input_as_layer(component: Any) -> Diagnostic:
    """Report `- Input: {shape: …}` among the layers."""
    shape = component.arguments.get("shape")
    example = f"inputs: {{image: {{shape: {literal(shape)}}}}}" if shape else "inputs: {image: {shape: [28, 28, 1]}}"
    return Diagnostic(
        "input-layer",
        f"{component.name} is not needed among the layers: the input shape comes from the data",
        component.location,
        component.path,
        hint=f"remove it; to name an input or set its shape, add under model: {example}",
    )


def means_nothing(key: str, node: Node, path: str) -> Diagnostic:
    """Report `freeze:` or `preprocess:` beside an ordinary layer."""
    hint = "set trainable: false in the layer's arguments" if key == "freeze" else "use a Rescaling layer"
    what = "a backbone, Saved or Model" if key == "freeze" else "a backbone of keras.applications"
    return Diagnostic("unknown-key", f"{key} is only allowed beside {what}", node.location, join(path, key), hint=hint)


def unknown_op(written: Node | None, node: Node, path: str) -> Diagnostic:
    """Report an `Op` without a function, or with one that keras.ops does not have."""
    if written is None or not isinstance(written.value, str):
        return Diagnostic(
            "missing-argument",
            "Op needs the argument 'op'",
            (written or node).location,
            path,
            hint="write: Op: {op: mean, axis: 1}. See: trainctl list ops",
        )
    names = catalog.names("op")
    close = next((name for name in names if name.endswith(f".{written.value}")), None) or nearest(written.value, names)
    hint = f"did you mean '{close}'? See: trainctl list ops" if close else "see: trainctl list ops"
    return Diagnostic(
        "unknown-op",
        f"keras.ops has no function '{written.value}'",
        written.location,
        join(path, "op"),
        hint=hint,
        fix=renamed_word(written.location, written.value, names),
    )


def unknown_block(node: Node, blocks: Iterable[str], path: str) -> Diagnostic | None:
    """Report a lower-case name that is close to the name of a block; `None` for any other item."""
    names = [key for key in node.value if key not in ALONE] if node.is_mapping else [node.value]
    if component_names(node) or len(names) != 1 or not isinstance(names[0], str):
        return None
    close = nearest(names[0], blocks)
    mark = node.key_location(names[0]) if node.is_mapping else node.location
    message = f"there is no block called '{printable(names[0])}'"
    if close is None:
        return None
    fix = renamed_word(mark, names[0], blocks)
    return Diagnostic("unknown-block", message, mark, path, hint=f"did you mean '{close}'?", fix=fix)
