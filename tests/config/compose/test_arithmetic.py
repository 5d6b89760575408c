"""Arithmetic inside `${…}`: numbers and lengths, typed, with the references named as they are written."""

from collections.abc import Callable
from typing import Any

import pytest

from trainctl.config.compose.arithmetic import Calculation, is_arithmetic, references, with_values
from trainctl.config.compose.interpolate import interpolate
from trainctl.config.text.nodes import Late, Node
from trainctl.errors import ConfigError

Tree = Callable[[str], Node]
VARS = "vars: {dim: 64, half: 0.5, sizes: [4, 8, 16], word: text, flag: true, none: null, my-dim: 7}\n"


def calculated(tree: Tree, body: str, **environ: str) -> Any:
    return interpolate(tree(f'{VARS}y: "${{{body}}}"\n'), environ).plain()["y"]


def refused(tree: Tree, body: str, **environ: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        interpolate(tree(f'{VARS}y: "${{{body}}}"\n'), environ)
    return [each.message for each in caught.value.diagnostics]


@pytest.mark.parametrize(
    ("body", "value"),
    [
        ("vars.dim * 2", 128),
        ("vars.dim*2", 128),
        ("2 * vars.dim + 1", 129),
        ("vars.dim // 3", 21),
        ("vars.dim / 4", 16.0),
        ("vars.dim % 5", 4),
        ("vars.dim ** 2", 4096),
        ("vars.dim ** -1", 1 / 64),
        ("vars.dim * vars.half", 32.0),
        ("-vars.dim", -64),
        ("(vars.dim - 4) // 2", 30),
        ("min(vars.dim, 32)", 32),
        ("max(vars.dim, 32, 100)", 100),
        ("max(vars.sizes)", 16),
        ("len(vars.sizes)", 3),
        ("len(vars.word) + 1", 5),
        ("len(vars)", 7),
        ("round(vars.dim * 0.3)", 19),
        ("round(vars.half, 2)", 0.5),
        ("vars.sizes.1 * 2", 16),
        ("vars.sizes.0 + vars.sizes.2", 20),
        ("vars.dim if vars.flag else 1", 64),
        ("vars.my-dim", 7),
        ("int(vars.dim * 0.1)", 6),
    ],
)
def test_numbers_keep_their_type(tree: Tree, body: str, value: float) -> None:
    result = calculated(tree, body)
    assert result == value
    assert type(result) is type(value)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("vars.dim * ", "cannot calculate ${vars.dim *}: not a valid expression: invalid syntax"),
        ("vars.dim // 0", "cannot calculate ${vars.dim // 0}: vars.dim // 0: integer division or modulo by zero"),
        ("vars.word * 2", "cannot calculate ${vars.word * 2}: vars.word * 2: cannot calculate with text"),
        ("len(vars.dim)", "len() takes a list, a mapping or a text, got 64"),
        ("open(vars.word)", "unknown function 'open'"),
        ("vars.dim.__class__ * 2", "cannot resolve ${vars.dim.__class__}: vars.dim is 64, which has no '__class__'"),
        ("vars.dmi * 2", "cannot resolve ${vars.dmi}: vars has no 'dmi'"),
        ("vars.dim ** 1000000", "cannot calculate"),
        ("[1, x]", "'[1, x]' is not allowed in an expression"),
    ],
)
def test_what_cannot_be_calculated_is_said_in_the_words_of_the_file(tree: Tree, body: str, said: str) -> None:
    [message] = refused(tree, body)
    assert said in message
    assert "_known" not in message


def test_a_misspelled_reference_is_reported_at_its_place_and_once(tree: Tree) -> None:
    with pytest.raises(ConfigError) as caught:
        interpolate(tree("vars: {dim: 64}\ny: ${vars.dmi * 2 + vars.dmi}\n"), {})
    [problem] = caught.value.diagnostics
    assert problem.location is not None
    assert (problem.location.line, problem.location.column, problem.hint) == (2, 4, "did you mean ${vars.dim}?")


def test_it_is_part_of_a_text_too(tree: Tree) -> None:
    assert calculated(tree, "vars.dim}-wide-${vars.dim * 2") == "64-wide-128"


def test_the_environment_is_a_number_in_it_and_stays_secret(tree: Tree) -> None:
    text = "vars: {n: '${env:N}'}\na: ${vars.n * 2}\n"
    root = interpolate(tree(text), {"N": "21"})
    assert root.plain()["a"] == 42
    assert root.public()["a"] == "${vars.n * 2}"


def test_a_fact_of_the_data_makes_it_late(tree: Tree) -> None:
    root = tree("vars: {k: 3}\nmodel: {units: '${data.num_classes * vars.k}', name: 'm${data.num_classes + 1}'}\n")
    early = interpolate(root, {}).value["model"].value
    assert early["units"].value == Late("${data.num_classes * (3)}")
    assert early["name"].is_late
    facts = {"num_classes": 10}
    assert interpolate(root, {}, facts).plain()["model"] == {"units": 30, "name": "m11"}


def test_a_cycle_through_arithmetic_is_one(tree: Tree) -> None:
    with pytest.raises(ConfigError) as caught:
        interpolate(tree("vars: {a: '${vars.b + 1}', b: '${vars.a + 1}'}\n"), {})
    assert [each.code for each in caught.value.diagnostics] == ["interpolation-circle"]


def test_a_parameter_is_left_for_later(tree: Tree) -> None:
    root = interpolate(tree("vars: {dim: 8}\nmodel: {layers: ['${repeat.value * vars.dim}']}\n"), {})
    assert root.plain()["model"]["layers"] == ["${repeat.value * (8)}"]


def test_references_are_told_from_functions_words_and_numbers() -> None:
    assert references("min(vars.a, 1e5) if params.x.0 else repeat.index") == ["vars.a", "params.x.0", "repeat.index"]
    assert references("vars.a") == ["vars.a"]
    assert not is_arithmetic("vars.my-name")


def test_what_is_known_takes_the_place_of_its_reference() -> None:
    text = with_values("len(vars.l) * repeat.value - vars.n", {"vars.l": [1, 2], "vars.n": -3})
    assert text == "len([1, 2]) * repeat.value - (-3)"
    known = with_values(text, {"repeat.value": 5})
    assert Calculation.parse(known).value({}) == 13


@pytest.mark.parametrize("value", ["16", [1, 2], {"a": 1}])
def test_a_result_that_is_no_number_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r"number|text|supported"):
        Calculation.parse("vars.width * 2").value({"vars.width": value})
