"""The words for what is wrong with a setting: what was received, what was expected, what to do."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from trainctl import catalog
from trainctl.components.base import CALLBACKS, SOURCES, Spec
from trainctl.config.experiment import Experiment, home_of
from trainctl.config.nodes import Node
from trainctl.config.paths import join
from trainctl.config.scalars import parse_scalar
from trainctl.config.values import accepts
from trainctl.diagnostics import Diagnostic, Location, Related
from trainctl.words import literal, nearest, one_of, printable, type_words

REFUSED = {
    "Lambda": "it would hold Python code, and a config is data",
    "TFSMLayer": "it would load a foreign graph",
    "TorchModuleWrapper": "it would hold a PyTorch module",
    "JaxLayer": "it would hold Python code",
    "FlaxLayer": "it would hold Python code",
}

# What people still write, from before Keras 3 or from other tools, and what it is called now.
RENAMED = {
    "lr": "learning_rate",
    "decay": "weight_decay",
    "nb_epoch": "epochs",
    "epoch": "epochs",
    "input_dim": "units",
}


def kind_words(kinds: Sequence[str]) -> str:
    """`a layer`, `an activation or a layer`."""
    return one_of(f"{'an' if kind[0] in 'aeio' else 'a'} {kind.replace('source', 'data source')}" for kind in kinds)


def known_names(kinds: Iterable[str]) -> list[str]:
    """Every name that may stand in a slot of `kinds`, identifiers included."""
    names: list[str] = []
    for kind in kinds:
        if kind in {"callback", "source"}:
            names += (CALLBACKS if kind == "callback" else SOURCES).names()
        else:
            names += [*catalog.names(kind), *catalog.identifiers(kind)]
    return names


# ---- sections and specs


def not_a_mapping(node: Node, path: str, owner: str) -> Diagnostic:
    """A section, or the arguments of a component of ours, that is a scalar or a list."""
    example = f"{owner}: {{…}}" if owner else f"{path.rsplit('.', 1)[-1]}: {{…}}"
    glued = _NO_COLON.fullmatch(node.value) if isinstance(node.value, str) else None
    return _about(node, "wrong-type", f"{owner or path} takes a mapping", path, expected=f"a mapping, such as {example}",
                  hint=f"write: {glued['key']}: {glued['value']}" if glued else None)  # fmt: skip


_NO_COLON = re.compile(
    r"(?P<key>[a-z_]\w*)(:|\s+)(?P<value>\S+)"
)  # `epochs:5` and `epochs 5`, which YAML takes for text


def not_a_list(node: Node, path: str, kinds: Sequence[str]) -> Diagnostic:
    """One value where a list of components stands."""
    return _about(node, "wrong-type", f"{path} is a list", path, expected=f"a list of {kinds[0]}s",
                  hint=f"write: [{printable(str(node.value))}]" if isinstance(node.value, str) else "begin each item with '- '")  # fmt: skip


def not_a_bound(node: Node, path: str) -> Diagnostic:
    """An expectation that is no comparison."""
    hint = f'write: ">= {node.value}"' if isinstance(node.value, int | float) else None
    return _about(node, "wrong-value", "an expectation is a comparison with a number", path,
                  expected='text such as ">= 0.93"', hint=hint)  # fmt: skip


def unknown_key(spec: type[Spec], node: Node, key: str, path: str, owner: str) -> Diagnostic:
    """A key that the section or component does not have."""
    mark, full = node.key_location(key), join(path, key)
    if owner:
        return Diagnostic("unknown-argument", f"{owner} has no argument '{printable(key)}'", mark, full,
                          hint=_suggest(key, spec.model_fields, f"trainctl describe {owner}"))  # fmt: skip
    home = home_of(key)
    if home is not None and spec is not Experiment:
        where = f"section '{home}'" if home else "the top level of the file"
        return Diagnostic(
            "wrong-section", f"'{key}' does not belong to '{path}'", mark, full, hint=f"move it to {where}"
        )
    if home:
        return Diagnostic(
            "wrong-section", f"'{key}' does not stand at the top level", mark, full, hint=f"move it to section '{home}'"
        )
    close = nearest(key, spec.model_fields)
    what = f"'{path}' has no key" if path else "an experiment has no section"
    hint = f"did you mean '{close}'?" if close else f"known here: {one_of(spec.model_fields, 'and')}"
    return Diagnostic("unknown-key", f"{what} '{printable(key)}'", mark, full, hint=hint)


def from_pydantic(
    spec: type[Spec], details: Sequence[Any], node: Node, path: str, owner: str, at: Location
) -> Iterator[Diagnostic]:
    """One diagnostic for each value that pydantic refuses; alternatives that failed on the same value count once.

    Args:
        spec: The section or component.
        details: What pydantic found.
        node: The section's mapping.
        path: Its path.
        owner: The component's name; empty for a section.
        at: Where the section or component is named: what is missing is missing there.
    """
    seen: set[str] = set()
    meant = {suggestion(key, spec.model_fields) for key in node.value} if node.is_mapping else set()
    for detail in details:
        if detail["type"] == "extra_forbidden":
            continue  # reported by unknown_key, with a suggestion
        if detail["type"] == "missing":
            if detail["loc"][0] in meant:
                continue  # given under a misspelled name, which is reported
            yield _missing_field(spec, detail["loc"][0], node.keys.get(detail["loc"][0], at), path, owner)
            continue
        at_field = detail.get("ctx", {}).get("field")  # a rule over several fields names the one to blame
        place, mark, full, schema = _place(spec, detail["loc"] or (at_field,), node, path)
        if place is node:
            mark = at
        if full in seen:
            continue
        seen.add(full)
        if detail["type"] == "value_error":  # likewise, in Python's own way
            received = literal(place.plain()) if detail["loc"] else None
            yield Diagnostic("wrong-value", str(detail["ctx"]["error"]), mark, full, received)
            continue
        if "-" in detail["type"]:  # raised by a spec of ours, with its own words
            yield Diagnostic(
                detail["type"],
                detail["msg"],
                mark,
                full,
                literal(place.plain()),
                hint=detail.get("ctx", {}).get("hint"),
            )
            continue
        what = f"{owner}.{detail['loc'][0]}" if owner else full
        yield Diagnostic(
            _code(detail["type"]), f"{what} does not take {literal(place.plain())}", mark, full,
            received=literal(place.plain()), expected=type_words(schema), hint=_respelled(place, schema),
        )  # fmt: skip


def _code(pydantic_type: str) -> str:
    if pydantic_type.startswith(("greater_than", "less_than", "too_", "multiple_of", "finite")):
        return "out-of-range"
    return (
        "wrong-value"
        if pydantic_type in {"literal_error", "string_pattern_mismatch", "string_too_short"}
        else "wrong-type"
    )


def _respelled(node: Node, schema: Mapping[str, Any]) -> str | None:
    """How the value that a person meant is written, where YAML took it for something else."""
    if node.is_mapping and [child.value for child in node.value.values()] == [None] and accepts(schema, ""):
        return f'a value that begins with {{ needs quotes: "{{{printable(next(iter(node.value)))}}}"'
    if not isinstance(node.value, str):
        return None
    if node.value.lower() in _YES_NO and accepts(schema, True):
        return f"write {_YES_NO[node.value.lower()]}"
    unquoted = parse_scalar(node.value)
    if not isinstance(unquoted, str | None) and accepts(schema, unquoted):
        return f"write {node.value}, without quotes"
    return None


_YES_NO = {"yes": "true", "on": "true", "no": "false", "off": "false"}


def _place(
    spec: type[Spec], loc: Sequence[Any], node: Node, path: str
) -> tuple[Node, Location, str, Mapping[str, Any]]:
    """The deepest value that pydantic's `loc` leads to: the node, its place, its path, and its schema."""
    if not loc or str(loc[0]) not in spec.model_fields or not node.is_mapping:
        return node, node.location, path, {}
    schema: Mapping[str, Any] = spec.field_schema(str(loc[0]))
    for step in loc:
        if isinstance(node.value, dict) and str(step) in node.value:
            node, path = node.value[str(step)], join(path, str(step))
        elif node.is_list and isinstance(step, int) and step < len(node.value):
            node, path = node.value[step], join(path, step)
            options = [schema, *schema.get("anyOf", ())]
            schema = next((option["items"] for option in options if "items" in option), schema)
    return node, node.location, path, schema


