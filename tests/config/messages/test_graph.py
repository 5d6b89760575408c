"""What is wrong with a model's graph: names, blocks, words beside a component."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from trainctl.config.messages.graph import RESERVED, name_problem, wrong_block
from trainctl.config.text.nodes import Late, Node
from trainctl.diagnostics import Diagnostic

Tree = Callable[[str], Node]
Problems = Callable[..., list[Diagnostic]]

REST = "data: {source: Iris}\ncompile: {loss: mse}\n"


@pytest.mark.parametrize("name", ["encoder", "_a", "stage-1", "aB_2"])
def test_names_of_nodes(tree: Tree, name: str) -> None:
    assert name_problem(tree(name)) is None


@pytest.mark.parametrize("name", ["Encoder", "1a", "a b", "'a.b'", "3"])
def test_what_cannot_name_a_node(tree: Tree, name: str) -> None:
    found = name_problem(tree(name))
    assert found is not None
    assert found.code == "wrong-value"
    assert name_problem(Node(Late("${params.n}"), found.location)) is None  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "block", "codes"),
    [
        ("wide", "{layers: [Flatten]}", []),
        ("wide", "{params: {units: 3}, layers: [Flatten]}", []),
        ("wide", "{params: {units: 3}}", ["wrong-type"]),
        ("wide", "3", ["wrong-type"]),
        ("wide", "{layers: [], parms: {}}", ["unknown-key"]),
        ("wide", "{layers: [], params: 3}", ["wrong-type"]),
        ("wide", "{layers: [], params: {name: a}}", ["reserved-name"]),
        ("Wide", "{layers: []}", ["wrong-value"]),
    ],
)
def test_what_is_wrong_with_a_block(tree: Tree, name: str, block: str, codes: list[str]) -> None:
    node = tree(block)
    assert [each.code for each in wrong_block(name, node, node.location, "p")] == codes


@pytest.mark.parametrize("name", RESERVED)
def test_words_with_a_meaning_name_no_block(tree: Tree, name: str) -> None:
    node = tree("{layers: []}")
    assert "reserved-name" in [each.code for each in wrong_block(name, node, node.location, "p")]


@pytest.mark.parametrize(
    ("layers", "code", "hint"),
    [
        ("[{Dense: {units: 1}, from: encodr}, {Dense: {units: 1, name: encoder}}]", "unknown-node", ""),
        ("[{Dense: {units: 1, name: a}}, {Dense: {units: 1}, from: b}]", "unknown-node", "a"),
        ("[{Dense: {units: 1, name: a}}, {Dense: {units: 1, name: a}}]", "duplicate-name", ""),
        ("[{Op: {op: men}}]", "unknown-op", "mean"),
        ("[{Op: {}}]", "missing-argument", "op"),
        ("[{Dense: {units: 1}, preprocess: true}]", "unknown-key", ""),
        ("[{Input: {shape: [3]}}]", "input-layer", ""),
    ],
)
def test_what_is_wrong_with_layers(problems: Problems, layers: str, code: str, hint: str) -> None:
    found = [each for each in problems(f"{REST}model: {{layers: {layers}}}") if each.code == code]
    assert found
    assert hint in str(found[0].hint)


def test_blocks_that_use_each_other(problems: Problems) -> None:
    model = "{blocks: {a: {layers: [b]}, b: {layers: [a]}}, layers: [a]}"
    assert "block-circle" in [each.code for each in problems(f"{REST}model: {model}")]
