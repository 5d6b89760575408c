"""`${params.…}` and `${repeat.…}` take the values of one use."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from trainctl.config.model.parameters import is_scoped, substituted
from trainctl.config.text.nodes import Late, Node
from trainctl.diagnostics import Diagnostic, Problems

Tree = Callable[[str], Node]


@pytest.fixture
def use(tree: Tree) -> Callable[[str, str], tuple[object, list[Diagnostic]]]:
    """What a text becomes where `params` is the mapping of another."""

    def used(text: str, params: str) -> tuple[object, list[Diagnostic]]:
        problems = Problems()
        late = replace(tree("x"), value=Late(text))
        within = Node({"a": Node([late], late.location)}, late.location)
        return substituted(within, {"params": tree(params)}, problems).plain()["a"][0], list(problems)

    return used


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("${params.units}", 64),
        ("${ params.units }", 64),
        ("conv-${params.units}", "conv-64"),
        ("${params.on}/${params.nothing}", "true/"),
        ("${params.sizes.1}", 3),
        ("${params.sizes}", [5, 3]),
        ("${params.units}-${data.num_classes}", "64-${data.num_classes}"),
    ],
)
def test_a_whole_value_keeps_its_type(
    use: Callable[[str, str], tuple[object, list[Diagnostic]]], text: str, value: object
) -> None:
    assert use(text, "{units: 64, on: true, nothing: null, sizes: [5, 3]}") == (value, [])


@pytest.mark.parametrize("text", ["${params.unit}", "${params.units.deep}", "${repeat.value}"])
def test_a_reference_that_leads_nowhere_is_reported_once(
    use: Callable[[str, str], tuple[object, list[Diagnostic]]], text: str
) -> None:
    _, problems = use(f"{text} {text}", "{units: 64}")
    assert [each.code for each in problems] == ["unknown-reference"]
    assert problems[0].hint


def test_which_references_belong_to_a_block() -> None:
    assert is_scoped("params.units")
    assert is_scoped("repeat.value")
    assert not is_scoped("vars.params")
