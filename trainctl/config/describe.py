"""What there is: the components of every kind, and one component's arguments, text and example."""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from trainctl import catalog
from trainctl.aliases import Value
from trainctl.components.spec import REGISTRIES, Spec
from trainctl.config.messages import HIDDEN, kind_words
from trainctl.config.render import on_one_line
from trainctl.errors import UsageError
from trainctl.text import literal, nearest, one_of, several, type_words

KINDS: tuple[str, ...] = (*REGISTRIES, *catalog.KINDS, *catalog.FUNCTIONS)
PLURALS: dict[str, str] = {kind: several(kind) for kind in KINDS}


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a component, for people."""

    name: str
    type: str
    required: bool
    default: Value
    description: str


@dataclass(frozen=True, slots=True)
class Description:
    """One component, for people: what it is, what it takes, and how it is written."""

    kind: str
    name: str
    summary: str
    text: str
    arguments: tuple[Argument, ...]
    example: str
    module: str


def kind_of(word: str) -> str:
    """Return the kind that `word` names, in singular or plural.

    Raises:
        UsageError: There is no such kind.
    """
    for kind, many in PLURALS.items():
        if word.lower() in {kind, many}:
            return kind
    close = nearest(word, PLURALS.values())
    hint = f"did you mean '{close}'?" if close else f"the kinds are {one_of(PLURALS.values(), 'and')}"
    raise UsageError(f"unknown kind of component {literal(word)}", hint=hint)


def names(kind: str) -> list[str]:
    """Return the names of `kind`, as they stand in a config; activations are lower-case words."""
    if kind in REGISTRIES:
        return list(REGISTRIES[kind].names())
    if kind == "activation":
        return sorted(catalog.identifiers(kind))
    return [name for name in catalog.names(kind) if name not in HIDDEN]


def summaries(kind: str) -> Iterator[tuple[str, str]]:
    """Yield each name with its one line."""
    for name in names(kind):
        spec = REGISTRIES[kind].get(name) if kind in REGISTRIES else None
        yield name, spec.summary() if spec is not None else catalog.summary(kind, name)


def search(text: str, kind: str | None = None) -> Iterator[tuple[str, str, str]]:
    """Yield kind, name and summary of the components whose name or summary holds `text`, however it is capitalized.

    Those come first whose name holds it.
    """
    wanted = text.lower()
    every = [(each, *row) for each in ([kind] if kind else KINDS) for row in summaries(each)]
    named = [row for row in every if wanted in row[1].lower()]
    yield from named
    yield from (row for row in every if row not in named and wanted in row[2].lower())


def describe(name: str) -> list[Description]:
    """Return every component called `name`, whatever its kind.

    Raises:
        UsageError: There is none.
    """
    found = [
        _describe_spec(kind, name, spec)
        for kind, registry in REGISTRIES.items()
        if (spec := registry.get(name)) is not None
    ]
    found += [
        _describe_entry(entry)
        for kind in (*catalog.KINDS, *catalog.FUNCTIONS)
        if (entry := catalog.find(kind, name)) is not None
    ]
    if not found:
        everything = {each for kind in KINDS for each in names(kind)}
        close = nearest(name, everything)
        hint = f"did you mean '{close}'?" if close else "see: trainctl list"
        raise UsageError(f"unknown component {literal(name)}", hint=hint)
    return found


def _describe_spec(kind: str, name: str, spec: type[Spec]) -> Description:
    arguments = []
    for field, info in spec.model_fields.items():
        words, default = type_words(spec.field_schema(field)), spec.default_of(field)
        arguments.append(Argument(field, words, info.is_required(), default, info.description or ""))
    # What is null by default is for few, but for the place of the data.
    given = {a.name for a in arguments if a.default is not None or a.name == "path"}
    telling = {name for name in given if kind == "source" and spec.model_fields[name].examples}
    required = {a.name: _sample_field(spec, a.name) for a in arguments if a.required or a.name in telling}
    required = _SAMPLE_NODES.get(name, required) if kind == "node" else required
    text = inspect.cleandoc(spec.__doc__ or "")
    return Description(
        kind, name, spec.summary(), text, tuple(arguments), _write_example(kind, name, required), spec.__module__
    )


def _describe_entry(entry: catalog.Entry) -> Description:
    arguments = tuple(
        Argument(
            parameter.name,
            one_of([kind_words(parameter.kinds)] * bool(parameter.kinds) + [type_words(parameter.schema)]),
            parameter.required and entry.kind not in catalog.FUNCTIONS,
            None if parameter.required or parameter.default is catalog.MISSING else parameter.default,
            " ".join(parameter.doc.split()),
        )
        for parameter in entry.parameters
    )
    required = {p.name: _sample_parameter(p) for p in entry.parameters if p.required}
    example = entry.name if not entry.name[:1].isupper() else _write_example(entry.kind, entry.name, required)
    if entry.kind == "op":
        example = _write_example("node", "Op", {"op": entry.name})
    return Description(entry.kind, entry.name, entry.summary, entry.doc, arguments, example, entry.module)


_SLOTS = {
    "callback": "callbacks:\n  - ",
    "source": "data:\n  source:",
    "layer": "model:\n  layers:\n    - ",
    "application": "model:\n  layers:\n    - ",
    "node": "model:\n  layers:\n    - ",
    "optimizer": "compile:\n  optimizer:",
    "loss": "compile:\n  loss:",
    "metric": "compile:\n  metrics:\n    - ",
}


def _write_example(kind: str, name: str, arguments: Mapping[str, str]) -> str:
    slot = _SLOTS.get(kind, "")
    if slot.endswith(":"):  # a mapping cannot stand on the line of another one's key
        slot += "\n    " if arguments else " "
    listed = ", ".join(f"{key}: {value}" for key, value in arguments.items())
    return f"{slot}{name}: {{{listed}}}" if arguments else f"{slot}{name}"


def _sample_field(spec: type[Spec], name: str) -> str:
    examples = spec.model_fields[name].examples
    if examples:
        return on_one_line(examples[0]) if isinstance(examples[0], str) else json.dumps(examples[0]).replace('"', "")
    return _sample(spec.field_schema(name), name)


def _sample_parameter(parameter: catalog.Parameter) -> str:
    samples = {
        "layer": "{LSTM: {units: 8}}",
        "loss": "mse",
        "initializer": "zeros",
        "optimizer": "adam",
        "activation": "relu",
    }
    for kind in parameter.kinds:
        if kind in samples:
            return samples[kind]
    if "examples" in parameter.schema:
        return json.dumps(parameter.schema["examples"][0])
    return _sample(parameter.schema, parameter.name)


_SAMPLE_NODES = {"Saved": {"path": "model.keras"}, "Op": {"op": "mean"}, "Model": {"layers": "[Flatten]"}}
_SAMPLE_PATHS = {"filepath": "best.keras", "filename": "training.csv"}


def _sample(schema: Mapping[str, Value], name: str) -> str:
    """Return a value that fits, for an example."""
    if name in _SAMPLE_PATHS:
        return _SAMPLE_PATHS[name]
    schema = schema["anyOf"][0] if "anyOf" in schema else schema
    if "enum" in schema:
        return str(schema["enum"][0])
    kind = schema.get("type")
    match kind[0] if isinstance(kind, list) else kind:
        case "integer":
            return str(max(2, schema.get("minimum", 2)))
        case "number":
            return "0.1"
        case "boolean":
            return "true"
        case "array":
            return "[2]"
        case "string":
            return "text"
    return "0.1"
