"""Messages about a section, or about the arguments of a callback or data source."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from trainctl import catalog, limits
from trainctl.aliases import Value
from trainctl.components.fields import ArgumentError, Slot
from trainctl.components.spec import Spec, section_of, slot_of
from trainctl.config.compose.paths import join
from trainctl.config.experiment import SECTIONS, CompileSection, Experiment, Stage, home_of
from trainctl.config.messages.components import outputs_in_lower_case
from trainctl.config.messages.habits import CONTAINERS, SECTIONS_ELSEWHERE, layers_of_config, needless, parameters_of
from trainctl.config.messages.phrases import (
    RENAMED,
    about,
    is_free,
    known_names,
    meant_by,
    received,
    renamed_key,
    respelled,
    respelling,
    shown,
    suggest,
    suggestion,
)
from trainctl.config.model.own import may_lack_loss
from trainctl.config.text.nodes import Node, arguments_of, component_name, component_names, is_component_name
from trainctl.diagnostics import Diagnostic, Location, Move, Replace
from trainctl.text import one_of, printable, range_words, type_words


def not_a_mapping(node: Node, path: str, owner: str) -> Diagnostic:
    """Report a section or arguments that are a scalar or a list."""
    example = f"{owner}: {{…}}" if owner else f"{path.rsplit('.', 1)[-1]}: {{…}}"
    text = node.value if isinstance(node.value, str) else ""
    glued = _NO_COLON.fullmatch(text)
    hint = f"write: {glued['key']}: {glued['value']}" if glued else None
    if path == "model" and is_component_name(text):
        hint = _in_a_list(text)
    elif path == "model" and node.is_list:
        hint = "put the list under layers: model: {layers: […]}"
    return about(
        node,
        "wrong-type",
        f"{f'the arguments of {owner}' if owner else path} must be a mapping, got {received(node)}",
        path,
        expected=f"a mapping, such as {example}",
        hint=hint,
    )


_NO_COLON = re.compile(
    r"(?P<key>[a-z_]\w*)(:|\s+)(?P<value>\S+)"
)  # `epochs:5` and `epochs 5`, which YAML reads as text


def not_a_list(node: Node, path: str, kinds: Sequence[str]) -> Diagnostic:
    """Report a single value in place of a list of components."""
    names = component_names(node) if node.is_mapping else []
    hint = f"write: [{printable(str(node.value))}]" if isinstance(node.value, str) else "start each item with '- '"
    if "metric" in kinds and names and not set(names) & set(known_names(kinds)):
        hint = outputs_in_lower_case(names)
    return about(
        node,
        "wrong-type",
        f"{path} must be a list, got {received(node)}",
        path,
        expected=f"a list of {kinds[0]}s",
        hint=hint,
    )


def too_many(node: Node, path: str) -> Diagnostic:
    """Report a list of components, or a mapping of expectations, that is longer than any experiment needs."""
    message = f"{path} has {len(node.value):,} items; the limit is {limits.COMPONENTS:,}"
    return Diagnostic("too-large", message, node.location, path)


def not_a_bound(node: Node, path: str) -> Diagnostic:
    """Report an expectation that is not a comparison."""
    hint = f'write: ">= {node.value}"' if isinstance(node.value, int | float) else None
    return about(
        node,
        "wrong-value",
        f"an expectation must compare with a number, got {received(node)}",
        path,
        expected='text such as ">= 0.93", "best >= 0.93" or "> baseline + 0.05"',
        hint=hint,
    )


def unknown_key(spec: type[Spec], node: Node, key: str, path: str, owner: str) -> Diagnostic:
    """Report a key that the section or component does not have."""
    mark, full = node.key_location(key), join(path, key)
    removed = getattr(spec, "removed", {}).get(key)
    if removed:
        new = getattr(spec, "renamed", {}).get(key)
        fix = Replace(mark, new, key) if new is not None and is_free(node, new, key) else None
        return Diagnostic(
            "removed-argument", f"{owner} no longer has the argument '{key}'", mark, full, hint=removed, fix=fix
        )
    if owner:
        return Diagnostic(
            "unknown-argument",
            f"{owner} has no argument '{printable(key)}'",
            mark,
            full,
            hint=suggest(key, spec.model_fields, f"trainctl describe {owner}"),
            fix=renamed_key(node, key, spec.model_fields),
        )
    message = f"'{path}' has no key" if path else "an experiment has no section"
    hint = _elsewhere(spec, node, key)
    if hint is not None:
        into = _field_for(spec, key)
        move = Move(mark, node.key_location(into)) if into is not None and into in node.value else None
        return Diagnostic("unknown-key", f"{message} '{printable(key)}'", mark, full, hint=hint, fix=move)
    home = home_of(key)
    if home is not None and spec is not Experiment:
        where = _home_in_words(spec, home, key, path)
        return Diagnostic(
            "wrong-section",
            f"'{key}' does not belong in '{path}'",
            mark,
            full,
            hint=f"move it to {where}",
            fix=None if path.startswith("stages.") else Move(mark, home),
        )
    if home:
        return Diagnostic(
            "wrong-section",
            f"'{key}' does not belong at the top level",
            mark,
            full,
            hint=f"move it to '{home}'",
            fix=Move(mark, home),
        )
    close = suggestion(key, spec.model_fields) or (SECTIONS_ELSEWHERE.get(key) if spec is Experiment else None)
    every = f"{f'the keys of {path}' if path else 'the sections'} are {one_of(spec.model_fields, 'and')}"
    hint = f"did you mean '{close}'?" if close else every
    elsewhere = SECTIONS_ELSEWHERE.get(key) if spec is Experiment else None
    renamed = renamed_key(node, key, spec.model_fields)
    if renamed is None and elsewhere is not None and is_free(node, elsewhere, key):
        renamed = Replace(mark, elsewhere, key)
    return Diagnostic("unknown-key", f"{message} '{printable(key)}'", mark, full, hint=hint, fix=renamed)


def _home_in_words(spec: type[Spec], home: str, key: str, path: str) -> str:
    """Return where a key belongs: into a section of the same stage, where it has one for it."""
    own = section_of(Stage, home) if spec is Stage and home in Stage.model_fields else None
    if own is not None and key in own.model_fields:
        return f"'{path}.{home}'"
    if not home:
        return "the top level of the file"
    return f"'{home}' at the top level" if path.startswith("stages.") else f"'{home}'"


def _elsewhere(spec: type[Spec], node: Node, key: str) -> str | None:
    """Return where what people write so belongs: a component's place, an optimizer's argument, a key of another name."""
    if _is_meant_as_layer(spec, key):
        return _in_a_list(key)
    field = _field_for(spec, key)
    if field is not None:
        return f"indent it under {field}:" if field in node.value else f"write: {field}: {{{key}: …}}"
    component = _component_for(spec, node, key) or needless(key, node.value[key])
    if component is not None:
        return component
    if "layers" in spec.model_fields and key in {"class_name", "config"}:
        return layers_of_config(node)
    renamed = RENAMED.get(key)
    if spec is CompileSection and "learning_rate" in {key, renamed}:
        return f"write: optimizer: {{{_optimizer(node)}: {{learning_rate: {shown(node.value[key])}}}}}"
    if "learning_rate" in {key, renamed} and spec in {Experiment, SECTIONS["fit"]}:
        section = node.value.get("compile", node) if spec is Experiment else node
        return f"write under compile: optimizer: {{{_optimizer(section)}: {{learning_rate: {shown(node.value[key])}}}}}"
    home = home_of(renamed) if renamed is not None and renamed not in spec.model_fields else None
    return f"write: {home}: {{{renamed}: {shown(node.value[key])}}}" if home else None


def _component_for(spec: type[Spec], node: Node, key: str) -> str | None:
    """Return how to write arguments that are beside the component that takes them: `{source: CSV, path: a.csv}`."""
    for name, slot in _single_slots(spec).items():
        written = node.value.get(name)
        called = component_name(written) if written is not None else None
        parameters = parameters_of(slot.kinds, called) if called else {}
        if called and written is not None and key in parameters:
            beside = {each: value for each, value in node.value.items() if each not in spec.model_fields}
            given = {**(arguments_of(written).value or {}), **beside}
            listed = ", ".join(f"{each}: {shown(value)}" for each, value in given.items() if each in parameters)
            return f"write: {name}: {{{called}: {{{listed}}}}}"
    return None


def _single_slots(spec: type[Spec]) -> dict[str, Slot]:
    """Return the fields that take one component."""
    return {name: slot for name in spec.model_fields if (slot := slot_of(spec, name)) is not None and not slot.many}


def _field_for(spec: type[Spec], key: str) -> str | None:
    """Return the field of the section that takes the component called `key`; `None` if there is none."""
    return next(
        (
            name
            for name, slot in _single_slots(spec).items()
            if is_component_name(key) and key in known_names(slot.kinds)
        ),
        None,
    )


def _optimizer(node: Node) -> str:
    """Return the optimizer that `compile` names, as it is written with arguments."""
    written = node.value.get("optimizer")
    name = component_name(written) if written is not None else None
    word = written.value if written is not None and isinstance(written.value, str) else ""
    return name or catalog.stands_for("optimizer", word) or "Adam"


def _is_meant_as_layer(spec: type[Spec], key: str) -> bool:
    return is_component_name(key) and "layers" in spec.model_fields


def _in_a_list(component: str) -> str:
    if component in CONTAINERS:
        return f"leave out {component}, and put its list under layers: model: {{layers: […]}}"
    return f"add it to the list of layers: layers: [{component}]"


def from_pydantic(
    spec: type[Spec], details: Sequence[Value], node: Node, path: str, owner: str, at: Location
) -> Iterator[Diagnostic]:
    """Yield one diagnostic for each value that pydantic refuses; failed alternatives of the same value count once.

    Args:
        spec: The section or component.
        details: What pydantic found.
        node: The section's mapping.
        path: Its path.
        owner: The component's name; empty for a section.
        at: Where the section or component is named; missing fields are reported there.
    """
    seen: set[str] = set()
    unknown = [key for key in node.value if key not in spec.model_fields] if node.is_mapping else []
    names = [key for key in unknown[: limits.SIMILAR_NAMES] if is_component_name(key)]
    meant = meant_by(unknown, spec.model_fields) | {_field_for(spec, key) for key in names}
    meant |= {"layers"} if any(_is_meant_as_layer(spec, key) for key in names) else set()
    paths = [_place(spec, detail["loc"], node, path)[2] for detail in details if detail["loc"]]
    for detail in details:
        if detail["type"] == "extra_forbidden":
            continue  # reported by unknown_key, with a suggestion
        if detail["type"] == "missing":
            if detail["loc"][0] in meant:
                continue  # given under a misspelled name, which is reported
            yield _missing_field(spec, detail["loc"][0], node.keys.get(detail["loc"][0], at), path, owner)
            continue
        raised = detail.get("ctx", {}).get("error")
        at_field = (
            raised.field if isinstance(raised, ArgumentError) else None
        )  # a rule over several names the wrong one
        place, mark, full, schema = _place(spec, detail["loc"] or (at_field,), node, path)
        if place is node:
            mark = at
        if full in seen or any(other.startswith(f"{full}.") for other in paths if detail["loc"]):
            continue  # of several alternatives, the one that fails deepest is the one that is meant
        seen.add(full)
        if isinstance(raised, ArgumentError):
            mark = _word(mark, raised.word)
            yield Diagnostic(raised.code, raised.message, mark, full, shown(place), hint=raised.hint)
            continue
        if isinstance(raised, ValueError):
            yield Diagnostic("wrong-value", str(raised), mark, full, shown(place) if detail["loc"] else None)
            continue
        what = f"{owner}.{full.removeprefix(f'{path}.')}" if owner else full
        code, expected = _code(detail["type"]), type_words(schema)
        needed = (range_words(schema) if code == "out-of-range" else None) or expected
        yield Diagnostic(
            code,
            f"{what} must be {needed}, got {shown(place)}",
            mark,
            full,
            received=shown(place),
            expected=expected,
            hint=respelled(place, schema),
            fix=respelling(place, schema),
        )


def _word(mark: Location, word: str) -> Location:
    """Return the place of `word` within the value at `mark`, or `mark` if it is not written there literally."""
    column = mark.source.line(mark.line).find(word, mark.column - 1) + 1 if word else 0
    return replace(mark, column=column, length=len(word)) if column else mark


def _code(pydantic_type: str) -> str:
    if pydantic_type.startswith(("greater_than", "less_than", "too_", "multiple_of", "finite")):
        return "out-of-range"
    return (
        "wrong-value"
        if pydantic_type in {"literal_error", "string_pattern_mismatch", "string_too_short"}
        else "wrong-type"
    )


def _place(
    spec: type[Spec], loc: Sequence[Value], node: Node, path: str
) -> tuple[Node, Location, str, Mapping[str, Value]]:
    """Return the deepest value that pydantic's `loc` leads to: the node, its place, its path, and its schema."""
    if not loc or str(loc[0]) not in spec.model_fields or not node.is_mapping:
        return node, node.location, path, {}
    schema: Mapping[str, Value] = spec.field_schema(str(loc[0]))
    start = path
    for step in loc:
        if isinstance(node.value, dict) and str(step) in node.value:
            if path != start:
                schema = _inner(schema, str(step))
            node, path = node.value[str(step)], join(path, str(step))
        elif node.is_list and isinstance(step, int) and step < len(node.value):
            node, path = node.value[step], join(path, step)
            schema = next((option["items"] for option in _options(schema) if "items" in option), schema)
    return node, node.location, path, schema


