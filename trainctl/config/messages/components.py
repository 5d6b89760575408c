"""Messages about a component: its name, its kind, its arguments."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from trainctl import catalog
from trainctl.aliases import Value
from trainctl.components.expressions import Problem
from trainctl.components.nodes.model import BESIDE
from trainctl.components.spec import REGISTRIES
from trainctl.components.user.decorators import user_function
from trainctl.config.component import BESIDE_OPTIMIZER
from trainctl.config.compose.paths import join
from trainctl.config.messages.habits import TAGS, rewritten
from trainctl.config.messages.phrases import (
    SHAPES,
    about,
    every_kind,
    kind_words,
    known_names,
    received,
    renamed_key,
    renamed_word,
    respelled,
    respelling,
    shown,
    suggest,
)
from trainctl.config.text.nodes import Node
from trainctl.config.values import accepts
from trainctl.diagnostics import Diagnostic, Location, Move, Related, Replace
from trainctl.text import folded, nearest, one_of, printable, several, type_words

REFUSED = {
    "Lambda": "it would run Python code, and a config holds data only",
    "TFSMLayer": "it would run a TensorFlow graph from a file",
    "TorchModuleWrapper": "it would run a PyTorch module",
    "JaxLayer": "it would run Python code",
    "FlaxLayer": "it would run Python code",
}

HIDDEN = frozenset({*REFUSED, "Input", "InputLayer"})
"""Components that a config cannot use: refused ones, and inputs, which are declared elsewhere."""


def two_components(kinds: Sequence[str], node: Node, names: Sequence[str], path: str) -> Diagnostic:
    """Report two CapWords keys in one item: two components, or outputs that are called like columns."""
    first, second = (node.key_location(name) for name in names[:2])
    if {"loss", "metric"} & set(kinds) and not set(names) & set(known_names(kinds)):
        hint = outputs_in_lower_case(names)
        return Diagnostic(
            "two-components", f"there is no {_what(kinds)} called {names[0]} or {names[1]}", first, path, hint=hint
        )
    return Diagnostic(
        "two-components",
        f"this item has two components, {names[0]} and {names[1]}",
        second,
        path,
        hint=f"start a new item: '- {names[1]}: …'",
        related=(Related("the first is here", first),),
    )


def outputs_in_lower_case(names: Sequence[str]) -> str:
    """Return how to name outputs that are called like columns."""
    listed = ", ".join(f"{name.lower()}: {{label: {name}}}" for name in names)
    return f"name the outputs in lower case: outputs: {{{listed}}}"


def not_a_component(kinds: Sequence[str], node: Node, path: str) -> Diagnostic:
    """Report a value that is neither a name nor a mapping with one CapWords key."""
    if isinstance(node.value, str) and user_function(node.value) is not None:
        return unknown_component(kinds, node.value, node, path)
    written = rewritten(kinds, node)
    if written is not None:
        return _written_elsewhere(kinds, node, path, written)
    for key in list(node.value) if node.is_mapping else [node.value] if isinstance(node.value, str) else []:
        close = nearest(key, known_names(kinds))
        if close is not None:
            hint = f"did you mean '{close}'? See: trainctl list {several(kinds[0])}"
            fix = renamed_word(node.keys.get(key, node.location), key, known_names(kinds))
            return _no_such(kinds, key, node, path, hint, fix)
    if isinstance(node.value, str):
        return unknown_component(kinds, node.value, node, path)
    return _not_written_so(kinds, node, path, f"see: trainctl list {several(kinds[0])}")


def _written_elsewhere(kinds: Sequence[str], node: Node, path: str, written: str) -> Diagnostic:
    """Report a component as another tool, Python or an older Keras writes it."""
    keys = list(node.value) if node.is_mapping else [node.value]
    hint = f"write: {_in_its_place(written, node, path)}"
    if len(keys) > 1 or "(" in keys[0] or written == keys[0] or not _names_component(node):
        return _not_written_so(kinds, node, path, hint)
    [key] = keys
    message = f"there is no {_what(kinds)} called '{printable(key)}'"
    if "source" in kinds and "." in key:
        message = f"expected a data source, got the file '{printable(key)}'"
    elif "." in key:
        message = f"components are written without their module, received '{printable(key)}'"
    elif node.is_mapping and any(catalog.stands_for(kind, key) for kind in kinds if kind not in REGISTRIES):
        message = f"'{printable(key)}' must be written as {written.split(':', maxsplit=1)[0]} when it takes arguments"
    place = node.keys.get(key, node.location)
    name = written.partition(":")[0]
    is_same = not node.is_mapping and ":" not in written
    is_identifier = any(catalog.stands_for(kind, key) == name for kind in kinds if kind not in REGISTRIES)
    is_same |= node.is_mapping and (is_identifier or folded(name) == folded(key))
    fix = Replace(place, name, key) if is_same else None
    return Diagnostic("unknown-component", message, place, path, hint=hint, fix=fix)


def _in_its_place(written: str, node: Node, path: str) -> str:
    """Return a component as it is written where `node` is: in braces behind its key, if that is on the same line."""
    location, key = node.location, path.rsplit(".", 1)[-1]
    before = location.source.line(location.line)[: location.column - 1].rstrip()
    is_behind = before.endswith(f"{key}:") and key not in TAGS  # a tag is no key of ours
    return f"{key}: {{{written}}}" if ":" in written and is_behind else written


def _names_component(node: Node) -> bool:
    """Whether the only key is a component's name, rather than `type:` with the name behind it."""
    return not node.is_mapping or not isinstance(next(iter(node.value.values())).value, str)


