"""Values of a saved model → values as a person writes them: short numbers, one size for equal ones."""

from __future__ import annotations

import struct
from collections.abc import Mapping

from trainctl.aliases import Value

_DENOMINATORS = range(3, 1025)


def plain(value: Value) -> Value:
    """Return a saved value that holds no component: arrays as lists, dtypes by their name."""
    if isinstance(value, Mapping):
        match value.get("class_name"):
            case "__numpy__" | "__tensor__":
                return plain(value["config"]["value"])
            case "DTypePolicy":
                return value["config"]["name"]
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_shortened(each) if isinstance(each, float) else plain(each) for each in value]
    return _as_fraction(_shortened(value)) if isinstance(value, float) else value


def _shortened(value: float) -> float:
    """Return the shortest number that is the same in float32, where the file has one of those."""
    short = float(f"{value:.7g}")
    try:
        single = struct.pack("f", value)
        if struct.unpack("f", single)[0] == value and struct.pack("f", short) == single:
            return short
    except OverflowError:
        pass
    return value


def _as_fraction(value: float) -> float | str:
    """Return 1/255 as a person writes it."""
    if len(repr(value)) > 12 and value:
        denominator = round(1 / value)
        if denominator in _DENOMINATORS and 1 / denominator == value:
            return f"1/{denominator}"
    return value


def as_size(value: Value) -> Value:
    """Return one number for equal ones: `[3, 3]` is 3, as in a kernel's size."""
    is_sizes = isinstance(value, list) and bool(value) and all(type(each) is int for each in value)
    return value[0] if is_sizes and len(set(value)) == 1 else value


def is_same(one: Value, other: Value) -> bool:
    """Return whether two values mean the same as an argument: `[-1]` and -1, `[1, 1]` and 1, 1 and 1.0."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    return bool(_alone(one) == _alone(other))


def _alone(value: Value) -> Value:
    if isinstance(value, list | tuple):
        items = [_alone(each) for each in value]
        return (
            items[0] if items and all(each == items[0] for each in items) and not isinstance(items[0], list) else items
        )
    return value
