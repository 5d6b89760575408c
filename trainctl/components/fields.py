"""Types for the fields of specs: strict, except that `1/255` and `1e1` are numbers.

Strict, because `"10"` or `no` in a config is far more often a mistake than intended; the error names the fix.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, GetCoreSchemaHandler
from pydantic_core import core_schema

from trainctl.aliases import Value
from trainctl.components.column_kind import ColumnKind
from trainctl.files import home_expanded


class ArgumentError(ValueError):
    """A value that a validator of a spec refuses, with the words of its diagnostic.

    Args:
        code: The diagnostic's code.
        message: What is wrong.
        word: The word of the value to point at.
        field: The field to point at, where a rule is over several.
        hint: What to do.
    """

    def __init__(
        self, code: str, message: str, *, word: str = "", field: str | None = None, hint: str | None = None
    ) -> None:
        super().__init__(message)
        self.code, self.message = code, message
        self.word, self.field, self.hint = word, field, hint


FRACTION = re.compile(r"\s*([-+]?\d+(?:\.\d*)?(?:[eE][-+]?\d+)?)\s*/\s*(\d+(?:\.\d*)?(?:[eE][-+]?\d+)?)\s*")


def as_number(value: Value) -> Value:
    """`'1/255'` as the number it names, and `10.0` unchanged; anything else as it came."""
    match = FRACTION.fullmatch(value) if isinstance(value, str) else None
    if match is None or float(match[2]) == 0:
        return value
    return float(match[1]) / float(match[2])


def as_integer(value: Value) -> Value:
    """`1e1` and `10/2` as the integers they are; anything else as it came."""
    value = as_number(value)
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _as_tuple(value: Value) -> Value:
    return tuple(value) if isinstance(value, list) else value


_HEX = re.compile(r"#[0-9a-fA-F]{6}")


def _as_color(value: Value) -> Value:
    """Red, green and blue of a color that is written as `#ff8000`, or as its three numbers."""
    if isinstance(value, str) and _HEX.fullmatch(value):
        return tuple(bytes.fromhex(value[1:]))
    levels = [as_integer(each) for each in value] if isinstance(value, list | tuple) else []
    if len(levels) != 3 or not all(type(each) is int and 0 <= each <= 255 for each in levels):
        raise ArgumentError("wrong-value", f"must be a color, got {value!r}", hint='write "#ff8000" or [255, 128, 0]')
    return tuple(levels)


def _as_bounds(value: Value) -> Value:
    """A list of two numbers, the lower one first, as a tuple."""
    numbers = [as_number(each) for each in value] if isinstance(value, list) else []
    known = [each for each in numbers if isinstance(each, int | float) and not isinstance(each, bool)]
    if len(numbers) != 2 or not known or len(known) != 2 - numbers.count(None):
        raise ArgumentError(
            "wrong-value", f"must be two numbers [lowest, highest], got {value!r}", hint="write [0, 100]"
        )
    if known != sorted(set(known)):
        raise ArgumentError("wrong-value", f"the first number must be the lower one, got {value!r}")
    return tuple(float(each) if each is not None else None for each in numbers)


Integer = Annotated[int, Field(strict=True), BeforeValidator(as_integer, json_schema_input_type=int)]
Number = Annotated[float, Field(strict=True), BeforeValidator(as_number, json_schema_input_type=float)]
Boolean = Annotated[bool, Field(strict=True)]
Text = Annotated[str, Field(strict=True)]
Separator = Annotated[str, Field(strict=True, min_length=1, max_length=1, pattern=r'^[^"\r\n\x00]$')]


def _known_encoding(value: str) -> str:
    try:
        "".encode(value)  # not all that is registered is for text
        return codecs.lookup(value).name
    except LookupError:
        raise ValueError(
            f"unknown encoding {value!r}; common encodings are utf-8, latin-1, cp1252 and utf-16"
        ) from None


@dataclass(frozen=True, slots=True)
class InputPath:
    """Marks a field as a path to read: relative to the file in which it is written, absolute once loaded."""


@dataclass(frozen=True, slots=True)
class OutputPath:
    """Marks a field as a path to write: relative to the run directory, which it may not leave.

    Args:
        grows: Whether it is a file that is appended to during the run, and so cut back to the snapshot on resume.
    """

    grows: bool = False


@dataclass(frozen=True, slots=True)
class Made:
    """Marks a field whose value is made and checked before pydantic sees it, such as a component of Keras."""

    def __get_pydantic_core_schema__(self, _kind: type, _handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.any_schema()


@dataclass(frozen=True, slots=True)
class Slot:
    """Marks a field as a place for components.

    Args:
        kinds: Which kinds may stand here, such as `optimizer`.
        many: Whether a list of them stands here.
        plain: Whether other values may stand here too, which the field's own type checks.
        by_output: Whether a mapping of the model's outputs to them may stand here as well.
        beside: The lower-case keys that may be beside the component, each with the JSON Schema of its value.
    """

    kinds: tuple[str, ...]
    many: bool = False
    plain: bool = False
    by_output: bool = False
    beside: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)


_KINDS: dict[str, ColumnKind] = {
    **{kind.value: kind for kind in ColumnKind},
    "number": ColumnKind.NUMERIC,
    "category": ColumnKind.CATEGORICAL,
    "bool": ColumnKind.BOOLEAN,
    "datetime": ColumnKind.DATE,
}

Kind = Annotated[
    ColumnKind,
    BeforeValidator(
        lambda value: _KINDS.get(value, value) if isinstance(value, str) else value,
        json_schema_input_type=Literal[
            "numeric", "number", "categorical", "category", "boolean", "bool", "date", "datetime", "text"
        ],
    ),
]
"""What a column of a table holds, under any of its usual names."""

Encoding = Annotated[str, Field(strict=True, min_length=1), AfterValidator(_known_encoding)]
"""How a text file stands for characters as bytes: the name that Python has for it."""
InputFile = Annotated[str, Field(strict=True, min_length=1), InputPath()]
OutputFile = Annotated[str, Field(strict=True, min_length=1), AfterValidator(home_expanded), OutputPath()]
GrowingFile = Annotated[str, Field(strict=True, min_length=1), AfterValidator(home_expanded), OutputPath(grows=True)]
Texts = Annotated[tuple[Text, ...], BeforeValidator(_as_tuple, json_schema_input_type=Sequence[str])]
Sizes = Annotated[
    tuple[Annotated[Integer, Field(ge=1)], ...], BeforeValidator(_as_tuple, json_schema_input_type=Sequence[int])
]
"""A shape: sizes, each at least 1."""
Positive = Annotated[Integer, Field(ge=1)]
Bounds = Annotated[
    tuple[Number | None, Number | None],
    BeforeValidator(_as_bounds, json_schema_input_type=tuple[float | None, float | None]),
]
"""The lowest and the highest of some numbers; `None` leaves a side open."""
Color = tuple[int, int, int]
"""Red, green and blue, each from 0 to 255."""
Colors = Annotated[
    tuple[Annotated[Color, BeforeValidator(_as_color, json_schema_input_type=str | Sequence[int])], ...],
    BeforeValidator(_as_tuple, json_schema_input_type=Sequence[str | Sequence[int]]),
]
"""Colors as `#ff8000`, or as their red, green and blue."""
ImageSize = Annotated[tuple[Positive, Positive], BeforeValidator(_as_tuple, json_schema_input_type=Sequence[int])]
"""Height and width, in pixels."""