def _no_such(
    kinds: Sequence[str], name: str, node: Node, path: str, hint: str, fix: Replace | None = None
) -> Diagnostic:
    message = f"there is no {_what(kinds)} called '{printable(name)}'"
    return Diagnostic("unknown-component", message, node.keys.get(name, node.location), path, hint=hint, fix=fix)


def _not_written_so(kinds: Sequence[str], node: Node, path: str, hint: str) -> Diagnostic:
    return about(
        node,
        "not-a-component",
        f"expected {kind_words(kinds)}, got {received(node)}",
        path,
        expected="a name, or a mapping with one CapWords key, such as Name: {…}",
        hint=hint,
    )


def unknown_component(kinds: Sequence[str], name: str, node: Node, path: str) -> Diagnostic:
    """Report a CapWords name that no component of `kinds` has."""
    mark = node.keys.get(name, node.location)
    see = f"see: trainctl list {several(kinds[0])}"
    if user_function(name) is not None:
        hint = f"write: Activation: {{activation: {name}}}" if "layer" in kinds else see
        return Diagnostic("wrong-kind", f"{name} is a function, expected {kind_words(kinds)}", mark, path, hint=hint)
    elsewhere = _kinds_of(name)
    if elsewhere:
        return Diagnostic(
            "wrong-kind", f"{name} is {kind_words(elsewhere)}, expected {kind_words(kinds)}", mark, path, hint=see
        )
    written = rewritten(kinds, node)
    if written is not None:
        fix = None if node.is_mapping or ":" in written else Replace(mark, written, name)
        return _no_such(kinds, name, node, path, f"write: {_in_its_place(written, node, path)}", fix)
    close = nearest(name, known_names(kinds))
    hint = f"did you mean '{close}'? {see[0].upper()}{see[1:]}" if close else see
    return _no_such(kinds, name, node, path, hint, renamed_word(mark, name, known_names(kinds)))


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
    words = BESIDE if "layer" in kinds else known
    close = nearest(key, words)
    hint = f"remove it, or move it into the arguments: {name}: {{…}}"
    fix: Replace | Move | None = None
    if is_argument:
        hint = f"indent it under {name}:"
        fix = Move(node.key_location(key), node.key_location(name))
    elif close is not None:
        hint = f"did you mean '{close}'?"
        fix = renamed_key(node, key, words)
    return Diagnostic(
        "unknown-key",
        f"'{printable(key)}' is beside {name}, not among its arguments",
        node.key_location(key),
        join(path, key),
        hint=hint,
        fix=fix,
    )


def bad_value_beside(key: str, schema: Mapping[str, Value], node: Node, path: str) -> Diagnostic:
    """Report a value that a key beside a component does not take."""
    expected = {
        "array": "a list of one or more texts",
        "object": "a mapping of one or more layer names to numbers",
    }.get(schema["type"], "a number greater than 0")
    return Diagnostic(
        "wrong-type",
        f"{key} must be {expected}, got {shown(node)}",
        node.location,
        path,
        received=shown(node),
        expected=expected,
        hint=respelled(node, schema),
        fix=respelling(node, schema),
    )


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
    written = _by_name(entry, node.value if node.is_list else [node])
    return about(
        node,
        "wrong-type",
        f"the arguments of {entry.name} must be a mapping, got {received(node)}",
        path,
        expected="a mapping",
        hint=f"write: {entry.name}: {{{written}}}" if written else f"see: trainctl describe {entry.name}",
    )


