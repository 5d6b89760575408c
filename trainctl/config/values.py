"""Plain values against a JSON Schema fragment: whether they fit, and what they become."""

from __future__ import annotations

from collections.abc import Mapping

from trainctl.aliases import Value
from trainctl.components.fields import as_integer, as_number
from trainctl.config.text.nodes import EnvText, Late
from trainctl.config.text.scalars import parse_scalar


class Failed:
    """Stands for a value whose problem is already reported, so that it is not reported twice."""


FAILED = Failed()


class Mismatch(Exception):
    """The value does not fit."""


def fit(value: Value, schema: Mapping[str, Value]) -> Value:
    """Return `value` in the form that the schema accepts; `1/255` and `1e1` are numbers unless the target is text.

    Raises:
        Mismatch: It does not fit, whichever way it is read.
    """
    if isinstance(value, list) and "number" in schema.get(
        "type", ()
    ):  # a list of numbers, though the schema cannot say it
        value = [as_number(each) for each in value]
    if isinstance(value, Late) or accepts(schema, value):
        return value
    for read in readings(value):
        if accepts(schema, read):
            return read
    raise Mismatch


def fit_argument(value: Value, schema: Mapping[str, Value]) -> Value:
    """Fit a Keras argument: like `fit`, but an integer becomes a float if only a number is accepted.

    Raises:
        Mismatch: It does not fit, whichever way it is read.
    """
    value = fit(value, schema)
    is_integer = isinstance(value, int) and not isinstance(value, bool)
    return float(value) if is_integer and schema.get("type") == "number" else value


def readings(value: Value) -> list[Value]:
    """Yield other readings of a scalar or list: text from the environment as in YAML, fractions and `1e1`."""
    if isinstance(value, list):
        return [list(items) for items in zip(*map(readings, value), strict=True)] or [[], [], []]
    if isinstance(value, EnvText):
        value = parse_scalar(str(value))
    return [value, as_number(value), as_integer(value)]


def accepts(schema: Mapping[str, Value], value: Value) -> bool:
    """Return whether `value` fits the fragment. Knows the keywords that the catalog and our specs use."""
    if isinstance(value, Late):
        return True
    if "anyOf" in schema:
        return any(accepts(option, value) for option in schema["anyOf"])
    if "const" in schema:
        return bool(value == schema["const"])
    if "enum" in schema and not any(type(value) is type(each) and value == each for each in schema["enum"]):
        return isinstance(value, str) and value in schema["enum"]
    kinds = schema.get("type")
    return kinds is None or any(_is_in_bounds(schema, kind, value) for kind in _fit_items(kinds))


def _fit_items(kinds: str | list[str]) -> list[str]:
    return kinds if isinstance(kinds, list) else [kinds]


def _is_in_bounds(schema: Mapping[str, Value], kind: str, value: Value) -> bool:
    return _is(kind, value) and _in_bounds(schema, value)


def _is(kind: str, value: Value) -> bool:
    match kind:
        case "null":
            return value is None
        case "boolean":
            return isinstance(value, bool)
        case "integer":
            return isinstance(value, int) and not isinstance(value, bool)
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "string":
            return isinstance(value, str)
        case "array":
            return isinstance(value, list | tuple)
        case _:
            return isinstance(value, Mapping)


def _in_bounds(schema: Mapping[str, Value], value: Value) -> bool:
    if isinstance(value, list | tuple):
        items = schema.get("items")
        low, high = schema.get("minItems", 0), schema.get("maxItems", len(value))
        return low <= len(value) <= high and (items is None or all(accepts(items, each) for each in value))
    if isinstance(value, bool) or not isinstance(value, int | float):
        return True
    return (
        value >= schema.get("minimum", value)
        and value <= schema.get("maximum", value)
        and ("exclusiveMinimum" not in schema or value > schema["exclusiveMinimum"])
        and ("exclusiveMaximum" not in schema or value < schema["exclusiveMaximum"])
    )