def _missing_field(spec: type[Spec], name: str, at: Location, path: str, owner: str) -> Diagnostic:
    info = spec.model_fields[name]
    what = f"{owner} needs the argument" if owner else f"'{path}' needs" if path else "the experiment needs the section"
    code = "missing-argument" if owner else "missing-key" if path else "missing-section"
    is_section = isinstance(info.annotation, type) and issubclass(info.annotation, Spec)
    write = f"write: {owner}: {{{name}: …}}. See: trainctl describe {owner}" if owner else f"add {name}: …"
    return Diagnostic(code, f"{what} '{name}'", at, join(path, name),
                      expected=None if is_section else (info.description or "").rstrip("."), hint=write)  # fmt: skip


# ---- components


def two_components(node: Node, names: Sequence[str], path: str) -> Diagnostic:
    """Two CapWords keys in one item."""
    second = node.key_location(names[1])
    return Diagnostic("two-components", f"two components in one item: {names[0]} and {names[1]}", second, path,
                      hint=f"begin a new item: '- {names[1]}: …'",
                      related=(Related("the first is here", node.key_location(names[0])),))  # fmt: skip


def not_a_component(kinds: Sequence[str], node: Node, path: str) -> Diagnostic:
    """Something that is neither a name nor a mapping with one CapWords key."""
    keys = list(node.value) if node.is_mapping else [node.value] if isinstance(node.value, str) else []
    for key in keys:
        mark = node.key_location(key) if node.is_mapping else node.location
        for kind in kinds:
            canonical = catalog.stands_for(kind, key) if kind not in {"callback", "source"} else None
            if node.is_mapping and canonical and canonical[0].isupper():
                return Diagnostic("unknown-component", f"with arguments, {key} is spelled in CapWords", mark, path,
                                  hint=f"write: {canonical}: {{…}}")  # fmt: skip
        close = nearest(key, known_names(kinds))
        if close is not None:
            return Diagnostic("unknown-component", f"there is no {_what(kinds)} called '{printable(key)}'", mark, path,
                              hint=f"did you mean '{close}'? See: trainctl list {_plural(kinds[0])}")  # fmt: skip
    if isinstance(node.value, str):
        return unknown_component(kinds, node.value, node, path)
    return _about(node, "not-a-component", f"this is not {kind_words(kinds)}", path,
                  expected="a name, or a mapping with one CapWords key, such as Name: {…}",
                  hint=f"See: trainctl list {_plural(kinds[0])}")  # fmt: skip


