"""Text for people: types, lists, the nearest name, numbers and durations. Pure functions of their arguments."""

from __future__ import annotations

import difflib
import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from itertools import islice

from trainctl import limits
from trainctl.aliases import Value
from trainctl.masking import mask


def nearest(word: str, names: Iterable[str]) -> str | None:
    """Return the one of `names` that `word` most likely stands for, or `None`."""
    if len(word) > limits.LONGEST_NAME:
        return None
    names = list(islice(names, limits.SIMILAR_NAMES))
    # Of names that differ only in case (`relu`, `ReLU`), the one with the case of `word` wins.
    by_folded = {
        folded(name): name for name in sorted(names, key=lambda name: name[:1].isupper() == word[:1].isupper())
    }
    start = folded(word)
    if start in by_folded:
        return by_folded[start]
    close = difflib.get_close_matches(start, by_folded, n=1, cutoff=0.7)
    if close:
        return by_folded[close[0]]
    begun = [name for name in by_folded if name.startswith(start)] if len(start) >= _SHORTEST_BEGINNING else []
    return by_folded[begun[0]] if len(begun) == 1 else None


def sole_match(word: str, names: Iterable[str]) -> str | None:
    """Return the one of `names` that `word` is a slip of the pen for, or cuts short; `None` where another may be meant.

    A name that is only like it may be the name of something else: RAdam is not Adam, BiLSTM not LSTM, `val_mae` not
    `val_mse`. So at most one letter is wrong, or two are swapped, within a word that is not short.
    """
    if len(word) > limits.LONGEST_NAME:
        return None
    names = list(islice(names, limits.SIMILAR_NAMES))
    found = [name for name in names if folded(name) == folded(word)]
    if not found:
        found = [name for name in names if _slip(word, name) is not None]
        is_sure = all(_is_within_a_word(word, name) for name in found)
        if not found and len(word) >= _SHORTEST_BEGINNING:
            found = [name for name in names if name.lower().startswith(word.lower())]
            is_sure = all(name[len(word) :][:1].islower() for name in found)  # behind a whole word, more may be meant
        if not is_sure or len({folded(name) for name in found}) > 1:
            return None
    return nearest(word, found)


def _slip(word: str, name: str) -> tuple[int, str, str] | None:
    """Return the place at which `word` differs from `name`, and what each has there: a letter at most, or two swapped."""
    wrong, right = word.lower(), name.lower()
    head = _alike(wrong, right)
    tail = _alike(wrong[head:][::-1], right[head:][::-1])
    there, meant = wrong[head : len(wrong) - tail], right[head : len(right) - tail]
    is_slip = max(len(there), len(meant)) <= 1 or (len(there) == len(meant) == 2 and there == meant[::-1])
    return (head, there, meant) if is_slip else None


