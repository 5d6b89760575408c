"""What stands beside a component: `from:`, `call:`, `repeat:`, `freeze:`, parameters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from trainctl.config.model import wiring
from trainctl.config.model.graph import Freeze, Ref
from trainctl.config.model.scope import Named, Scope
from trainctl.config.text.nodes import Node
from trainctl.diagnostics import Problems

Tree = Callable[[str], Node]


@pytest.fixture
def scope() -> Scope:
    return Scope("", Ref("above"), {"a": Named(Ref("a"), "a"), "b": Named((Ref("x"), Ref("y")))})


@pytest.mark.parametrize(
    ("written", "takes"),
    [
        (None, Ref("above")),
        ("null", Ref("above")),
        ("a", Ref("a")),
        ("a.1", Ref("a", (1,))),
        ("[a, above]", None),
        ("[a, b]", (Ref("a"), Ref("x"), Ref("y"))),
        ("[]", None),
        ("3", None),
    ],
)
def test_what_an_item_takes(tree: Tree, scope: Scope, written: str | None, takes: Any) -> None:
    problems = Problems()
    node = None if written is None else tree(f"from: {written}").value["from"]
    found = wiring.taken(node, tree("Dense"), "p", scope, problems)
    assert found == takes
    assert bool(problems) is (takes is None)


def test_text_in_a_call_names_a_node_and_all_else_is_itself(tree: Tree, scope: Scope) -> None:
    problems = Problems()
    found = wiring.call_arguments(tree("{mask: a, training: false, parts: [a, 3]}"), "p", scope, problems)
    assert found == {"mask": Ref("a"), "training": False, "parts": [Ref("a"), 3]}
    assert not problems
    assert wiring.call_arguments(tree("3"), "p", scope, problems) == {}
    assert len(list(problems)) == 1


@pytest.mark.parametrize(("written", "count"), [("3", 3), ("[64, 128]", 2), ("0", 1), ("true", 1), ("[]", 1), ("x", 1)])
def test_how_often_an_item_stands(tree: Tree, written: str, count: int) -> None:
    problems = Problems()
    assert len(wiring.rounds(tree(written), "p", problems)) == count
    assert bool(problems) is (count == 1)


@pytest.mark.parametrize(
    ("written", "freeze"),
    [
        ("true", Freeze(("*",))),
        ("false", None),
        ("null", None),
        ("block_1*", Freeze(("block_1*",))),
        ("[a, b]", Freeze(("a", "b"))),
        ("{until: pool}", Freeze(until="pool")),
    ],
)
def test_what_is_frozen(tree: Tree, written: str, freeze: Freeze | None) -> None:
    problems = Problems()
    assert wiring.frozen(tree(f"freeze: {written}").value["freeze"], "p", problems) == freeze
    assert not problems


@pytest.mark.parametrize("written", ["3", "[]", "[1]", "{from: a}", "{until: 3}"])
def test_what_cannot_be_frozen_is_reported(tree: Tree, written: str) -> None:
    problems = Problems()
    assert wiring.frozen(tree(written), "p", problems) is None
    assert len(list(problems)) == 1


def test_a_use_of_a_block_fills_its_parameters(tree: Tree) -> None:
    problems = Problems()
    block = tree("{params: {units: 8, rate: null}, layers: []}")
    assert wiring.bound("b", block, tree("{rate: 0.5, name: n}"), "p", problems).plain() == {"units": 8, "rate": 0.5}
    assert not problems


@pytest.mark.parametrize(
    ("given", "codes"),
    [("{}", ["missing-argument"]), ("{rte: 1}", ["unknown-argument", "missing-argument"]), ("3", ["wrong-type"])],
)
def test_what_is_wrong_with_a_use(tree: Tree, given: str, codes: list[str]) -> None:
    problems = Problems()
    block = tree("{params: {units: 8, rate: null}, layers: []}")
    wiring.bound("b", block, tree(given), "p", problems)
    assert [each.code for each in problems] == codes


def test_a_layer_to_share_is_one_layer(tree: Tree, scope: Scope) -> None:
    problems = Problems()
    assert wiring.layer_named(tree("a"), "p", scope, problems) == "a"
    assert not problems
    assert wiring.layer_named(tree("b"), "p", scope, problems) is None
    assert wiring.layer_named(tree("nobody"), "p", scope, problems) is None
    assert wiring.layer_named(tree("3"), "p", scope, problems) is None
    assert len(list(problems)) == 3
