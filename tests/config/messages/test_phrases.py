"""Phrases that messages share: suggestions, kinds, and how a value is written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from trainctl.config.messages.phrases import every_kind, kind_words, known_names, respelled, shown, suggestion
from trainctl.config.text.nodes import Node

Tree = Callable[[str], Node]


@pytest.mark.parametrize(
    ("key", "names", "meant"),
    [
        ("patince", ["patience", "monitor"], "patience"),
        ("lr", ["learning_rate", "momentum"], "learning_rate"),
        ("lr", ["momentum"], None),
        ("units", ["units"], None),
        ("xyz", ["patience"], None),
    ],
)
def test_the_name_that_was_meant(key: str, names: list[str], meant: str | None) -> None:
    assert suggestion(key, names) == meant


@pytest.mark.parametrize(
    ("kinds", "words"),
    [(["layer"], "a layer"), (["activation", "layer"], "an activation or a layer"), (["source"], "a data source")],
)
def test_kinds_in_words(kinds: list[str], words: str) -> None:
    assert kind_words(kinds) == words


def test_where_a_layer_may_stand_so_may_a_backbone_and_a_model() -> None:
    assert every_kind(["layer"]) == ("layer", "application", "node")
    assert every_kind(["loss"]) == ("loss",)
    names = known_names(["layer"])
    assert {"Dense", "MobileNetV2", "Model"} <= set(names)
    assert {"Adam", "adam"} <= set(known_names(["optimizer"]))


@pytest.mark.parametrize(
    ("text", "schema", "hint"),
    [
        ("yes", {"type": "boolean"}, "true"),
        ("Off", {"type": "boolean"}, "false"),
        ("'10'", {"type": "integer"}, "10"),
        ("{epoch}", {"type": "string"}, '"{epoch}"'),
        ("yes", {"type": "integer"}, None),
        ("text", {"type": "integer"}, None),
        ("3", {"type": "boolean"}, None),
    ],
)
def test_how_a_value_is_written_that_yaml_took_otherwise(
    tree: Tree, text: str, schema: dict[str, str], hint: str | None
) -> None:
    found = respelled(tree(f"a: {text}").value["a"], schema)
    assert found == hint if hint is None else hint in str(found)


def test_a_secret_is_shown_as_it_is_written(tree: Tree) -> None:
    secret = replace(tree("yes"), raw="${env:TOKEN}", secret=True)
    assert "TOKEN" in shown(secret)
    assert "yes" not in shown(secret)
    assert "${env:TOKEN}" in str(respelled(secret, {"type": "boolean"}))
