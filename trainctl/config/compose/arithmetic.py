"""Arithmetic inside `${…}`: `${vars.width * 2}`, `${min(vars.a, 8)}`, `${len(vars.sizes) - 1}`.

A reference may hold a digit between dots (`vars.sizes.0`), which Python would not parse. So each reference becomes a name of
its own first; what is left is checked and evaluated by the language of expressions.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sized
from dataclasses import dataclass, field

from trainctl.aliases import Value
from trainctl.components import expressions
from trainctl.config.text.nodes import Late

_SIGNS = re.compile(r"[+*/%(),<>\[\]]|\s|^-")
_REFERENCE = re.compile(r"\[[^\[\]]*\]|(?<![\w.])[^\W\d][\w]*(?:\.\w+)*(?![\w.]*\s*\()")
_WORDS = frozenset({"if", "else", "and", "or", "not", "True", "False", "None"})
_PLACE = re.compile(r"_known(\d+)_")


@dataclass(frozen=True, slots=True)
class Calculation:
    """The text inside one `${…}`, ready to be evaluated.

    Args:
        text: What is written, each reference replaced by a name.
        references: The references in the order of their names.
        lists: Lists written out, by their place in that order: a list known before the rest is.
    """

    text: str
    references: tuple[str, ...]
    lists: Mapping[int, list[Value]] = field(default_factory=dict)

    @classmethod
    def parse(cls, body: str) -> Calculation:
        """Read the text between `${` and `}`.

        Raises:
            ValueError: It is no arithmetic; the message says why.
        """
        found: list[str] = []
        lists: dict[int, list[Value]] = {}

        def place(match: re.Match[str]) -> str:
            if match[0] in _WORDS:
                return match[0]
            if match[0].startswith("["):
                lists[len(found)] = _read_list(match[0])
            found.append(match[0])
            return f"_known{len(found) - 1}_"

        calculation = cls(_REFERENCE.sub(place, body), tuple(found), lists)
        names = {f"_known{index}_" for index in range(len(found))}
        for problem in expressions.problems(calculation.text, names, ("len",)):
            raise ValueError(calculation.named(problem.message))
        return calculation

    def named(self, message: str) -> str:
        """Return a message about the text with the references as they are written."""
        return _PLACE.sub(lambda match: self.references[int(match[1])], message)

    def value(self, known: Mapping[str, Value]) -> Value:
        """Calculate.

        Args:
            known: The value of each reference.

        Raises:
            ValueError: It cannot be calculated; the message says why.
        """
        values = {
            f"_known{index}_": self.lists[index] if index in self.lists else known[name]
            for index, name in enumerate(self.references)
        }
        try:
            result = expressions.evaluator(self.text)(values, {"len": _length})
        except ValueError as error:
            raise ValueError(self.named(str(error))) from None
        if not isinstance(result, int | float):
            raise ValueError("the result is not a number; only numbers and lengths can be calculated with")
        return result

    def outside(self) -> Iterator[str]:
        """Yield the references, without lists that are written out."""
        yield from (name for index, name in enumerate(self.references) if index not in self.lists)


def is_arithmetic(body: str) -> bool:
    """Return whether the text inside `${…}` holds more than one reference's path could."""
    return _SIGNS.search(body) is not None


def references(body: str) -> list[str]:
    """Return what the text inside `${…}` refers to: itself, or each reference of its arithmetic."""
    if not is_arithmetic(body):
        return [body]
    return [found[0] for found in _REFERENCE.finditer(body) if found[0] not in _WORDS and not found[0].startswith("[")]


def with_values(body: str, known: Mapping[str, Value]) -> str:
    """Return the text inside `${…}` with the value of each reference that is `known` in its place."""

    def place(match: re.Match[str]) -> str:
        return _written(known[match[0]]) if match[0] in known else match[0]

    return _REFERENCE.sub(place, body)


def _written(value: Value) -> str:
    """Return a value as arithmetic can read it again; of what only has a length, a list of that length."""
    if isinstance(value, Late):
        return f"({value.text.removeprefix('${').removesuffix('}')})"
    if isinstance(value, list) and all(isinstance(each, int | float) for each in value):
        return json.dumps(value)
    return json.dumps([None] * len(value)) if isinstance(value, Sized) else f"({value!r})"


def _read_list(text: str) -> list[Value]:
    try:
        read: list[Value] = json.loads(text)
    except ValueError:
        raise ValueError(f"'{text}' is not allowed in an expression") from None
    return read


def _length(value: Value) -> int:
    if not isinstance(value, Sized):
        raise TypeError(f"len() takes a list, a mapping or a text, got {value}")
    return len(value)