def unknown_component(kinds: Sequence[str], name: str, node: Node, path: str) -> Diagnostic:
    """A CapWords name that nothing of `kinds` has."""
    mark = node.keys.get(name, node.location)
    see = f"See: trainctl list {_plural(kinds[0])}"
    elsewhere = _kinds_of(name)
    if elsewhere:
        return Diagnostic(
            "wrong-kind", f"{name} is {kind_words(elsewhere)}; here stands {kind_words(kinds)}", mark, path, hint=see
        )
    close = nearest(name, known_names(kinds))
    hint = f"did you mean '{close}'? {see}" if close else see
    return Diagnostic(
        "unknown-component", f"there is no {_what(kinds)} called '{printable(name)}'", mark, path, hint=hint
    )


def _kinds_of(name: str) -> tuple[str, ...]:
    ours = [kind for kind, registry in (("callback", CALLBACKS), ("source", SOURCES)) if registry.get(name) is not None]
    return (*ours, *catalog.kinds_of(name))


def beside_component(kinds: Sequence[str], name: str, node: Node, key: str, path: str) -> Diagnostic:
    """A lower-case key beside the component's own: most often an argument that is not indented far enough."""
    spec = next(
        (r.get(name) for k, r in (("callback", CALLBACKS), ("source", SOURCES)) if k in kinds and r.get(name)), None
    )
    entry = next((e for k in kinds if k not in {"callback", "source"} and (e := catalog.find(k, name))), None)
    is_argument = (spec is not None and key in spec.model_fields) or (
        entry is not None and entry.parameter(key) is not None
    )
    hint = f"indent it under {name}:" if is_argument else f"remove it, or write it as an argument: {name}: {{…}}"
    return Diagnostic("unknown-key", f"'{printable(key)}' stands beside {name}, not among its arguments",
                      node.key_location(key), join(path, key), hint=hint)  # fmt: skip


def refused(name: str, node: Node, path: str) -> Diagnostic:
    """A layer that cannot be data."""
    return Diagnostic("refused-component", f"{name} is refused in a config: {REFUSED[name]}", node.keys.get(name, node.location),
                      path, hint="express it with Keras's own layers")  # fmt: skip