def _alike(one: str, other: str) -> int:
    """Return how many characters both begin with."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((place for place, (a, b) in pairs if a != b), min(len(one), len(other)))


def _is_within_a_word(word: str, name: str) -> bool:
    """Return whether a slip lies behind the first letter of a word of `name`, before the last, and not in a number."""
    slip = _slip(word, name)
    if slip is None:
        return False
    place, there, meant = slip
    begin, end = next((each.span() for each in _WORD.finditer(name) if each.start() <= place <= each.end()), (0, 0))
    is_inside = begin < place and (place + len(meant) < end or name.lower().startswith(word.lower()))
    return is_inside and end - begin >= _SHORTEST_BEGINNING and (there + meant).isalpha()


_WORD = re.compile(r"[^\W_]+")
_SHORTEST_BEGINNING = 5  # characters of `BatchNorm`, for `BatchNormalization`; in shorter words, one makes another word


def folded(word: str) -> str:
    """Return the word without capitals, `_` and `-`, which people mix up most."""
    return word.replace("_", "").replace("-", "").lower()


def one_of(items: Iterable[Value], conjunction: str = "or") -> str:
    """Return the items as a list in a sentence: `a, b or c`."""
    words = [str(item) for item in items]
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {conjunction} {words[-1]}"


def plural(count: int, noun: str) -> str:
    """Return the count with its noun: `1 error`, `2 errors`."""
    return f"{count:,} {noun if count == 1 else several(noun)}"


def several(noun: str) -> str:
    """Return the plural of a noun: `errors`, `losses`."""
    return f"{noun}{'es' if noun.endswith('s') else 's'}"


def cap_words(name: str) -> str:
    """Return `my_MNIST` as `MyMNIST`: capitalize the first letter of each word and keep the others."""
    return "".join(word[:1].upper() + word[1:] for word in name.split("_"))


def literal(value: Value) -> str:
    """Return a value as it would be written in YAML: `null`, `true`, `'text'`, `[1, 2]`; long values are cut."""
    if isinstance(value, str):
        text = f"'{_begun(value)}'"
    elif isinstance(value, float):
        text = f"{value:g}" if float(f"{value:g}") == value else repr(value)
    else:
        try:
            text = _begun(json.dumps(value, ensure_ascii=False))
        except (TypeError, ValueError):
            text = _begun(str(value))
    return text if len(text) <= _LITERAL else text[: _LITERAL - 3] + "…" + text[-1]


_LITERAL = 60


def _begun(text: str) -> str:
    """As much of the printable text as may be shown and, if there is more, its end."""
    text = mask(text)
    return printable(text if len(text) <= 2 * _LITERAL else text[:_LITERAL] + text[-1])


def printable(text: str) -> str:
    """Return the text with control characters and direction overrides escaped, so that a file cannot control a terminal."""
    text = mask(text)
    if text.isprintable():
        return text
    return "".join(c if unicodedata.category(c) not in {"Cc", "Cf", "Cs"} else _escape(c) for c in text)


def _escape(character: str) -> str:
    code = ord(character)
    return {"\n": "\\n", "\t": "\\t", "\r": "\\r"}.get(character) or (
        f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"
    )


def type_words(schema: Mapping[str, Value]) -> str:
    """Return a JSON Schema fragment in words: "an integer ≥ 0", "one of 'auto', 'min' or 'max'", "a list of numbers"."""
    if "description_of_type" in schema:
        return str(schema["description_of_type"])
    if "anyOf" in schema:
        return _join_alternatives([type_words(option) for option in schema["anyOf"]])
    if "enum" in schema:
        return ("one of " if len(schema["enum"]) > 1 else "") + one_of(map(literal, schema["enum"]))
    if "const" in schema:
        return literal(schema["const"])
    match schema.get("type"):
        case list() as kinds:
            return _join_alternatives([type_words({**schema, "type": each}) for each in kinds])
        case "integer":
            return f"an integer{_describe_bounds(schema)}"
        case "number":
            return f"a number{_describe_bounds(schema)}"
        case "string":
            return _describe_text(schema)
        case "array":
            return _list_words(schema)
        case kind:
            return _PLAIN_TYPES.get(str(kind), "any value")


_PLAIN_TYPES = {"boolean": "true or false", "null": "null", "object": "a mapping"}


def _list_words(schema: Mapping[str, Value]) -> str:
    items = schema.get("items") or {}
    words = "a non-empty list" if schema.get("minItems") else "a list"
    return f"{words} of {_pluralize_type(type_words(items))}" if items else words


def _describe_text(schema: Mapping[str, Value]) -> str:
    if "pattern" in schema:
        return f"text that matches {schema['pattern']}"
    shortest = schema.get("minLength", 0)
    if shortest and shortest == schema.get("maxLength"):
        return f"text of {plural(shortest, 'character')}"
    return "non-empty text" if shortest else "text"


def _join_alternatives(words: Iterable[str]) -> str:
    distinct = list(dict.fromkeys(words))
    if "null" not in distinct:
        return one_of(distinct)
    others = one_of(word for word in distinct if word != "null")
    return f"{others}, or null" if " and " in others or " or " in others else f"{others} or null" if others else "null"


def _describe_bounds(schema: Mapping[str, Value]) -> str:
    low = [f"≥ {literal(schema['minimum'])}"] if "minimum" in schema else []
    low += [f"> {literal(schema['exclusiveMinimum'])}"] if "exclusiveMinimum" in schema else []
    high = [f"≤ {literal(schema['maximum'])}"] if "maximum" in schema else []
    high += [f"< {literal(schema['exclusiveMaximum'])}"] if "exclusiveMaximum" in schema else []
    bounds = " and ".join(low + high)
    return f" {bounds}" if bounds else ""


def range_words(schema: Mapping[str, Value]) -> str | None:
    """Return the bounds of a number: "between 0 and 1", "at least 1"; `None` if there are none, or several kinds."""
    bounded = [option for option in (schema, *schema.get("anyOf", ())) if _describe_bounds(option)]
    if len(bounded) != 1:
        return None
    low, low_open = bounded[0].get("minimum"), bounded[0].get("exclusiveMinimum")
    high, high_open = bounded[0].get("maximum"), bounded[0].get("exclusiveMaximum")
    for least, most in ((low, high), (low_open, high_open)):
        if least is not None and most is not None:
            return f"between {literal(least)} and {literal(most)}"
    words = {"at least": low, "greater than": low_open, "at most": high, "less than": high_open}
    return " and ".join(f"{word} {literal(bound)}" for word, bound in words.items() if bound is not None)


def _pluralize_type(words: str) -> str:
    return {
        "an integer": "integers",
        "a number": "numbers",
        "text": "texts",
        "any value": "values",
        "a mapping": "mappings",
        "a list": "lists",
    }.get(words, words)


def format_duration(seconds: float) -> str:
    """Return a duration with units: `3.2 s`, `1 min 5 s`, `2 h 3 min 10 s`."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    units = ((hours, "h"), (minutes, "min"), (rest, "s"))
    return " ".join(f"{count} {unit}" for count, unit in units if count)


_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(s|min|m|h|d|w)")
_UNITS = {"s": 1, "m": 60, "min": 60, "h": 3_600, "d": 86_400, "w": 604_800}  # seconds


def parse_duration(text: str) -> float | None:
    """Return the seconds that `90s`, `5min`, `2h` or `7d` means; `None` if it is not a duration."""
    match = _DURATION.fullmatch(text.strip())
    return None if match is None else float(match[1]) * _UNITS[match[2]]


def format_age(seconds: float) -> str:
    """Return how long ago something was, in its largest unit: `45 s`, `3 min`, `2 h`, `12 d`."""
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{int(seconds // size):,} {unit}"
    return f"{max(0, int(seconds))} s"


def format_bytes(count: float) -> str:
    """Return a size with its unit, in powers of 1,000: `512 B`, `1.4 MB`."""
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1_000:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1_000
    return f"{count:,.1f} TB"


def format_number(value: float) -> str:
    """Return a metric for people: four significant digits, `nan` and `inf` as such."""
    return (
        f"{value:.4g}" if abs(value) < 1e-3 and value != 0 else f"{value:.4f}" if abs(value) < 1000 else f"{value:.5g}"
    )