def _by_name(entry: catalog.Entry, values: Sequence[Node]) -> str | None:
    """Return the values with the names of the arguments in their order; `None` if one of them does not fit."""
    pairs = list(zip(entry.parameters, values, strict=False))
    if not values or len(pairs) < len(values) or not all(_may_be(parameter, each) for parameter, each in pairs):
        return None
    return ", ".join(f"{parameter.name}: {_in_yaml(each)}" for parameter, each in pairs)


def _may_be(parameter: catalog.Parameter, node: Node) -> bool:
    return accepts(parameter.schema, node.plain()) or node.value in known_names(parameter.kinds)


def _in_yaml(node: Node) -> str:
    is_plain = isinstance(node.value, str) and re.fullmatch(r"[A-Za-z]\w*", node.value)
    return str(node.value) if is_plain else shown(node)


def unknown_argument(entry: catalog.Entry, node: Node, key: str, path: str) -> Diagnostic:
    """Report an argument that the Keras component does not have."""
    hint = suggest(key, entry.parameter_names, f"trainctl describe {entry.name}")
    fix = renamed_key(node, key, entry.parameter_names)
    if entry.kind == "layer" and key in SHAPES:
        hint, fix = "remove it: the shape of the input comes from the data, or from inputs: under model:", None
    elif entry.kind == "optimizer" and key in BESIDE_OPTIMIZER:
        hint = f"write it beside {entry.name}: optimizer: {{{entry.name}: {{…}}, {key}: {shown(node.value[key])}}}"
        fix = None
    elif (
        entry.kind == "optimizer" and key == "decay"
    ):  # two things under one name, of which older Kerases meant the first
        hint = "to lower the learning rate, give learning_rate a schedule; for the weights, write weight_decay"
    message = f"{entry.name} has no argument '{printable(key)}'"
    return Diagnostic("unknown-argument", message, node.key_location(key), path, hint=hint, fix=fix)


def unfit_function(message: str, hint: str, node: Node, path: str) -> Diagnostic:
    """Report a function of the user's that cannot be in place of a component."""
    return Diagnostic("wrong-kind", message, node.location, path, hint=hint)


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
    fix = respelling(node, parameter.schema)
    written = rewritten(parameter.kinds, node) if parameter.kinds else None
    if written is not None:
        hint = f"write: {parameter.name}: {f'{{{written}}}' if ':' in written else written}"
    elif isinstance(node.value, str):
        choices = [*known_names(parameter.kinds), *_choices(parameter.schema)]
        close = nearest(node.value, choices) if not node.secret else None
        if close and close != node.value:
            hint = f"did you mean '{close}'?"
            fix = renamed_word(node.location, node.value, choices)
    return Diagnostic(
        "wrong-type",
        f"{entry.name}.{parameter.name} must be {one_of(expected)}, got {shown(node)}",
        node.location,
        path,
        received=shown(node),
        expected=one_of(expected),
        hint=hint,
        fix=fix,
    )


def bad_formula(problem: Problem, node: Node, path: str) -> Diagnostic:
    """Report what is wrong with a formula, at its word."""
    place = node.location if problem.offset is None else _within(node, problem.offset, len(problem.word))
    return Diagnostic("bad-expression", problem.message, place, path)


def _within(node: Node, offset: int, length: int) -> Location:
    """Return the place of a part of a text; that of the text, where it is not written in the file as it is."""
    mark, before = node.location, node.value[:offset]
    number, column = before.count("\n"), offset - (before.rfind("\n") + 1)
    line = node.value.splitlines()[number] if node.value.strip() else ""
    for row in range(mark.line + number, mark.line + number + 2):  # a block begins below its place
        start = mark.source.line(row).find(line, mark.column - 1 if row == mark.line else 0)
        if line and start >= 0:
            return replace(mark, line=row, column=start + column + 1, length=max(length, 1))
    return mark


def _choices(schema: Mapping[str, Value]) -> list[str]:
    options = [schema, *schema.get("anyOf", ())]
    return [str(choice) for option in options for choice in option.get("enum", ())]


def _what(kinds: Sequence[str]) -> str:
    return one_of(kind.replace("source", "data source") for kind in kinds)