def arguments_not_a_mapping(entry: catalog.Entry, node: Node, path: str) -> Diagnostic:
    """`Dense: 64`."""
    first = next((parameter.name for parameter in entry.parameters), "name")
    return _about(node, "wrong-type", f"the arguments of {entry.name} are a mapping", path, expected="a mapping",
                  hint=f"write: {entry.name}: {{{first}: {literal(node.plain())}}}")  # fmt: skip


def unknown_argument(entry: catalog.Entry, node: Node, key: str, path: str) -> Diagnostic:
    """An argument that the Keras component does not have."""
    names = [parameter.name for parameter in entry.parameters]
    return Diagnostic("unknown-argument", f"{entry.name} has no argument '{printable(key)}'", node.key_location(key), path,
                      hint=_suggest(key, names, f"trainctl describe {entry.name}"))  # fmt: skip


def missing_arguments(entry: catalog.Entry, missing: Sequence[str], location: Location, path: str) -> Diagnostic:
    """Required arguments that are not given."""
    names = one_of((f"'{name}'" for name in missing), "and")
    noun = "argument" if len(missing) == 1 else "arguments"
    return Diagnostic("missing-argument", f"{entry.name} needs the {noun} {names}", location, path,
                      hint=f"write: {entry.name}: {{{missing[0]}: …}}. See: trainctl describe {entry.name}")  # fmt: skip


def bad_argument(entry: catalog.Entry, parameter: catalog.Parameter, node: Node, path: str) -> Diagnostic:
    """A value that the argument does not take."""
    expected = [kind_words([kind]) for kind in parameter.kinds]
    if parameter.schema.get("anyOf", parameter.schema.get("type")) is not None or "enum" in parameter.schema:
        expected.append(type_words(parameter.schema))
    hint = _respelled(node, parameter.schema)
    if isinstance(node.value, str):
        close = nearest(node.value, [*known_names(parameter.kinds), *_choices(parameter.schema)])
        hint = f"did you mean '{close}'?" if close and close != node.value else hint
    return Diagnostic("wrong-type", f"{entry.name}.{parameter.name} does not take {literal(node.plain())}", node.location, path,
                      received=literal(node.plain()), expected=one_of(expected), hint=hint)  # fmt: skip


def _choices(schema: Mapping[str, Any]) -> list[str]:
    options = [schema, *schema.get("anyOf", ())]
    return [str(choice) for option in options for choice in option.get("enum", ())]


def _about(node: Node, code: str, message: str, path: str, expected: str, hint: str | None = None) -> Diagnostic:
    received = "nothing" if node.value is None else literal(node.plain())
    return Diagnostic(code, message, node.location, path, received=received, expected=expected, hint=hint)


def _suggest(key: str, names: Iterable[str], command: str) -> str:
    close = suggestion(key, names)
    return f"did you mean '{close}'? See: {command}" if close else f"See: {command}"


def suggestion(key: str, names: Iterable[str]) -> str | None:
    """The one of `names` that `key` most likely means, where `key` is none of them: renamed since, or misspelled."""
    names = list(names)
    if key in names:
        return None
    renamed = RENAMED.get(key)
    return renamed if renamed in names else nearest(key, names)


def _what(kinds: Sequence[str]) -> str:
    return one_of(kind.replace("source", "data source") for kind in kinds)


def _plural(kind: str) -> str:
    return {"loss": "losses"}.get(kind, f"{kind}s")


def with_history(problems: Iterable[Diagnostic], tree: Node) -> list[Diagnostic]:
    """The diagnostics with where an interpolated value to blame is written, and the values that it replaced."""
    nodes = {node.location: node for node in tree.walk() if node.earlier or node.origin}
    return [
        replace(each, related=(*each.related, *_history(each.location and nodes.get(each.location))))
        for each in problems
    ]


def _history(node: Node | None) -> Iterator[Related]:
    if node is None:
        return
    if node.origin is not None:
        yield Related(f"{literal(node.plain())} is written here", node.origin)
    yield from (Related(f"overrides {literal(old.plain())}, written here", old.location) for old in node.earlier)


def with_extensions(problems: Iterable[Diagnostic]) -> list[Diagnostic]:
    """The diagnostics with the places that extend the files they are about."""
    return [replace(each, related=(*each.related, *_extensions(each.location))) for each in problems]


def _extensions(location: Location | None) -> Iterator[Related]:
    while location is not None and location.source.extended_from is not None:
        location = location.source.extended_from
        yield Related("extended from here", location)
