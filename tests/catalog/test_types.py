from typing import Any

import pytest

from trainctl.catalog.signature import MISSING
from trainctl.catalog.types import NOTHING, describe


@pytest.mark.parametrize(
    ("name", "default", "text", "schema"),
    [
        ("anything", MISSING, "", {}),
        ("anything", None, "A token.", {}),
        ("flag", True, "A scalar variable or none.", {"type": "boolean"}),
        ("count", 3, "Integer, how many.", {"type": "integer"}),
        ("count", 3, "How many.", {"type": "number"}),
        ("smoothing", 0, "(Optional) Float in `[0, 1]`.", {"type": "number"}),
        ("every", None, "Int or `None`. A float is no use.", {"type": ["integer", "null"]}),
        ("pair", (1, 2), "Int, or tuple of 2 ints.", {"type": ["array", "integer"]}),
        ("encoding", "utf-8", "", {"type": "string"}),
        ("path", None, "Optional. Either an array of strings or a string.", {"type": ["string", "array", "null"]}),
        ("units", MISSING, "Size.", {"type": "integer", "minimum": 1}),
        ("name", "dense", "", {"type": ["string", "null"]}),
        ("padding", 1, "Int, or tuple of int.", {"type": ["integer", "array"]}),
        ("padding", "valid", 'Case. `"valid"` or `"odd`".', {"enum": ["valid", "same", "odd"]}),
        ("padding", "valid", '"same" (case-insensitive).', {"enum": ["valid", "same", "VALID", "SAME"]}),
        ("average", None, '`None`, `"micro"`', {"enum": [None, "micro"]}),
        ("value", 0.0, "A Python scalar.", {}),
    ],
)
def test_plain_values(name: str, default: Any, text: str, schema: dict[str, Any]) -> None:
    assert describe("Thing", name, default, text) == (schema, ())


@pytest.mark.parametrize(
    ("name", "default", "schema", "kinds"),
    [
        ("kernel_initializer", "zeros", {"type": "null"}, ("initializer",)),
        ("bias_regularizer", None, {"type": "null"}, ("regularizer",)),
        ("recurrent_constraint", None, {"type": "null"}, ("constraint",)),
        ("activation", MISSING, {"type": "null"}, ("activation", "layer")),
        ("recurrent_activation", "tanh", {"type": "null"}, ("activation", "layer")),
        ("learning_rate", 0.001, {"type": "number"}, ("schedule",)),
        ("layer", MISSING, NOTHING, ("layer",)),
        ("backward_layer", None, {"enum": [None]}, ("layer",)),
        ("cell", MISSING, {"type": "array"}, ("layer",)),
    ],
)
def test_components(name: str, default: Any, schema: dict[str, Any], kinds: tuple[str, ...]) -> None:
    assert describe("Thing", name, default, "May be None.") == (schema, kinds)


def test_the_class_decides_before_the_name() -> None:
    assert describe("Dropout", "rate", MISSING, "")[0] == {"type": "number", "minimum": 0, "maximum": 1}
    assert describe("MinMaxNorm", "rate", 1.0, "")[0] == {"type": "number"}
