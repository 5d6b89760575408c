"""DESIGN §2.6: `${…}`, rule by rule."""

from collections.abc import Callable
from typing import Any

import pytest

from trainctl.config.compose.interpolate import interpolate
from trainctl.config.compose.paths import find
from trainctl.config.text.nodes import EnvText, Late, Node
from trainctl.errors import ConfigError

Tree = Callable[[str], Node]


def resolved(tree: Tree, text: str, **environ: str) -> Any:
    return interpolate(tree(text), environ).plain()


def refused(tree: Tree, text: str, **environ: str) -> list[tuple[str, str, int]]:
    with pytest.raises(ConfigError) as caught:
        interpolate(tree(text), environ)
    return [(each.code, str(each.location), each.location.length) for each in caught.value.diagnostics if each.location]


@pytest.mark.parametrize("value", ["5", "1e-3", "true", "null", "text", "[1, 2]", "{a: 1, b: [2]}"])
def test_one_whole_reference_keeps_its_type(tree: Tree, value: str) -> None:
    root = resolved(tree, f"vars: {{x: {value}}}\ny: ${{vars.x}}\n")
    assert root["y"] == root["vars"]["x"]
    assert type(root["y"]) is type(root["vars"]["x"])


def test_within_text_it_becomes_text(tree: Tree) -> None:
    text = 'vars: {a: 5, b: true, c: null, d: 1e-3}\ny: "${vars.a}-${vars.b}-${vars.c}-${vars.d}"\n'
    assert resolved(tree, text)["y"] == "5-true--0.001"


def test_any_path_of_the_file_can_be_named(tree: Tree) -> None:
    text = "model: {layers: [{Dense: {units: 7, name: head}}]}\na: ${model.layers.head.units}\nb: ${model.layers.0.units}\n"
    assert resolved(tree, text)["a"] == resolved(tree, text)["b"] == 7


def test_references_chain(tree: Tree) -> None:
    assert resolved(tree, "vars: {a: 5, b: '${vars.a}', c: ['${vars.b}']}\ny: ${vars.c}\n")["y"] == [5]


def test_a_dollar_more_is_a_literal(tree: Tree) -> None:
    text = 'a: "$${vars.x}"\nb: "cp-$${epoch}-$$"\nc: "$5 {x} $"\n'
    assert resolved(tree, text) == {"a": "${vars.x}", "b": "cp-${epoch}-$$", "c": "$5 {x} $"}


def test_blanks_around_the_name_are_allowed(tree: Tree) -> None:
    assert resolved(tree, "a: 5\nb: ${ a }\n")["b"] == 5


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("${env:WIDTH}", "8"),
        ("${env:MISSING:-4}", "4"),
        ("${env:MISSING:-}", ""),
        ("${env:WIDTH:-4}", "8"),
        ("${env:EMPTY:-4}", "4"),
        ("${env:EMPTY}", ""),
    ],
)
def test_the_environment(tree: Tree, written: str, value: str) -> None:
    node = interpolate(tree(f'a: "{written}"\n'), {"WIDTH": "8", "EMPTY": ""}).value["a"]
    assert node.value == value
    assert isinstance(node.value, EnvText)


def test_what_came_from_the_environment_is_secret_and_a_default_is_not(tree: Tree) -> None:
    root = interpolate(tree('a: ${env:X}\nb: "k-${env:X}"\nc: ${env:Y:-5}\nd: ${a}\n'), {"X": "hunter2"})
    assert {key: node.secret for key, node in root.value.items()} == {"a": True, "b": True, "c": False, "d": True}
    assert root.public() == {"a": "${env:X}", "b": "k-${env:X}", "c": "5", "d": "${a}"}


def test_facts_of_the_data_come_late(tree: Tree) -> None:
    text = 'model: {units: "${data.num_classes}", name: "m${data.num_classes}"}\n'
    root = interpolate(tree(text), {})
    assert find(root, ["model", "units"]).value == Late("${data.num_classes}")
    assert find(root, ["model", "name"]).value == Late("m${data.num_classes}")
    bound = interpolate(tree(text), {}, {"num_classes": 10})
    assert bound.plain() == {"model": {"units": 10, "name": "m10"}}


def test_a_shape_becomes_a_list(tree: Tree) -> None:
    root = interpolate(tree("model: {shape: '${data.input_shape}'}\n"), {}, {"input_shape": (28, 28, 1)})
    assert root.plain() == {"model": {"shape": [28, 28, 1]}}


