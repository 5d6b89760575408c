"""Messages about a component: its name, its kind, its arguments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from trainctl import catalog
from trainctl.aliases import Value
from trainctl.components.nodes.model import BESIDE
from trainctl.components.spec import REGISTRIES
from trainctl.config.component import BESIDE_OPTIMIZER
from trainctl.config.compose.paths import join
from trainctl.config.messages.phrases import (
    about,
    every_kind,
    kind_words,
    known_names,
    received,
    respelled,
    shown,
    suggest,
)
from trainctl.config.text.nodes import Node
from trainctl.diagnostics import Diagnostic, Location, Related
from trainctl.text import nearest, one_of, printable, several, type_words

REFUSED = {
    "Lambda": "it would run Python code, and a config holds data only",
    "TFSMLayer": "it would run a TensorFlow graph from a file",
    "TorchModuleWrapper": "it would run a PyTorch module",
    "JaxLayer": "it would run Python code",
    "FlaxLayer": "it would run Python code",
}

HIDDEN = frozenset({*REFUSED, "Input", "InputLayer"})
"""Components that a config cannot use: refused ones, and inputs, which are declared elsewhere."""


def two_components(node: Node, names: Sequence[str], path: str) -> Diagnostic:
    """Report two CapWords keys in one item."""
    second = node.key_location(names[1])
    return Diagnostic(
        "two-components",
        f"this item has two components, {names[0]} and {names[1]}",
        second,
        path,
        hint=f"start a new item: '- {names[1]}: …'",
        related=(Related("the first is here", node.key_location(names[0])),),
    )


def not_a_component(kinds: Sequence[str], node: Node, path: str) -> Diagnostic:
    """Report a value that is neither a name nor a mapping with one CapWords key."""
    keys = list(node.value) if node.is_mapping else [node.value] if isinstance(node.value, str) else []
    for key in keys:
        bare = key.rsplit(".", 1)[-1]
        if bare != key and bare in known_names(kinds):
            return Diagnostic(
                "unknown-component",
                f"components are written without their module, received '{printable(key)}'",
                node.key_location(key) if node.is_mapping else node.location,
                path,
                hint=f"write {bare}",
            )
        mark = node.key_location(key) if node.is_mapping else node.location
        for kind in kinds:
            canonical = catalog.stands_for(kind, key) if kind not in REGISTRIES else None
            if node.is_mapping and canonical and canonical[0].isupper():
                return Diagnostic(
                    "unknown-component",
                    f"'{printable(key)}' must be written as {canonical} when it takes arguments",
                    mark,
                    path,
                    hint=f"write: {canonical}: {{…}}",
                )
        close = nearest(key, known_names(kinds))
        if close is not None:
            return Diagnostic(
                "unknown-component",
                f"there is no {_what(kinds)} called '{printable(key)}'",
                mark,
                path,
                hint=f"did you mean '{close}'? See: trainctl list {several(kinds[0])}",
            )
    if isinstance(node.value, str):
        return unknown_component(kinds, node.value, node, path)
    return about(
        node,
        "not-a-component",
        f"expected {kind_words(kinds)}, got {received(node)}",
        path,
        expected="a name, or a mapping with one CapWords key, such as Name: {…}",
        hint=f"see: trainctl list {several(kinds[0])}",
    )


def unknown_component(kinds: Sequence[str], name: str, node: Node, path: str) -> Diagnostic:
    """Report a CapWords name that no component of `kinds` has."""
    mark = node.keys.get(name, node.location)
    see = f"see: trainctl list {several(kinds[0])}"
    elsewhere = _kinds_of(name)
    if elsewhere:
        return Diagnostic(
            "wrong-kind", f"{name} is {kind_words(elsewhere)}, expected {kind_words(kinds)}", mark, path, hint=see
        )
    close = nearest(name, known_names(kinds))
    hint = f"did you mean '{close}'? {see[0].upper()}{see[1:]}" if close else see
    return Diagnostic(
        "unknown-component", f"there is no {_what(kinds)} called '{printable(name)}'", mark, path, hint=hint
    )


def _kinds_of(name: str) -> tuple[str, ...]:
    ours = [kind for kind, registry in REGISTRIES.items() if registry.get(name) is not None]
    return (*ours, *catalog.kinds_of(name))


def beside_component(
    kinds: Sequence[str], name: str, node: Node, key: str, path: str, known: Sequence[str] = ()
) -> Diagnostic:
    """Report a lower-case key beside a component: usually an argument that is not indented far enough."""
    every = every_kind(kinds)
    spec = next((found for kind in every if kind in REGISTRIES and (found := REGISTRIES[kind].get(name))), None)
    entry = next((found for kind in every if kind not in REGISTRIES and (found := catalog.find(kind, name))), None)
    is_argument = (spec is not None and key in spec.model_fields) or (
        entry is not None and entry.parameter(key) is not None
    )
    close = nearest(key, BESIDE if "layer" in kinds else known)
    hint = f"remove it, or move it into the arguments: {name}: {{…}}"
    if is_argument:
        hint = f"indent it under {name}:"
    elif close is not None:
        hint = f"did you mean '{close}'?"
    return Diagnostic(
        "unknown-key",
        f"'{printable(key)}' is beside {name}, not among its arguments",
        node.key_location(key),
        join(path, key),
        hint=hint,
    )


def bad_value_beside(key: str, schema: Mapping[str, Value], node: Node, path: str) -> Diagnostic:
    """Report a value that a key beside a component does not take."""
    expected = {
        "array": "a list of one or more texts",
        "object": "a mapping of one or more layer names to numbers",
    }.get(schema["type"], "a number greater than 0")
    message = f"{key} must be {expected}, got {shown(node)}"
    return Diagnostic("wrong-type", message, node.location, path, received=shown(node), expected=expected)


def refused(name: str, node: Node, path: str) -> Diagnostic:
    """Report a layer that would run code."""
    return Diagnostic(
        "refused-component",
        f"{name} is not allowed in a config: {REFUSED[name]}",
        node.keys.get(name, node.location),
        path,
        hint="use Op for a function of keras.ops, or register your own layer with @trainctl.layer and pass --import",
    )


def arguments_not_a_mapping(entry: catalog.Entry, node: Node, path: str) -> Diagnostic:
    """Report arguments that are not a mapping, as in `Dense: 64`."""
    first = next((parameter.name for parameter in entry.parameters), "name")
    return about(
        node,
        "wrong-type",
        f"the arguments of {entry.name} must be a mapping, got {received(node)}",
        path,
        expected="a mapping",
        hint=f"write: {entry.name}: {{{first}: {shown(node)}}}",
    )


def unknown_argument(entry: catalog.Entry, node: Node, key: str, path: str) -> Diagnostic:
    """Report an argument that the Keras component does not have."""
    names = [parameter.name for parameter in entry.parameters]
    return Diagnostic(
        "unknown-argument",
        f"{entry.name} has no argument '{printable(key)}'",
        node.key_location(key),
        path,
        hint=suggest(key, names, f"trainctl describe {entry.name}")
        if entry.kind != "optimizer" or key not in BESIDE_OPTIMIZER
        else f"write it beside {entry.name}: optimizer: {{{entry.name}: {{…}}, {key}: {shown(node.value[key])}}}",
    )


def missing_arguments(entry: catalog.Entry, missing: Sequence[str], location: Location, path: str) -> Diagnostic:
    """Report required arguments that are missing."""
    names = one_of((f"'{name}'" for name in missing), "and")
    noun = "argument" if len(missing) == 1 else "arguments"
    return Diagnostic(
        "missing-argument",
        f"{entry.name} needs the {noun} {names}",
        location,
        path,
        hint=f"write: {entry.name}: {{{missing[0]}: …}}. See: trainctl describe {entry.name}",
    )


def bad_argument(entry: catalog.Entry, parameter: catalog.Parameter, node: Node, path: str) -> Diagnostic:
    """Report a value that the argument does not accept."""
    expected = [kind_words([kind]) for kind in parameter.kinds]
    expected += [words] if (words := type_words(parameter.schema)) else []
    hint = respelled(node, parameter.schema)
    if isinstance(node.value, str):
        close = nearest(node.value, [*known_names(parameter.kinds), *_choices(parameter.schema)])
        hint = f"did you mean '{close}'?" if close and close != node.value else hint
    return Diagnostic(
        "wrong-type",
        f"{entry.name}.{parameter.name} must be {one_of(expected)}, got {shown(node)}",
        node.location,
        path,
        received=shown(node),
        expected=one_of(expected),
        hint=hint,
    )


def _choices(schema: Mapping[str, Value]) -> list[str]:
    options = [schema, *schema.get("anyOf", ())]
    return [str(choice) for option in options for choice in option.get("enum", ())]


def _what(kinds: Sequence[str]) -> str:
    return one_of(kind.replace("source", "data source") for kind in kinds)
