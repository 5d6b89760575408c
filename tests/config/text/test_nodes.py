"""The tree of a file: places, what was replaced, secrets, and what a component is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from trainctl.config.text.nodes import (
    Late,
    Node,
    arguments_of,
    component_name,
    component_names,
    holds_late,
    is_component_name,
)

Tree = Callable[[str], Node]


@pytest.mark.parametrize("text", ["Dense", "ReLU", "experimental.BackupAndRestore", "A1", "keras.X".title()])
def test_capwords_name_a_component(text: str) -> None:
    assert is_component_name(text)


@pytest.mark.parametrize("text", ["dense", "adam", "", "2D", "Dense layer", "a.B", 3, None])
def test_other_words_name_none(text: object) -> None:
    assert not is_component_name(text)


@pytest.mark.parametrize(
    ("text", "name", "arguments"),
    [
        ("Flatten", "Flatten", {}),
        ("Flatten:", "Flatten", {}),
        ("{Dense: {units: 3}, name: a}", "Dense", {"units": 3}),
        ("{Accept: text/html}", None, "text/html"),
        ("{Dense: '${vars.d}'}", "Dense", "${vars.d}"),
        ("{Dense: {}, Flatten: {}}", None, {}),
        ("{units: 3}", None, {}),
    ],
)
def test_a_component_and_its_arguments(tree: Tree, text: str, name: str | None, arguments: object) -> None:
    node = tree(text)
    assert component_name(node) == name
    assert arguments_of(node).plain() == arguments


def test_two_names_are_both_found(tree: Tree) -> None:
    assert component_names(tree("{Dense: {}, Flatten: {}, name: a}")) == ["Dense", "Flatten"]


def test_a_copy_with_an_entry_leaves_the_original(tree: Tree) -> None:
    before, new = tree("a: 1"), tree("2")
    after = before.with_entry("b", new).without("a")
    assert (before.plain(), after.plain()) == ({"a": 1}, {"b": 2})
    assert after.key_location("b") == new.location
    assert after.key_location("absent") == after.location


def test_what_was_replaced_is_remembered_newest_first(tree: Tree) -> None:
    first, second, third = tree("1"), tree("2"), tree("3")
    node = third.replacing(second.replacing(first))
    assert [old.value for old in node.earlier] == [2, 1]


def test_a_secret_is_public_only_as_it_is_written(tree: Tree) -> None:
    secret = replace(tree("hunter2"), raw="${env:PASSWORD}", secret=True)
    node = tree("a: [1]").with_entry("b", secret)
    assert node.plain() == {"a": [1], "b": "hunter2"}
    assert node.public() == {"a": [1], "b": "${env:PASSWORD}"}


def test_what_waits_for_the_data_is_found_at_any_depth(tree: Tree) -> None:
    late = replace(tree("x"), value=Late("${data.num_classes}"))
    node = tree("a: 1").with_entry("b", Node([late], late.location))
    assert late.is_late
    assert late.plain() == "${data.num_classes}"
    assert holds_late({"a": [1, (Late("x"),)]})
    assert not holds_late({"a": ["x"]})
    assert sum(each.is_late for each in node.walk()) == 1
