"""The whole experiment in the published schema: its sections, with and without a file that it extends."""

from __future__ import annotations

from importlib.metadata import version

from trainctl import catalog
from trainctl.components.spec import CALLBACKS, Spec, section_of, sections_of
from trainctl.config.experiment import EXPECTATION, SECTIONS, Experiment, Stage
from trainctl.config.schema.definitions import Definitions, Schema, with_plain_references
from trainctl.config.schema.plain import REFERENCE, brief, mapping, or_reference, value
from trainctl.config.schema.slots import component, field, slot

_URL = "https://raw.githubusercontent.com/trainctl/trainctl/main/schemas/experiment.schema.json"

_EXTENDS: Schema = {
    "description": "Files that this file builds on, relative to it; this file overrides them.",
    "type": ["null", "array", "string"],
    "minLength": 1,
    "items": {"type": "string", "minLength": 1},
}
_EXTENDS_SOMETHING: Schema = {
    "required": ["extends"],
    "properties": {"extends": {"type": ["array", "string"], "minItems": 1}},
}


def experiment_schema() -> Schema:
    """JSON Schema, draft 7, of an experiment file with all that is installed.

    Raises:
        ConfigError: Keras is not installed.
    """
    definitions = Definitions()
    for kind in catalog.KINDS:
        slot(definitions, (kind,))
    schema: Schema = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$id": _URL,
        "$comment": f"Written by 'trainctl schema' with Keras {version('keras')}.",
        "title": "trainctl experiment",
        "description": brief(Experiment.__doc__ or ""),
        "type": "object",
        "if": _EXTENDS_SOMETHING,
        "then": definitions.refer("experiment-amended", lambda: _make_experiment_schema(definitions, amends=True)),
        "else": definitions.refer("experiment", lambda: _make_experiment_schema(definitions, amends=False)),
        "definitions": definitions.sorted(),
    }
    whole: Schema = with_plain_references(schema)
    return whole


def _make_experiment_schema(definitions: Definitions, *, amends: bool) -> Schema:
    section = _make_section_schema(definitions, Experiment, amends=amends)
    return {
        "description": section["description"],
        "type": "object",
        "properties": {"extends": _EXTENDS, **section["properties"]},
        "additionalProperties": False,
        **({} if amends else {"required": section["required"], **_LOSS_UNLESS_ALONE}),
    }


_SNIPPETS: Schema = {"compile": {"defaultSnippets": [{"body": {"loss": "$1"}}]}}
"""What an editor writes in a section that requires something only in some experiments."""

_SEVERAL_LAYERS = {"properties": {"layers": {"type": "array", "minItems": 2}}, "required": ["layers"]}
_WITH_LOSS = {"properties": {"loss": {"not": {"type": "null"}}}, "required": ["loss"], "not": {"type": "null"}}
_LOSS_UNLESS_ALONE = {
    "if": {"properties": {"model": _SEVERAL_LAYERS}, "required": ["model"]},
    "then": {"properties": {"compile": _WITH_LOSS}},
}
"""A model of its own may have its own loss; it is the only layer."""


def _make_section_schema(definitions: Definitions, spec: type[Spec], *, amends: bool) -> Schema:
    """Return a section as it stands by itself; where it `amends` that of an extended file, nothing is required."""
    properties = {name: _make_setting_schema(definitions, spec, name, amends=amends) for name in spec.model_fields}
    required = [name for name, info in spec.model_fields.items() if info.is_required() and not amends]
    return mapping(brief(spec.__doc__ or ""), properties, required)


def _make_setting_schema(definitions: Definitions, spec: type[Spec], name: str, *, amends: bool) -> Schema:
    description = {"description": spec.model_fields[name].description or ""}
    section = section_of(spec, name)
    if section is not None:
        is_stages_own = spec is Stage and section is not SECTIONS[name]
        key = (f"stage-{name}" if is_stages_own else name) + ("-amended" if amends else "")
        whole = definitions.refer(
            key, lambda: {"title": name, **_make_section_schema(definitions, section, amends=amends)}
        )
        whole = {**whole, **_SNIPPETS[name]} if name in _SNIPPETS else whole
        return _or_shorthand(definitions, section, whole, spec, name)
    several = sections_of(spec, name)
    if several is not None:
        return {**_make_sections_schema(definitions, several), **description}
    if spec in {Experiment, Stage} and name == "callbacks":
        return {**_make_callbacks_schema(definitions, amends=amends), **description}
    if spec is Experiment and name == "expect":
        return {**_make_expectations_schema(), **description}
    if spec is Experiment and name == "vars":
        return {**value(definitions, {"type": ["null", "object"]}), **description}
    return field(definitions, spec, name, amends=amends)


def _make_sections_schema(definitions: Definitions, spec: type[Spec]) -> Schema:
    """Return a list of sections, each of which is laid over the experiment, and so leaves out what is required."""
    noun = spec.__name__.lower()
    return {
        "type": ["null", "array", "string"],
        "pattern": REFERENCE,
        "patternErrorMessage": f"Expected a list of {noun}s or ${{…}}.",
        "items": definitions.refer(
            noun, lambda: {"title": noun, **_make_section_schema(definitions, spec, amends=True)}
        ),
    }


def _or_shorthand(definitions: Definitions, section: type[Spec], whole: Schema, spec: type[Spec], name: str) -> Schema:
    """Return the schema of a section; of one with a shorthand, also what a plain value in its place may be."""
    if section.shorthand is None:
        return whole
    plain = value(definitions, section.field_schema(section.shorthand))
    nothing = [{"type": "null"}] if spec.model_fields[name].default is None else []
    return {"anyOf": [plain, whole, *nothing]}


def _make_callbacks_schema(definitions: Definitions, *, amends: bool) -> Schema:
    """Return a list, or a mapping that amends the inherited list by name: null removes."""
    amendments = {
        name: {"anyOf": [component(definitions, "callback", name, amends=amends), {"type": "null"}]}
        for name in CALLBACKS.names()
    }
    return {
        **mapping("", amendments),
        "type": ["null", "array", "object", "string"],
        "patternErrorMessage": "Expected a list, a mapping or ${…}.",
        "items": slot(definitions, ("callback",)),
    }


def _make_expectations_schema() -> Schema:
    bound = {
        "type": "string",
        "pattern": or_reference(EXPECTATION),
        "patternErrorMessage": 'Expected a comparison, such as ">= 0.93", "best >= 0.93" or "> baseline + 0.05".',
    }
    return {**mapping("", {}), "additionalProperties": bound}