def _options(schema: Mapping[str, Value]) -> list[Mapping[str, Value]]:
    return [schema, *schema.get("anyOf", ())]


def _inner(schema: Mapping[str, Value], key: str) -> Mapping[str, Value]:
    """Return what stands under a key of a mapping with this schema; the schema itself where it says nothing of it."""
    for option in _options(schema):
        if key in option.get("properties", ()):
            found: Mapping[str, Value] = option["properties"][key]
            return found
    others = (option.get("additionalProperties") for option in _options(schema))
    return next((other for other in others if isinstance(other, dict)), schema)


def missing_loss(tree: Node) -> list[Diagnostic]:
    """Report that `compile` has no loss, unless the model may have its own."""
    section = tree.value.get("compile") if tree.is_mapping else None
    if section is None or not (section.is_mapping or section.value is None) or may_lack_loss(tree):
        return []
    given = section.value or {}
    loss = given.get("loss")
    unknown = (key for key in given if key not in CompileSection.model_fields)
    if (loss is not None and loss.value is not None) or "loss" in meant_by(unknown, CompileSection.model_fields):
        return []
    at = section.keys.get("loss", tree.key_location("compile"))
    return [_missing_field(CompileSection, "loss", at, "compile", "")]


def _missing_field(spec: type[Spec], name: str, at: Location, path: str, owner: str) -> Diagnostic:
    info = spec.model_fields[name]
    what = f"{owner} needs the argument" if owner else f"'{path}' needs" if path else "the experiment needs the section"
    code = "missing-argument" if owner else "missing-key" if path else "missing-section"
    is_section = isinstance(info.annotation, type) and issubclass(info.annotation, Spec)
    write = f"write: {owner}: {{{name}: …}}. See: trainctl describe {owner}" if owner else f"add {name}: …"
    return Diagnostic(
        code,
        f"{what} '{name}'",
        at,
        join(path, name),
        expected=None if is_section else (info.description or "").rstrip("."),
        hint=write,
    )
