"""Edits of a text: what is repaired changes, and nothing else does."""

from __future__ import annotations

from pathlib import Path

import pytest

from trainctl.config.text.edits import apply_all, edited
from trainctl.diagnostics import Location, Move, Replace, Source


def at(text: str, word: str, length: int = 0) -> Location:
    before = text[: text.index(word)]
    line = before.count("\n") + 1
    return Location(Source("a.yaml", text, Path()), line, len(before) - before.rfind("\n"), length or len(word))


@pytest.mark.parametrize(
    ("text", "word", "result"),
    [
        ("a: {lrr: 1} # lrr\r\n", "lrr", "a: {lr: 1} # lrr\r\n"),
        ('a: {"lrr": 1}\n', '"lrr"', 'a: {"lr": 1}\n'),
        ("a: &b lrr\nc: *b\n", "lrr", "a: &b lr\nc: *b\n"),
    ],
)
def test_a_word_is_replaced_in_its_quotes(text: str, word: str, result: str) -> None:
    assert edited(text, Replace(at(text, word), "lr", "lrr")) == result


def test_a_value_loses_its_quotes_only_where_it_is_written_so() -> None:
    text = "a: '3'\nb: ${a}\n"
    assert edited(text, Replace(at(text, "'3'"), "3", "3", without_quotes=True)) == "a: 3\nb: ${a}\n"
    assert edited(text, Replace(at(text, "${a}"), "3", "3", without_quotes=True)) is None


MOVES = {
    "to a section": ("epochs: 5  # long\nfit:\n  steps: 2\nx: 1\n", "fit:\n  steps: 2\n  epochs: 5  # long\nx: 1\n"),
    "to a new section": ("x: 1\n# why\nepochs: 5\n", "x: 1\nfit:\n  # why\n  epochs: 5\n"),
    "to a section in braces": ("epochs: 5\nfit: {steps: 2}  # here\n", "fit: {steps: 2, epochs: 5}  # here\n"),
    "to an empty section": ("fit:\nx: {epochs: 5, a: 1}", "fit:\n  epochs: 5\nx: {a: 1}"),
    "of a block": (
        "x:\n    epochs:\n        - 1\n    b: 2\nfit:\n  c: 1",
        "x:\n    b: 2\nfit:\n  c: 1\n  epochs:\n      - 1\n",
    ),
    "as the last of a block": ("x:  # x\n  epochs: 5\nfit:\n  a: 1\n", "x: {}  # x\nfit:\n  a: 1\n  epochs: 5\n"),
    "with other line ends": ("epochs: 5\r\nfit:\r\n  a: 1\r\n", "fit:\r\n  a: 1\r\n  epochs: 5\r\n"),
}


@pytest.mark.parametrize("name", MOVES)
def test_a_key_is_moved_with_its_comments(name: str) -> None:
    text, result = MOVES[name]
    assert edited(text, Move(at(text, "epochs"), "fit")) == result


def test_an_argument_is_moved_into_its_component() -> None:
    text = "- A:\n    b: 1\n  c: 2  # c\n- d\n"
    assert edited(text, Move(at(text, "c:", 1), at(text, "A"))) == "- A:\n    b: 1\n    c: 2  # c\n- d\n"


@pytest.mark.parametrize(
    "text",
    [
        "epochs: 1\nfit: {epochs: 2}\n",
        "epochs: [1,\n  2]\nfit: {a: 1}\n",
        "epochs: 1\nfit: *x\n",
        "epochs: 1\nfit: [1]\n",
    ],
)
def test_what_cannot_be_moved_stays(text: str) -> None:
    assert edited(text, Move(at(text, "epochs"), "fit")) is None


def test_repairs_of_one_place_that_differ_are_left_out() -> None:
    text = "a: xx\nb: yy\n"
    fixes = [Replace(at(text, "xx"), "1", "xx"), Replace(at(text, "xx"), "2", "xx"), Replace(at(text, "yy"), "3", "yy")]
    assert apply_all(text, fixes) == ("a: xx\nb: 3\n", [fixes[2]])
