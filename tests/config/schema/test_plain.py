"""Plain values in the published schema: each takes its type, a `${…}`, and a fraction where a number may stand."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema import Draft7Validator

from trainctl.config.schema.definitions import Definitions, with_plain_references
from trainctl.config.schema.plain import brief, mapping, scalar, value


def is_valid(schema: dict[str, Any], definitions: Definitions, instance: Any) -> bool:
    return Draft7Validator(with_plain_references({**schema, "definitions": definitions.sorted()})).is_valid(instance)


@pytest.mark.parametrize(
    ("types", "good", "bad"),
    [
        (["integer"], [1, "1/2", "${vars.n}"], ["many", 1.5, None]),
        (["number", "null"], [0.5, None, "-1/3"], ["half", True]),
        (["boolean"], [True, "${vars.b}"], ["yes", 1]),
        (["string"], ["", "text"], [3]),
        ([], ["${vars.a}"], ["text", 3]),
    ],
)
def test_a_scalar(types: list[str], good: list[Any], bad: list[Any]) -> None:
    definitions = Definitions()
    schema = scalar(definitions, types)
    assert [is_valid(schema, definitions, each) for each in (*good, *bad)] == [True] * len(good) + [False] * len(bad)


def test_a_fragment_without_a_type_takes_anything() -> None:
    assert value(Definitions(), {"description": "x"}) == {}


def test_items_are_checked_too() -> None:
    definitions = Definitions()
    schema = value(definitions, {"type": "array", "items": {"type": "integer"}, "minItems": 1})
    assert [is_valid(schema, definitions, each) for each in ([1, "4/2"], [], ["x"])] == [True, False, False]


def test_a_mapping_is_closed_and_null_only_where_nothing_is_required() -> None:
    definitions = Definitions()
    open_, closed = mapping("", {"a": {}}), mapping("", {"a": {}}, ["a"])
    assert [is_valid(open_, definitions, each) for each in ({}, {"a": 1}, {"b": 1}, None)] == [True, True, False, True]
    assert [is_valid(closed, definitions, each) for each in ({}, {"a": 1}, None)] == [False, True, False]


def test_a_long_text_ends_after_a_sentence() -> None:
    assert brief("One.\n\nTwo.") == "One."
    assert brief("Short sentence. " * 40).endswith("sentence.")
    assert len(brief("word " * 200)) <= 302