def test_a_fact_that_the_data_lacks_is_refused(tree: Tree) -> None:
    with pytest.raises(ConfigError, match="no num_classes: its labels are numbers"):
        interpolate(tree("model: {units: '${data.num_classes}'}\n"), {}, {"num_classes": None})


def test_one_size_of_a_shape(tree: Tree) -> None:
    text = "model: {a: '${data.input_shape.0 * 2}', b: '${data.input_shape.left.1}'}\n"
    assert interpolate(tree(text), {}).value["model"].value["b"].is_late
    one = interpolate(tree("model: {a: '${data.input_shape.0 * 2}'}\n"), {}, {"input_shape": (28, 7)})
    assert one.plain() == {"model": {"a": 56}}
    several = interpolate(tree("model: {b: '${data.input_shape.left.1}'}\n"), {}, {"input_shape": {"left": [3, 4]}})
    assert several.plain() == {"model": {"b": 4}}
    said = {
        "2": "input_shape is [28, 7] and has no '2'; choose 0 or 1",
        "width": "input_shape is [28, 7] and has no 'width'; choose 0 or 1",
        "0.1": "input_shape.0 is 28 and has no '1'",
    }
    for step, message in said.items():
        with pytest.raises(ConfigError) as caught:
            interpolate(tree(f"model: {{a: '${{data.input_shape.{step}}}'}}\n"), {}, {"input_shape": (28, 7)})
        [problem] = caught.value.diagnostics
        assert problem.code == "late-interpolation"
        assert problem.message == f"cannot resolve ${{data.input_shape.{step}}}: {message}"


@pytest.mark.parametrize("section", ["data", "name", "expect", "execution"])
def test_facts_are_too_late_for_other_sections(tree: Tree, section: str) -> None:
    assert refused(tree, f"{section}: {{x: '${{data.num_classes}}'}}\n")[0][0] == "late-interpolation"


def test_a_fact_in_vars_is_judged_where_it_is_used(tree: Tree) -> None:
    root = interpolate(tree("vars: {}\nmodel: {a: '${model.b}', b: '${data.num_classes}'}\n"), {})
    assert find(root, ["model", "a"]).is_late


def test_the_exact_reference_is_blamed(tree: Tree) -> None:
    assert refused(tree, 'vars: {a: 1}\nx: "${vars.a}-${vars.b}"\n') == [
        ("unknown-reference", "experiment.yaml:2:15", 9)
    ]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a: ${b}\n", "unknown-reference"),
        ("a: ${}\n", "unknown-reference"),
        ("a: ${env:X}\n", "unset-variable"),
        ("a: '${x'\n", "bad-interpolation"),
        ("b: 1\na: '${${b}}'\n", "bad-interpolation"),
        ("vars: {x: 1}\na: 'm-${vars}'\n", "bad-interpolation"),
        ("a: ${a}\n", "interpolation-circle"),
        ("a: {b: '${a}'}\n", "interpolation-circle"),
        ("a: [5, '${a}']\n", "interpolation-circle"),
    ],
)
def test_what_leads_nowhere_is_refused(tree: Tree, text: str, code: str) -> None:
    assert [problem[0] for problem in refused(tree, text)] == [code]


def test_a_circle_is_told_once(tree: Tree) -> None:
    assert len(refused(tree, "a: ${b}\nb: ${c}\nc: ${a}\nd: ${a}\n")) == 1


def test_all_problems_are_reported_together(tree: Tree) -> None:
    codes = [problem[0] for problem in refused(tree, "a: ${x}\nb: ${env:X}\nc: '${'\n")]
    assert codes == ["unknown-reference", "unset-variable", "bad-interpolation"]


def test_a_value_knows_where_it_is_used_and_where_it_is_written(tree: Tree) -> None:
    used = interpolate(tree("vars:\n  x: 5\ny: ${vars.x}\n"), {}).value["y"]
    assert (str(used.location), str(used.origin), used.raw) == (
        "experiment.yaml:3:4",
        "experiment.yaml:2:6",
        "${vars.x}",
    )


def test_the_environment_is_not_interpolated_again(tree: Tree) -> None:
    assert resolved(tree, "a: ${env:X}\n", X="${b}") == {"a": "${b}"}
