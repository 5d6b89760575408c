"""Words for people: types, lists, the nearest name, numbers and durations. Pure functions of their arguments."""

from __future__ import annotations

import difflib
import json
import unicodedata
from collections.abc import Iterable, Mapping

from trainctl.aliases import Value


def nearest(word: str, names: Iterable[str]) -> str | None:
    """The one of `names` that a person who wrote `word` most likely meant, or `None`."""
    # Of names alike but for their case (`relu`, `ReLU`) the one written as `word` is written counts.
    by_folded = {_fold(name): name for name in sorted(names, key=lambda name: name[:1].isupper() == word[:1].isupper())}
    if _fold(word) in by_folded:
        return by_folded[_fold(word)]
    close = difflib.get_close_matches(_fold(word), by_folded, n=1, cutoff=0.7)
    return by_folded[close[0]] if close else None


def _fold(word: str) -> str:
    return word.replace("_", "").replace("-", "").lower()


def one_of(items: Iterable[Value], conjunction: str = "or") -> str:
    """`a, b or c`."""
    words = [str(item) for item in items]
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {conjunction} {words[-1]}"


def plural(count: int, noun: str) -> str:
    """`1 error`, `2 errors`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}{'es' if noun.endswith('s') else 's'}"


def cap_words(name: str) -> str:
    """`my_MNIST` as `MyMNIST`: each word's first letter is raised, the others stay as they are."""
    return "".join(word[:1].upper() + word[1:] for word in name.split("_"))


def literal(value: Value) -> str:
    """A value as a person would write it in YAML: `null`, `true`, `'text'`, `[1, 2]`; long ones are cut."""
    if isinstance(value, str):
        text = f"'{printable(value)}'"
    elif isinstance(value, float):
        text = f"{value:g}" if float(f"{value:g}") == value else repr(value)
    else:
        try:
            text = printable(json.dumps(value, ensure_ascii=False))
        except (TypeError, ValueError):
            text = printable(str(value))
    return text if len(text) <= 60 else text[:57] + "…" + text[-1]


def printable(text: str) -> str:
    """The text with control characters and direction overrides escaped, so that a file cannot drive a terminal."""
    return "".join(c if unicodedata.category(c) not in {"Cc", "Cf", "Cs"} else _escaped(c) for c in text)


def _escaped(character: str) -> str:
    code = ord(character)
    return {"\n": "\\n", "\t": "\\t", "\r": "\\r"}.get(character) or (
        f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"
    )


def type_words(schema: Mapping[str, Value]) -> str:
    """A JSON Schema fragment in words: "an integer ≥ 0", "one of 'auto', 'min' or 'max'", "a list of numbers"."""
    if "description_of_type" in schema:
        return str(schema["description_of_type"])
    if "anyOf" in schema:
        return _alternatives([type_words(option) for option in schema["anyOf"]])
    if "enum" in schema:
        return ("one of " if len(schema["enum"]) > 1 else "") + one_of(map(literal, schema["enum"]))
    if "const" in schema:
        return literal(schema["const"])
    kind = schema.get("type")
    if isinstance(kind, list):
        return _alternatives([type_words({**schema, "type": each}) for each in kind])
    match kind:
        case "integer" | "number":
            return ("an integer" if kind == "integer" else "a number") + _bounds(schema)
        case "boolean":
            return "true or false"
        case "null":
            return "null"
        case "string":
            return _text_words(schema)
        case "array":
            items = schema.get("items") or {}
            filled = "non-empty " if schema.get("minItems") else ""
            return f"a {filled}list of {_plural_type(type_words(items))}" if items else f"a {filled}list"
        case "object":
            return "a mapping"
    return "any value"


def _text_words(schema: Mapping[str, Value]) -> str:
    if "pattern" in schema:
        return f"text of the form {schema['pattern']}"
    shortest = schema.get("minLength", 0)
    if shortest and shortest == schema.get("maxLength"):
        return f"text of {plural(shortest, 'character')}"
    return "non-empty text" if shortest else "text"


def _alternatives(words: Iterable[str]) -> str:
    distinct = list(dict.fromkeys(words))
    if "null" in distinct:  # "an integer or null" reads better than "null or an integer"
        distinct = [word for word in distinct if word != "null"] + ["null"]
    return one_of(distinct)


def _bounds(schema: Mapping[str, Value]) -> str:
    low = [f"≥ {literal(schema['minimum'])}"] if "minimum" in schema else []
    low += [f"> {literal(schema['exclusiveMinimum'])}"] if "exclusiveMinimum" in schema else []
    high = [f"≤ {literal(schema['maximum'])}"] if "maximum" in schema else []
    high += [f"< {literal(schema['exclusiveMaximum'])}"] if "exclusiveMaximum" in schema else []
    bounds = " and ".join(low + high)
    return f" {bounds}" if bounds else ""


def _plural_type(words: str) -> str:
    return {
        "an integer": "integers",
        "a number": "numbers",
        "text": "texts",
        "any value": "values",
        "a mapping": "mappings",
        "a list": "lists",
    }.get(words, words)


def duration(seconds: float) -> str:
    """`3.2 s`, `1:05 min`, `2:03:10 h`."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d} h" if hours else f"{minutes}:{rest:02d} min"


def number(value: float) -> str:
    """A metric for people: four significant digits, `nan` and `inf` as such."""
    return (
        f"{value:.4g}" if abs(value) < 1e-3 and value != 0 else f"{value:.4f}" if abs(value) < 1000 else f"{value:.5g}"
    )
