"""Words for people."""

import math
from typing import Any

import pytest

from trainctl.text import (
    cap_words,
    format_duration,
    format_number,
    literal,
    nearest,
    one_of,
    plural,
    printable,
    sole_match,
    type_words,
)


@pytest.mark.parametrize(
    ("word", "names", "found"),
    [
        ("patince", ["patience", "monitor"], "patience"),
        ("earlystopping", ["EarlyStopping"], "EarlyStopping"),
        ("early_stopping", ["EarlyStopping"], "EarlyStopping"),
        ("relu", ["ReLU", "relu"], "relu"),
        ("RELU", ["ReLU", "relu"], "ReLU"),
        ("batchSize", ["batch_size"], "batch_size"),
        ("xyz", ["patience"], None),
        ("", ["patience"], None),
        ("patience", [], None),
    ],
)
def test_nearest(word: str, names: list[str], found: str | None) -> None:
    assert nearest(word, names) == found
    assert nearest(word, reversed(names)) == found


@pytest.mark.parametrize(
    ("word", "names", "found"),
    [
        ("softmxa", ["softmax"], None),
        ("sofmtax", ["softmax"], "softmax"),
        ("Dens", ["Dense", "DenseNet121"], "Dense"),
        ("Cov2D", ["Conv1D", "Conv2D"], "Conv2D"),
        ("earlystopping", ["EarlyStopping"], "EarlyStopping"),
        ("EarlyStop", ["EarlyStopping"], "EarlyStopping"),
        ("val_accurcy", ["val_accuracy", "val_loss"], "val_accuracy"),
        ("val_acc", ["val_accuracy", "val_loss"], "val_accuracy"),
        ("MaxPooling", ["MaxPooling1D", "MaxPooling2D"], None),
        ("BatchRenormalization", ["BatchNormalization"], None),
        ("BiLSTM", ["LSTM"], None),
        ("RAdam", ["Adam"], None),
        ("adamp", ["adam"], None),
        ("prelu", ["relu"], None),
        ("median_error", ["mean_error"], None),
        ("val_mae", ["val_mse"], None),
        ("val_auc", ["val_accuracy"], None),
        ("val_precision", ["val_precision_at_recall"], None),
        ("beta_3", ["beta_1"], None),
        ("Conv4D", ["Conv3D"], None),
        ("encoder_a", ["encoder_b"], None),
        ("\u0069\u0307stan", ["\u0130stanb"], "\u0130stanb"),
    ],
)
def test_sole_match_takes_no_name_for_another(word: str, names: list[str], found: str | None) -> None:
    assert sole_match(word, names) == found


@pytest.mark.parametrize(
    ("items", "text"), [([], ""), (["a"], "a"), (["a", "b"], "a or b"), (["a", "b", "c"], "a, b or c")]
)
def test_one_of(items: list[str], text: str) -> None:
    assert one_of(items) == text


@pytest.mark.parametrize(
    ("count", "noun", "text"),
    [(1, "error", "1 error"), (0, "error", "0 errors"), (2000, "value", "2,000 values"), (3, "class", "3 classes")],
)
def test_plural(count: int, noun: str, text: str) -> None:
    assert plural(count, noun) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        (True, "true"),
        (5, "5"),
        (0.001, "0.001"),
        (1e-7, "1e-07"),
        (1.0, "1"),
        (0.1 + 0.2, "0.30000000000000004"),
        (math.inf, "inf"),
        (math.nan, "nan"),
        ("a\nb", "'a\\nb'"),
        ([1, "a"], '[1, "a"]'),
        ({"a": None}, '{"a": null}'),
        ({1, 2}, "{1, 2}"),
        ("é", "'é'"),
        ("x" * 100, "'" + "x" * 56 + "…'"),
    ],
)
def test_literal(value: Any, text: str) -> None:
    assert literal(value) == text


def test_nothing_printable_drives_a_terminal() -> None:
    hostile = "".join(map(chr, [*range(32), *range(127, 160), 0x202E, 0x200B, 0x2066, 0xFEFF, 0xD800]))
    shown = printable(hostile)
    assert shown.isascii()
    assert shown.isprintable()
    assert printable("größer 数 🙂") == "größer 数 🙂"


@pytest.mark.parametrize(
    ("schema", "text"),
    [
        ({"type": "integer", "minimum": 1}, "an integer ≥ 1"),
        ({"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1}, "a number > 0 and < 1"),
        ({"type": "boolean"}, "true or false"),
        ({"type": "string"}, "text"),
        ({"type": "string", "minLength": 1}, "non-empty text"),
        ({"type": "string", "minLength": 1, "maxLength": 1}, "text of 1 character"),
        ({"type": "string", "pattern": "^a$"}, "text that matches ^a$"),
        ({"type": "null"}, "null"),
        ({"type": "object"}, "a mapping"),
        ({"type": "array"}, "a list"),
        ({"type": "array", "minItems": 1}, "a non-empty list"),
        ({"type": "array", "items": {"type": "integer"}}, "a list of integers"),
        ({"enum": ["a", "b"]}, "one of 'a' or 'b'"),
        ({"enum": ["a"]}, "'a'"),
        ({"const": 5}, "5"),
        ({"type": ["null", "integer"]}, "an integer or null"),
        (
            {"anyOf": [{"type": "null"}, {"type": "integer"}, {"type": "integer"}, {"const": "auto"}]},
            "an integer or 'auto', or null",
        ),
        ({}, "any value"),
    ],
)
def test_type_words(schema: dict[str, Any], text: str) -> None:
    assert type_words(schema) == text


@pytest.mark.parametrize(
    ("name", "text"), [("two_moons", "TwoMoons"), ("my_MNIST", "MyMNIST"), ("already", "Already"), ("_own", "Own")]
)
def test_cap_words(name: str, text: str) -> None:
    assert cap_words(name) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0.0 s"), (3.21, "3.2 s"), (65, "1 min 5 s"), (7390, "2 h 3 min 10 s"), (3599.9, "1 h")]
)
def test_duration(seconds: float, text: str) -> None:
    assert format_duration(seconds) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.5, "0.5000"),
        (0, "0.0000"),
        (1e-5, "1e-05"),
        (12345.6, "12346"),
        (math.nan, "nan"),
        (math.inf, "inf"),
        (-2.5, "-2.5000"),
    ],
)
def test_number(value: float, text: str) -> None:
    assert format_number(value) == text
