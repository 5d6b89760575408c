"""JSON that a person can read: what fits stands on one line, and it is the same JSON."""

from __future__ import annotations

import json

import pytest

from trainctl.config.schema import experiment_schema
from trainctl.config.schema.json_text import to_text

LONG = {"description": "x" * 70, "properties": {f"key{number}": {"type": "integer"} for number in range(6)}}


@pytest.mark.parametrize("value", [{}, [], None, "ä", LONG, [LONG, 1], {"a": [1] * 100}])
def test_it_reads_back_as_the_same(value: object) -> None:
    assert json.loads(to_text(value)) == value
    assert to_text(value).endswith("\n")


def test_what_fits_stands_on_one_line() -> None:
    assert to_text({"a": [1, {"b": "ü"}]}) == '{"a": [1, {"b": "ü"}]}\n'


def test_what_does_not_is_broken_by_its_keys() -> None:
    lines = to_text(LONG).splitlines()
    assert lines[0] == "{"
    assert lines[1].startswith('  "description": ')
    assert max(map(len, lines)) <= 120


def test_the_published_schema_reads_back() -> None:
    schema = experiment_schema()
    assert json.loads(to_text(schema)) == json.loads(json.dumps(schema))
