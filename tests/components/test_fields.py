"""What YAML's scalars become: strict, but a fraction is a number and a whole float a count."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from trainctl.components.fields import (
    Boolean,
    Encoding,
    ImageSize,
    Integer,
    Number,
    Separator,
    Sizes,
    Text,
    Texts,
    as_integer,
    as_number,
)


@pytest.mark.parametrize(
    ("kind", "given", "value"),
    [
        (Number, "1/255", 1 / 255),
        (Number, "-1e3 / 4", -250.0),
        (Number, 3, 3.0),
        (Integer, 1e1, 10),
        (Integer, "10/2", 5),
        (Texts, ["a", "b"], ("a", "b")),
        (Sizes, [28, 28.0, 1], (28, 28, 1)),
        (ImageSize, [32, 64], (32, 64)),
        (Encoding, "latin-1", "iso8859-1"),
        (Separator, ";", ";"),
    ],
)
def test_what_is_understood(kind: Any, given: Any, value: Any) -> None:
    found = TypeAdapter(kind).validate_python(given)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        (Number, "10"),
        (Number, "1/0"),
        (Number, True),
        (Number, "one/two"),
        (Integer, 1.5),
        (Integer, True),
        (Integer, "7/2"),
        (Boolean, 1),
        (Boolean, "no"),
        (Text, 3),
        (Texts, "ab"),
        (Texts, ["a", 3]),
        (Sizes, [0]),
        (ImageSize, [32]),
        (Encoding, "utf-99"),
        (Encoding, "hex"),
        (Separator, '"'),
        (Separator, ", "),
    ],
)
def test_what_is_refused(kind: Any, given: Any) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(kind).validate_python(given)


def test_anything_else_stays_as_it_is() -> None:
    marker = object()
    assert as_number(marker) is marker
    assert as_integer("text") == "text"
    assert as_integer(2.5) == 2.5
