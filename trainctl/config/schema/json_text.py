"""Layout: JSON in which what fits stands on one line, so that the user can read the schema and its diffs."""

from __future__ import annotations

import json

from trainctl.aliases import Value

_WIDTH = 120  # columns


def to_text(value: Value) -> str:
    """`value` as JSON, ending in a newline."""
    return _lay_out(value, "", 0) + "\n"


def _lay_out(value: Value, margin: str, used: int) -> str:
    """`value` within `margin`, on one line where that fits beside the `used` columns."""
    line = json.dumps(value, ensure_ascii=False)
    if len(margin) + used + len(line) < _WIDTH or not isinstance(value, dict | list) or not value:
        return line
    inner = margin + "  "
    if isinstance(value, list):
        if not any(isinstance(item, dict | list) for item in value):
            return line
        return "[\n" + ",\n".join(inner + _lay_out(item, inner, 0) for item in value) + f"\n{margin}]"
    keys = [json.dumps(key, ensure_ascii=False) + ": " for key in value]
    items = zip(keys, value.values(), strict=True)
    return "{\n" + ",\n".join(inner + key + _lay_out(each, inner, len(key)) for key, each in items) + f"\n{margin}}}"
