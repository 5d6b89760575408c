"""Plain values in the published schema: what a setting takes, and `${…}` and `1/255` besides."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from trainctl.aliases import Value
from trainctl.components.fields import FRACTION
from trainctl.config.schema.definitions import Definitions, Schema
from trainctl.text import type_words

REFERENCE = r"(^|[^$])\$\{[^${}]*\}"
"""Matches text that holds a `${…}`: what it becomes, only `validate` can tell."""

# Text last and null first: yaml-language-server makes snippets from the first type.
_TYPES = ("null", "integer", "number", "boolean", "array", "object", "string")
_NESTED = ("items", "additionalProperties")
_ABOUT = ("type", "description", "default", "examples", "format")  # said elsewhere, or words of ours
_LONGEST_TEXT = 300  # characters


def or_reference(expression: re.Pattern[str]) -> str:
    """Return a pattern for text that `expression` matches as a whole, or that holds a `${…}`."""
    unnamed = re.sub(r"\?P<\w+>", "", expression.pattern)  # named groups are spelled otherwise in JSON Schema
    return f"^{unnamed}$|{REFERENCE}"


def scalar(definitions: Definitions, types: Sequence[str]) -> Schema:
    """Return the schema of one of the JSON `types`, or text with a `${…}`; a number may be a fraction such as `1/255`.

    Args:
        definitions: Where it is defined, since most settings share a few of these.
        types: JSON types; none for `${…}` alone.
    """
    kinds = [each for each in _TYPES if each in types]
    if "string" in kinds:
        return definitions.refer("-or-".join(kinds), lambda: {"type": kinds if len(kinds) > 1 else "string"})
    has_number = not {"integer", "number"}.isdisjoint(kinds)
    expected = f"{type_words({'type': kinds})} or ${{…}}" if kinds else "${…}"
    return definitions.refer(
        "-or-".join(kinds) or "reference",
        lambda: {
            "type": [*kinds, "string"],
            "pattern": or_reference(FRACTION) if has_number else REFERENCE,
            "patternErrorMessage": f"Expected {expected}.",
        },
    )


def value(definitions: Definitions, fragment: Mapping[str, Value]) -> Schema:
    """Return what the settings' own `fragment` of JSON Schema takes, or text with a `${…}`."""
    options = list(fragment.get("anyOf", [fragment]))
    if any(not _read_constraints(option) for option in options):
        return {}
    choices = [choice for option in options for choice in _read_choices(option)]
    narrow = [dict(option) for option in options if _is_narrow_text(option)]
    others = [option for option in options if not _read_choices(option) and not _is_narrow_text(option)]
    alternatives = [*([{"enum": choices}] if choices else []), *narrow, _merge_options(definitions, others)]
    return alternatives[0] if len(alternatives) == 1 else {"anyOf": alternatives}


def brief(text: str) -> str:
    """Return the first paragraph on one line, cut after a sentence where it is long."""
    line = " ".join(text.strip().split("\n\n", 1)[0].split())
    if len(line) <= _LONGEST_TEXT:
        return line
    sentence, stop, _ = line[:_LONGEST_TEXT].rpartition(". ")
    return sentence + "." if stop else line[:_LONGEST_TEXT].rsplit(" ", 1)[0] + " …"


def _read_constraints(option: Mapping[str, Value]) -> bool:
    return any(key in option for key in ("type", "enum", "const"))


def _read_choices(option: Mapping[str, Value]) -> list[Value]:
    return list(option["enum"]) if "enum" in option else [option["const"]] if "const" in option else []


def _is_narrow_text(option: Mapping[str, Value]) -> bool:
    """Return whether it is text that a `${…}` may not fit, and which therefore stands apart."""
    return option.get("type") == "string" and not {"pattern", "maxLength"}.isdisjoint(option)


def _merge_options(definitions: Definitions, options: Sequence[Mapping[str, Value]]) -> Schema:
    """Return the options as one schema. Their types differ, and each keyword of JSON Schema speaks to one type only."""
    types = [kind for option in options for kind in _list_options(option["type"])]
    schema = scalar(definitions, types)
    for option in options:
        for key, constraint in option.items():
            if key in _NESTED and isinstance(constraint, dict):
                schema[key] = value(definitions, constraint)
            elif key == "properties":
                schema[key] = {name: {**value(definitions, each), **_told(each)} for name, each in constraint.items()}
            elif key == "prefixItems":
                schema["items"] = [value(definitions, item) for item in constraint]
            elif key not in _ABOUT:
                schema[key] = constraint
    return schema


def _told(fragment: Mapping[str, Value]) -> Schema:
    return {"description": fragment["description"]} if "description" in fragment else {}


def _list_options(types: Any) -> list[str]:
    return [types] if isinstance(types, str) else list(types)


def mapping(text: str, properties: Schema, required: Sequence[str] = ()) -> Schema:
    """Return a mapping closed to other keys, or a `${…}`; null where no key is required.

    Args:
        text: Its description.
        properties: The schema of each key's value.
        required: The keys that must be there.
    """
    return {
        "description": text,
        "type": ["object", "string"] if required else ["null", "object", "string"],
        "pattern": REFERENCE,
        "patternErrorMessage": "Expected a mapping or ${…}.",
        "properties": properties,
        "additionalProperties": False,
        **({"required": list(required)} if required else {}),
    }
