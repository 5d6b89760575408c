"""DESIGN §2.5: what it means for one file to be laid over another, rule by rule."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from trainctl.config.compose.extends import load_tree
from trainctl.config.compose.paths import find
from trainctl.config.text.nodes import Node
from trainctl.config.text.source import read_config
from trainctl.errors import ConfigError

Compose = Callable[..., Node]


@pytest.fixture
def compose(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Compose:
    """`compose(text, base=…, other=…)`: the tree of `text`, with the other files beside it."""
    monkeypatch.chdir(tmp_path)

    def composed(text: str, **files: str) -> Node:
        for name, content in {"experiment": text, **files}.items():
            path = tmp_path / f"{name}.yaml"
            path.parent.mkdir(exist_ok=True)
            path.write_text(content, encoding="utf-8")
        return load_tree(read_config("experiment.yaml"))[0]

    return composed


def merged(compose: Compose, over: str, base: str) -> Any:
    return compose(f"extends: base.yaml\n{over}", base=base).plain()


def code(compose: Compose, text: str, **files: str) -> str:
    with pytest.raises(ConfigError) as caught:
        compose(text, **files)
    [problem] = caught.value.diagnostics
    return problem.code


def test_mappings_merge(compose: Compose) -> None:
    assert merged(compose, "fit: {epochs: 3}", "fit: {epochs: 1, x: 2}\ndata: {a: 1}") == {
        "fit": {"epochs": 3, "x": 2},
        "data": {"a": 1},
    }


def test_scalars_and_lists_replace(compose: Compose) -> None:
    assert merged(compose, "a: 2\nb: [3]", "a: 1\nb: [1, 2]") == {"a": 2, "b": [3]}


def test_the_same_component_merges_its_arguments(compose: Compose) -> None:
    over, base = "compile: {optimizer: {Adam: {beta_1: 0.5}}}", "compile: {optimizer: {Adam: {learning_rate: 1}}}"
    assert merged(compose, over, base) == {"compile": {"optimizer": {"Adam": {"learning_rate": 1, "beta_1": 0.5}}}}


def test_another_component_replaces_the_whole(compose: Compose) -> None:
    over, base = "compile: {optimizer: {SGD: {momentum: 0.9}}}", "compile: {optimizer: {Adam: {learning_rate: 1}}}"
    assert merged(compose, over, base) == {"compile": {"optimizer": {"SGD": {"momentum": 0.9}}}}


def test_a_nested_component_follows_the_same_rule(compose: Compose) -> None:
    base = "o: {Adam: {learning_rate: {CosineDecay: {alpha: 1, decay_steps: 2}}, beta_1: 0.5}}"
    same = merged(compose, "o: {Adam: {learning_rate: {CosineDecay: {alpha: 3}}}}", base)
    assert same["o"]["Adam"] == {"learning_rate": {"CosineDecay": {"alpha": 3, "decay_steps": 2}}, "beta_1": 0.5}
    other = merged(compose, "o: {Adam: {learning_rate: 0.1}}", base)
    assert other["o"]["Adam"] == {"learning_rate": 0.1, "beta_1": 0.5}


def test_a_bare_name_over_its_mapping_changes_nothing(compose: Compose) -> None:
    assert merged(compose, "o: Adam", "o: {Adam: {beta_1: 0.5}}") == {"o": {"Adam": {"beta_1": 0.5}}}


def test_a_mapping_over_its_bare_name_gives_arguments(compose: Compose) -> None:
    assert merged(compose, "o: {Adam: {beta_1: 0.5}}", "o: Adam") == {"o": {"Adam": {"beta_1": 0.5}}}


def test_vars_are_no_components(compose: Compose) -> None:
    assert merged(compose, "vars: {Width: 2}", "vars: {Height: 1}") == {"vars": {"Height": 1, "Width": 2}}


def test_null_replaces_a_section_and_an_argument(compose: Compose) -> None:
    assert merged(compose, "expect: null\no: {Adam: {beta_1: null}}", "expect: {a: 1}\no: {Adam: {beta_1: 1}}") == {
        "expect": None,
        "o": {"Adam": {"beta_1": None}},
    }


BASE = "callbacks:\n  - EarlyStopping: {monitor: val_loss, patience: 3}\n  - TerminateOnNaN\n"


def amended(compose: Compose, amendment: str, base: str = BASE) -> Any:
    return merged(compose, f"callbacks: {amendment}", base)["callbacks"]


def test_an_amendment_changes_one_callback_in_its_place(compose: Compose) -> None:
    assert amended(compose, "{EarlyStopping: {patience: 5}}") == [
        {"EarlyStopping": {"monitor": "val_loss", "patience": 5}},
        "TerminateOnNaN",
    ]


def test_an_amendment_gives_arguments_to_a_bare_name(compose: Compose) -> None:
    assert amended(compose, "{TerminateOnNaN: {raise_error: true}}")[1] == {"TerminateOnNaN": {"raise_error": True}}


def test_null_removes_a_callback(compose: Compose) -> None:
    assert amended(compose, "{EarlyStopping: null}") == ["TerminateOnNaN"]


def test_a_name_not_in_the_base_is_appended(compose: Compose) -> None:
    assert amended(compose, "{CSVLogger: {filename: a.csv}}")[2] == {"CSVLogger": {"filename": "a.csv"}}


def test_a_name_that_matches_two_is_refused(compose: Compose) -> None:
    text = "extends: base.yaml\ncallbacks: {TerminateOnNaN: {}}\n"
    assert code(compose, text, base=f"{BASE}  - TerminateOnNaN\n") == "ambiguous"


def test_there_has_to_be_something_to_remove(compose: Compose) -> None:
    text = "extends: base.yaml\ncallbacks: {CSVLogger: null}\n"
    assert code(compose, text, base=BASE) == "nothing-to-remove"


def test_a_list_of_callbacks_replaces_the_inherited_one(compose: Compose) -> None:
    assert amended(compose, "[TerminateOnNaN]") == ["TerminateOnNaN"]


def test_null_removes_all_callbacks(compose: Compose) -> None:
    assert amended(compose, "null") is None


def test_a_mapping_of_callbacks_without_a_base_is_a_list(compose: Compose) -> None:
    assert compose("callbacks: {EarlyStopping: {patience: 1}}").plain() == {
        "callbacks": [{"EarlyStopping": {"patience": 1}}]
    }


def test_an_amendment_in_the_middle_of_a_chain(compose: Compose) -> None:
    tree = compose(
        "extends: middle.yaml\ncallbacks: {EarlyStopping: {patience: 9}}",
        middle="extends: base.yaml\ncallbacks: {EarlyStopping: {monitor: loss}, TerminateOnNaN: null}",
        base=BASE,
    )
    assert tree.plain() == {"callbacks": [{"EarlyStopping": {"monitor": "loss", "patience": 9}}]}


def test_of_several_bases_the_later_one_wins(compose: Compose) -> None:
    assert compose("extends: [a.yaml, b.yaml]\nz: 1\n", a="x: 1\ny: 1\n", b="y: 2\nz: 2\n").plain() == {
        "x": 1,
        "y": 2,
        "z": 1,
    }


def test_one_base_may_be_reached_on_two_ways(compose: Compose) -> None:
    tree = compose("extends: [a.yaml, b.yaml]\n", a="extends: c.yaml\nx: 1", b="extends: c.yaml\ny: 1", c="z: 1")
    assert tree.plain() == {"x": 1, "y": 1, "z": 1}


def test_a_base_is_found_from_the_file_that_names_it(compose: Compose, tmp_path: Path) -> None:
    tree = compose("extends: sub/a.yaml\n", **{"sub/a": "extends: ../b.yaml\nx: 1\n", "b": "y: 1\n"})
    assert tree.plain() == {"x": 1, "y": 1}
    assert str(find(tree, ["y"]).location) == "sub/../b.yaml:1:4"


@pytest.mark.parametrize("text", ["extends: null\nx: 1\n", "extends: []\nx: 1\n"])
def test_extending_nothing_is_allowed(compose: Compose, text: str) -> None:
    assert compose(text).plain() == {"x": 1}


@pytest.mark.parametrize("written", ["extends: 5", "extends: {a: 1}", "extends: ['']", "extends: [[a.yaml]]"])
def test_extends_takes_paths(compose: Compose, written: str) -> None:
    assert code(compose, f"{written}\nx: 1\n") == "wrong-type"


@pytest.mark.parametrize("name", ["missing.yaml", "no/such/folder.yaml", ".", '"\\0"'])
def test_a_base_that_cannot_be_read(compose: Compose, name: str) -> None:
    assert code(compose, f"extends: {name}\n") == "extends"


def test_a_circle_is_refused(compose: Compose) -> None:
    assert code(compose, "extends: a.yaml\n", a="extends: experiment.yaml\n") == "extends-circle"


def test_a_value_remembers_what_it_replaced(compose: Compose) -> None:
    tree = compose("extends: a.yaml\nx: 3\n", a="extends: b.yaml\nx: 2\n", b="x: 1\n")
    x = find(tree, ["x"])
    assert [(str(node.location), node.value) for node in (x, *x.earlier)] == [
        ("experiment.yaml:2:4", 3),
        ("a.yaml:2:4", 2),
        ("b.yaml:1:4", 1),
    ]


def test_every_file_that_was_read_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.yaml").write_text("extends: b.yaml\n")
    (tmp_path / "b.yaml").write_text("x: 1\n")
    _, sources = load_tree(read_config("a.yaml"))
    assert [source.name for source in sources] == ["a.yaml", "b.yaml"]
    assert str(sources[1].extended_from) == "a.yaml:1:10"
