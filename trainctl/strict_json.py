"""JSON that every program can read: without NaN and infinity, which Python's own writer lets through."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import PurePath

from trainctl.aliases import Value
from trainctl.masking import mask

_NUMBERS = frozenset("biuf")  # kinds of NumPy types


def to_json(value: Value, *, indent: int | None = None, escaped: bool = False) -> str:
    """`value` as JSON, with null for what is not a number, and as text what JSON knows nothing of, such as paths.

    Args:
        value: Anything.
        indent: Spaces a level; `None` for one line.
        escaped: Whether it is ASCII alone, for a stream that may not show every character.
    """
    return json.dumps(without_nan(value), indent=indent, ensure_ascii=escaped, allow_nan=False, default=str)


def without_nan(value: Value) -> Value:
    """Return the value with null for NaN and infinity, and NumPy's numbers as Python's."""
    value = _convert_plain(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): without_nan(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [without_nan(each) for each in value]
    return mask(str(value)) if isinstance(value, str | PurePath) else value


def _convert_plain(value: Value) -> Value:
    """Return a number of NumPy's as Python's own, of which float32 is none; nothing here is to load NumPy for it."""
    is_number = getattr(getattr(value, "dtype", None), "kind", "") in _NUMBERS and value.shape == ()
    return value.item() if is_number else value
