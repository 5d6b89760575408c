"""References and nodes: parts of outputs, and what a call takes."""

from __future__ import annotations

import pytest

from trainctl.config.model.graph import Freeze, GraphNode, Ref, last_output, refs_in


@pytest.mark.parametrize(
    ("steps", "text"), [((), "encoder"), (("1",), "encoder.1"), (("state", "0"), "encoder.state.0")]
)
def test_a_part_of_an_output_is_written_with_dots(steps: tuple[str, ...], text: str) -> None:
    ref = Ref("encoder")
    for step in steps:
        ref = ref.step(step)
    assert str(ref) == text


def test_a_digit_is_an_index_and_a_word_a_name() -> None:
    assert Ref("a").step("1").steps == (1,)
    assert Ref("a").step("one").steps == ("one",)


def test_references_are_found_at_any_depth() -> None:
    a, b, c = Ref("a"), Ref("b"), Ref("c")
    assert list(refs_in({"x": (a, [b]), "y": {"z": c}, "w": "a"})) == [a, b, c]


def test_a_node_takes_its_inputs_and_what_its_call_names() -> None:
    node = GraphNode("n", (Ref("a"), Ref("b")), "layer", call={"mask": Ref("m"), "training": False})
    assert list(node.refs()) == [Ref("a"), Ref("b"), Ref("m")]
    assert not node.is_sum


def test_a_node_that_makes_no_layer_adds_unless_it_calls_one_again() -> None:
    assert GraphNode("s", (Ref("a"), Ref("b"))).is_sum
    assert not GraphNode("r", Ref("a"), reuse="a").is_sum


class Section:
    def __init__(self, layers: list[GraphNode], outputs: dict[str, Ref]) -> None:
        self.layers, self.outputs = layers, outputs


def test_the_only_output() -> None:
    nodes = [GraphNode("a", Ref("input")), GraphNode("b", Ref("a"))]
    assert last_output(Section(nodes, {})) == Ref("b")
    assert last_output(Section(nodes, {"x": Ref("a")})) == Ref("a")
    assert last_output(Section(nodes, {"x": Ref("a"), "y": Ref("b")})) is None
    assert last_output(Section([], {})) is None


def test_nothing_is_frozen_unless_named() -> None:
    assert (Freeze().patterns, Freeze().until) == ((), None)
