"""Plain values against a fragment of JSON Schema."""

from typing import Any

import pytest

from trainctl.config.text.nodes import EnvText, Late
from trainctl.config.values import Mismatch, fit, fit_argument

INTEGER = {"type": "integer"}
NUMBER = {"type": "number"}
TEXT = {"type": "string"}
BOOLEAN = {"type": "boolean"}


@pytest.mark.parametrize(
    ("value", "schema", "becomes"),
    [
        (5, INTEGER, 5),
        (1e1, INTEGER, 10),
        ("10/2", INTEGER, 5),
        ("1/4", NUMBER, 0.25),
        (5, NUMBER, 5),
        ("1/4", TEXT, "1/4"),
        (1e1, {"anyOf": [TEXT, INTEGER]}, 10),
        (None, {"type": ["integer", "null"]}, None),
        (EnvText("5"), INTEGER, 5),
        (EnvText("5"), TEXT, "5"),
        (EnvText("true"), BOOLEAN, True),
        (EnvText("1/4"), NUMBER, 0.25),
        (EnvText("null"), {"type": ["integer", "null"]}, None),
        ("same", {"enum": ["same", "valid"]}, "same"),
        ([1, 2], {"type": "array", "items": INTEGER, "minItems": 2, "maxItems": 2}, [1, 2]),
        ({"a": 1}, {"type": "object"}, {"a": 1}),
        ("anything", {}, "anything"),
        (Late("${data.num_classes}"), INTEGER, Late("${data.num_classes}")),
    ],
)
def test_what_fits_becomes_what_is_wanted(value: Any, schema: dict[str, Any], becomes: Any) -> None:
    fitted = fit(value, schema)
    assert fitted == becomes
    assert type(fitted) is type(becomes) or isinstance(fitted, EnvText)


@pytest.mark.parametrize(
    ("value", "schema"),
    [
        ([3, []], {"type": "array", "items": INTEGER}),
        ([[], {}], {"type": "array", "items": INTEGER}),
        ("5", INTEGER),
        (True, INTEGER),
        (True, NUMBER),
        (1, BOOLEAN),
        ("yes", BOOLEAN),
        (1.5, INTEGER),
        ("1/0", NUMBER),
        ("1/3", INTEGER),
        (5, TEXT),
        (None, INTEGER),
        (0, {"type": "integer", "minimum": 1}),
        (1, {"type": "number", "exclusiveMaximum": 1}),
        (float("nan"), {"type": "number", "minimum": 0}),
        ("other", {"enum": ["same"]}),
        (1, {"enum": [True]}),
        ([1], {"type": "array", "minItems": 2}),
        (["a"], {"type": "array", "items": INTEGER}),
        ([], {"type": "object"}),
        (EnvText("five"), INTEGER),
    ],
)
def test_what_does_not_fit(value: Any, schema: dict[str, Any]) -> None:
    with pytest.raises(Mismatch):
        fit(value, schema)


def test_an_argument_of_keras_that_is_a_number_gets_a_float() -> None:
    assert isinstance(fit_argument(1, NUMBER), float)
    assert isinstance(fit_argument(1, {"type": ["number", "string"]}), int)


@pytest.mark.parametrize("types", [["number", "array"], ["number", "array", "null"]])
def test_fractions_in_a_list_of_numbers_are_numbers(types: list[str]) -> None:
    assert fit(["1/4", 0.5], {"type": types}) == [0.25, 0.5]


def test_fractions_in_a_list_of_anything_stay_text() -> None:
    assert fit(["1/4", "a"], {"type": ["array", "null"]}) == ["1/4", "a"]


def test_each_item_of_a_list_of_integers_is_read() -> None:
    assert fit([3.0, "6/2"], {"type": "array", "items": {"type": "integer"}}) == [3, 3]
