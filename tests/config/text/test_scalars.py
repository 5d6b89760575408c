"""Unquoted words follow YAML 1.2's core schema."""

import math

import pytest

from trainctl.config.text.scalars import parse_scalar


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-3", 0.001),
        ("1e3", 1000.0),
        ("1.5e3", 1500.0),
        ("1.", 1.0),
        (".5", 0.5),
        ("-0.5", -0.5),
        ("+1.5", 1.5),
        ("1E+2", 100.0),
        ("12", 12),
        ("-7", -7),
        ("017", 17),
        ("0o17", 15),
        ("0xff", 255),
        ("true", True),
        ("False", False),
        ("TRUE", True),
        ("null", None),
        ("~", None),
        ("", None),
        ("-.inf", -math.inf),
        (".Inf", math.inf),
    ],
)
def test_numbers_booleans_and_null(text: str, value: object) -> None:
    parsed = parse_scalar(text)
    assert parsed == value
    assert type(parsed) is type(value)


@pytest.mark.parametrize(
    "text",
    [
        "no",
        "yes",
        "on",
        "Off",
        "y",
        "n",
        "12:30:45",
        "1:30",
        "2024-01-01",
        "1/255",
        "1_000",
        "0b1",
        "e3",
        ".",
        "-",
        "1e",
        "nan",
        "inf",
        "tRUE",
        "0x",
        "relu",
        "1 000",
        "١٢",
    ],
)
def test_the_rest_stays_text(text: str) -> None:
    assert parse_scalar(text) == text


def test_nan() -> None:
    value = parse_scalar(".nan")
    assert isinstance(value, float)
    assert math.isnan(value)


def test_digits_without_end_stay_text_rather_than_break_python() -> None:
    text = "9" * 5000
    assert parse_scalar(text) == text
