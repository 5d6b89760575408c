"""The pieces of the published JSON Schema. What it accepts as a whole is in tests/contracts/test_schema.py."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from jsonschema import Draft7Validator

from trainctl.config.experiment import EXPECTATION
from trainctl.config.messages import REFUSED
from trainctl.config.schema import experiment_schema, to_text
from trainctl.config.schema.definitions import Definitions, with_plain_references
from trainctl.config.schema.plain import REFERENCE, brief, or_reference, value
from trainctl.config.schema.slots import component, slot


def accepts(schema: dict[str, Any], instance: Any, definitions: Definitions | None = None) -> bool:
    known = {"definitions": (definitions or Definitions()).sorted()}
    return Draft7Validator(with_plain_references({**schema, **known})).is_valid(instance)


def published(fragment: dict[str, Any], instance: Any) -> bool:
    definitions = Definitions()
    return accepts(value(definitions, fragment), instance, definitions)


@pytest.mark.parametrize("text", ["${vars.a}", "a-${vars.a}", "${env:A:-1}", "1/${vars.a}"])
def test_text_with_a_reference_is_one(text: str) -> None:
    assert re.search(REFERENCE, text)


@pytest.mark.parametrize("text", ["vars.a", "$${vars.a}", "${vars.a", "$vars", "{vars.a}"])
def test_other_text_is_no_reference(text: str) -> None:
    assert not re.search(REFERENCE, text)


def test_a_pattern_has_no_named_groups_and_takes_the_whole_text() -> None:
    pattern = or_reference(EXPECTATION)
    assert "?P<" not in pattern
    assert re.search(pattern, ">= 0.93")
    assert re.search(pattern, ">= ${vars.bound}")
    assert not re.search(pattern, "x >= 0.93")


@pytest.mark.parametrize(
    ("fragment", "good", "bad"),
    [
        ({"type": "integer", "minimum": 1}, [1, 10.0, "20/2", "${vars.n}"], [0, 1.5, "many", None, True]),
        ({"type": ["number", "null"]}, [1, 0.5, "1/255", None], ["1/", "half", [1]]),
        ({"type": "boolean"}, [True, "${vars.on}"], ["yes", 1, "1/2"]),
        ({"type": "string"}, ["", "text"], [1, None]),
        ({"type": "string", "maxLength": 1}, [";", "${vars.separator}"], ["ab"]),
        ({"enum": ["valid", "same"]}, ["same", "${vars.padding}"], ["Same", None]),
        ({"anyOf": [{"type": "boolean"}, {"const": "auto"}]}, [True, "auto", "${vars.a}"], ["always", 3]),
        (
            {"anyOf": [{"type": "integer"}, {"type": "array", "items": {"type": "integer"}}]},
            [3, [3, "6/2"]],
            [[1.5], "x"],
        ),
        ({"type": "object", "additionalProperties": {"type": "string"}}, [{"a": "b"}, {}], [{"a": 1}, []]),
        ({}, [1, "a", None, [], {}], []),
    ],
)
def test_values(fragment: dict[str, Any], good: list[Any], bad: list[Any]) -> None:
    assert [each for each in good if not published(fragment, each)] == []
    assert [each for each in bad if published(fragment, each)] == []


def test_settings_of_one_type_share_a_definition() -> None:
    definitions = Definitions()
    assert value(definitions, {"type": "integer", "minimum": 1}) == {"$ref": "#/definitions/integer", "minimum": 1}
    assert value(definitions, {"type": "integer"}) == {"$ref": "#/definitions/integer"}
    assert list(definitions.sorted()) == ["integer"]


def test_a_definition_may_hold_itself() -> None:
    definitions = Definitions()
    slot(definitions, ("layer",))
    wrapper = definitions.sorted()["layer.TimeDistributed"]
    assert wrapper["properties"]["layer"]["$ref"] == "#/definitions/layer"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One line.", "One line."),
        ("Two\nlines.\n\nAnother paragraph.", "Two lines."),
        ("", ""),
        (f"First. Second {'long ' * 80}.", "First."),
    ],
)
def test_brief(text: str, expected: str) -> None:
    assert brief(text) == expected


def test_brief_cuts_an_endless_sentence_between_words() -> None:
    cut = brief("word " * 100)
    assert cut.endswith("word …")
    assert len(cut) <= 302


def test_a_component_that_requires_nothing_may_stand_bare() -> None:
    definitions = Definitions()
    callback = slot(definitions, ("callback",))
    assert accepts(callback, "EarlyStopping", definitions)
    assert not accepts(callback, "CSVLogger", definitions)


def test_an_amendment_may_leave_out_what_is_required() -> None:
    definitions = Definitions()
    amendment = component(definitions, "callback", "CSVLogger", amends=True)
    assert accepts(amendment, {"append": True}, definitions)
    assert not accepts(component(definitions, "callback", "CSVLogger"), {"append": True}, definitions)


def test_an_amendment_is_described_apart_only_where_it_differs() -> None:
    definitions = Definitions()
    same = component(definitions, "callback", "TerminateOnNaN", amends=True)
    assert same == component(definitions, "callback", "TerminateOnNaN")


def test_refused_layers_are_left_out() -> None:
    definitions = Definitions()
    slot(definitions, ("layer",))
    assert not set(definitions.sorted()["layer"]["properties"]) & set(REFUSED)


def test_arguments_keep_their_defaults_and_texts() -> None:
    body = experiment_schema()["definitions"]["callback.EarlyStopping"]
    patience = body["properties"]["patience"]
    assert patience["default"] == 0
    assert patience["description"].startswith("Epochs without improvement")


def test_layout_puts_what_fits_on_a_line() -> None:
    short = {"type": "integer", "minimum": 1}
    text = to_text({"short": short, "long": {f"key{number}": short for number in range(10)}})
    assert '  "short": {"type": "integer", "minimum": 1},\n' in text
    assert '    "key9": {"type": "integer", "minimum": 1}\n' in text
    assert json.loads(text)["long"]["key3"] == short
