"""Definitions are made once, also where they refer to themselves."""

from __future__ import annotations

from trainctl.config.schema.definitions import Definitions, Schema, with_plain_references


def test_a_definition_is_made_on_first_use_and_once() -> None:
    definitions, made = Definitions(), []

    def make() -> Schema:
        made.append(1)
        return {"type": "integer"}

    assert definitions.refer("count", make) == definitions.refer("count", make) == {"$ref": "#/definitions/count"}
    assert made == [1]
    assert definitions.sorted() == {"count": {"type": "integer"}}


def test_a_definition_may_refer_to_itself() -> None:
    definitions = Definitions()

    def tree() -> Schema:
        return {"items": definitions.refer("tree", tree)}

    definitions.refer("tree", tree)
    assert definitions.sorted() == {"tree": {"items": {"$ref": "#/definitions/tree"}}}


def test_they_are_sorted_by_name() -> None:
    definitions = Definitions()
    for name in ("b", "a"):
        definitions.refer(name, dict)
    assert list(definitions.sorted()) == ["a", "b"]


def test_a_reference_beside_other_keywords_becomes_the_only_alternative() -> None:
    schema = {"properties": {"a": {"$ref": "#/definitions/b", "minimum": 1}, "c": {"$ref": "#/definitions/d"}}}
    assert with_plain_references(schema) == {
        "properties": {"a": {"anyOf": [{"$ref": "#/definitions/b"}], "minimum": 1}, "c": {"$ref": "#/definitions/d"}}
    }
