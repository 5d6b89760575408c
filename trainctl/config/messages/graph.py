"""The words for what is wrong with a model's graph: names, blocks, inputs, what stands beside a component."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from trainctl import catalog
from trainctl.components.nodes.model import ALONE, BESIDE
from trainctl.config.compose.paths import join
from trainctl.config.model.scope import Scope
from trainctl.config.text.nodes import Late, Node, component_names
from trainctl.diagnostics import Diagnostic, Location
from trainctl.text import literal, nearest, one_of, printable

_NAME = re.compile(r"[a-z_][A-Za-z0-9_\-]*")


def unknown_node(written: Node, path: str, scope: Scope) -> Diagnostic:
    """A name that means nothing where it stands."""
    first = written.value.split(".")[0]
    if first in scope.taken and first not in scope.names:
        message, hint = f"'{written.value}' stands further down: a layer takes what is above it", "move one of the two"
    else:
        message = f"there is no node called '{written.value}' above"
        close = nearest(first, scope.names)
        known = one_of(scope.names, "and") if len(scope.names) <= 8 else "names given with name: …"
        hint = f"did you mean '{close}'?" if close and close != first else f"known here: {known}"
    return Diagnostic("unknown-node", message, written.location, path, hint=hint)


def name_problem(name: Node) -> Diagnostic | None:
    """What is wrong with a node's name."""
    if isinstance(name.value, Late) or (isinstance(name.value, str) and _NAME.fullmatch(name.value)):
        return None
    return Diagnostic(
        "wrong-value",
        f"a node cannot be called {literal(name.plain())}",
        name.location,
        received=literal(name.plain()),
        expected="lower-case letters first, then letters, digits, _ and -",
    )


def name_taken(name: str, node: Node) -> Diagnostic:
    """Two nodes of one list have one name."""
    return Diagnostic(
        "duplicate-name", f"two nodes are called '{name}'", node.location, hint="call one of them otherwise"
    )


def block_circle(names: Sequence[str], definition: Node) -> Diagnostic:
    """A block that uses itself."""
    return Diagnostic(
        "block-circle", f"a circle of blocks: {' → '.join(names)}", definition.location, hint="remove one of these uses"
    )


def no_layers(node: Node, path: str) -> Diagnostic:
    """`layers:` that is no list, or an empty one."""
    return wrong(
        node, f"{path.rsplit('.', 1)[-1]} is a list of layers", path, "a list of layers, each beginning with '- '"
    )


def wrong(node: Node, message: str, path: str, expected: str) -> Diagnostic:
    """A value of the wrong type."""
    received = "nothing" if node.value is None else literal(node.plain())
    return Diagnostic("wrong-type", message, node.location, path, received=received, expected=expected)


def not_names(node: Node, path: str) -> Diagnostic:
    """`inputs:` that names none."""
    return wrong(
        node, "inputs: names the model's inputs", path, "a mapping of names to shape and dtype, or a list of names"
    )


RESERVED = (*BESIDE, *ALONE, "input")


def wrong_block(name: str, node: Node, mark: Location, path: str) -> Iterator[Diagnostic]:
    """What is wrong with a block besides its layers."""
    problem = name_problem(Node(name, mark))
    if problem is not None:
        yield problem
    if name in RESERVED:
        yield Diagnostic(
            "reserved-name",
            f"'{name}' has a meaning of its own, so no block can be called so",
            mark,
            path,
            hint="choose another name",
        )
    if not node.is_mapping or "layers" not in node.value:
        yield wrong(node, f"the block {name} has no layers", path, "a mapping with layers: and, if it has any, params:")
        return
    for key in node.value:
        if key not in {"params", "layers"}:
            close = nearest(key, ("params", "layers"))
            yield Diagnostic(
                "unknown-key",
                f"a block has no key '{key}'",
                node.key_location(key),
                join(path, key),
                hint=f"did you mean '{close}'?" if close else "known here: params and layers",
            )
    params = node.value.get("params")
    if params is not None and params.value is not None and not params.is_mapping:
        yield wrong(params, "params is a mapping", join(path, "params"), "names and defaults, such as {filters: 64}")
    if params is not None and params.is_mapping and "name" in params.value:
        yield Diagnostic(
            "reserved-name",
            "every use of a block can be given a name: it is no parameter",
            params.key_location("name"),
            join(path, "params.name"),
            hint="choose another name",
        )


def too_large(node: Node, path: str, most: int) -> Diagnostic:
    """Repeats and blocks that multiply."""
    return Diagnostic(
        "too-large",
        f"blocks and repeats make more than {most:,} layers of this",
        node.location,
        path,
        hint="look for a repeat: that is too high",
    )


def input_as_layer(component: Any) -> Diagnostic:
    """`- Input: {shape: …}` as the first layer."""
    shape = component.arguments.get("shape")
    example = f"inputs: {{image: {{shape: {literal(shape)}}}}}" if shape else "inputs: {image: {shape: [28, 28, 1]}}"
    return Diagnostic(
        "input-layer",
        f"{component.name} is no layer here: the shape of the input comes from the data",
        component.location,
        component.path,
        hint=f"leave it out; to name or shape an input, write under model: {example}",
    )


def means_nothing(key: str, node: Node, path: str) -> Diagnostic:
    """`freeze:` or `preprocess:` beside an ordinary layer."""
    hint = "set trainable: false among the layer's arguments" if key == "freeze" else "a Rescaling layer does it"
    what = "a backbone, Saved or Model" if key == "freeze" else "a backbone of keras.applications"
    return Diagnostic("unknown-key", f"{key}: stands beside {what} only", node.location, join(path, key), hint=hint)


def unknown_op(written: Node | None, node: Node, path: str) -> Diagnostic:
    """A function that keras.ops does not have, or none at all."""
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
    hint = f"did you mean '{close}'? See: trainctl list ops" if close else "See: trainctl list ops"
    return Diagnostic(
        "unknown-op", f"keras.ops has no function '{written.value}'", written.location, join(path, "op"), hint=hint
    )


def unknown_block(node: Node, blocks: Iterable[str], path: str) -> Diagnostic | None:
    """A lower-case name that is almost one of the blocks'; `None` where the item is something else."""
    names = [key for key in node.value if key not in ALONE] if node.is_mapping else [node.value]
    if component_names(node) or len(names) != 1 or not isinstance(names[0], str):
        return None
    close = nearest(names[0], blocks)
    mark = node.key_location(names[0]) if node.is_mapping else node.location
    message = f"there is no block called '{printable(names[0])}'"
    return Diagnostic("unknown-block", message, mark, path, hint=f"did you mean '{close}'?") if close else None
