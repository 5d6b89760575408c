"""DESIGN §2.7: `--set path=value`, rule by rule."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from trainctl.config.compose.overrides import apply_overrides
from trainctl.config.compose.paths import find
from trainctl.config.text.nodes import Node
from trainctl.errors import ConfigError, UsageError

TEXT = """\
fit: {epochs: 5}
model:
  layers:
    - Dense: {units: 8, name: first}
    - Dropout: {rate: 0.5}
    - Dense: {units: 3, name: head}
compile:
  optimizer: {Adam: {learning_rate: 1e-3}}
  loss: mse
callbacks:
  - EarlyStopping: {patience: 3}
  - TerminateOnNaN
"""


@pytest.fixture
def root(tree: Callable[[str], Node]) -> Node:
    return tree(TEXT)


def at(root: Node, path: str) -> Any:
    return find(root, path.split(".")).plain()


def problem(root: Node, *arguments: str) -> str:
    with pytest.raises(ConfigError) as caught:
        apply_overrides(root, arguments)
    [diagnostic] = caught.value.diagnostics
    return f"{diagnostic.message}|{diagnostic.hint}"


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("fit.epochs", 9),
        ("callbacks.EarlyStopping.patience", 9),
        ("callbacks.0.patience", 9),
        ("callbacks.0.EarlyStopping.patience", 9),
        ("callbacks.EarlyStopping.EarlyStopping.patience", 9),
        ("model.layers.head.units", 9),
        ("model.layers.2.units", 9),
        ("model.layers.Dropout.rate", 9),
        ("compile.optimizer.learning_rate", 9),
        ("compile.optimizer.Adam.learning_rate", 9),
        ("compile.loss", 9),
    ],
)
def test_a_path_leads_to_its_value(root: Node, path: str, value: int) -> None:
    assert at(apply_overrides(root, [f"{path}={value}"]), path) == value


def test_the_input_is_left_alone(root: Node) -> None:
    apply_overrides(root, ["fit.epochs=9"])
    assert at(root, "fit.epochs") == 5


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-2", 0.01),
        ("null", None),
        ("", None),
        ("no", "no"),
        ("'5'", "5"),
        ("[1, {a: 2}]", [1, {"a": 2}]),
        ("a=b", "a=b"),
        (">= 0.9", ">= 0.9"),
        ("@x", "@x"),
        ("# text", None),
    ],
)
def test_the_value_is_yaml(root: Node, text: str, value: object) -> None:
    assert at(apply_overrides(root, [f"fit.x={text}"]), "fit.x") == value


def test_a_new_key_is_made_with_the_mappings_above_it(root: Node) -> None:
    assert apply_overrides(root, ["execution.precision=float32"]).plain()["execution"] == {"precision": "float32"}


def test_a_bare_component_gets_its_mapping_made(root: Node) -> None:
    changed = apply_overrides(root, ["callbacks.TerminateOnNaN.raise_error=true"])
    assert changed.plain()["callbacks"][1] == {"TerminateOnNaN": {"raise_error": True}}


def test_a_lower_case_identifier_gets_its_mapping_made(tree: Callable[[str], Node]) -> None:
    changed = apply_overrides(tree("compile: {optimizer: adam}\n"), ["compile.optimizer.learning_rate=0.1"])
    assert changed.plain() == {"compile": {"optimizer": {"Adam": {"learning_rate": 0.1}}}}


def test_a_component_is_replaced_whole(root: Node) -> None:
    assert at(apply_overrides(root, ["compile.optimizer=SGD"]), "compile.optimizer") == "SGD"


def test_null_removes_an_item_of_a_list(root: Node) -> None:
    assert at(apply_overrides(root, ["callbacks.EarlyStopping=null"]), "callbacks") == ["TerminateOnNaN"]


def test_a_mapping_replaces_the_arguments_of_an_item(root: Node) -> None:
    changed = apply_overrides(root, ["callbacks.EarlyStopping={monitor: loss}"])
    assert at(changed, "callbacks.0.EarlyStopping") == {"monitor": "loss"}


def test_a_mapping_amends_the_callbacks(root: Node) -> None:
    changed = apply_overrides(root, ["callbacks={EarlyStopping: {monitor: loss}, CSVLogger: {filename: a.csv}}"])
    assert at(changed, "callbacks") == [
        {"EarlyStopping": {"patience": 3, "monitor": "loss"}},
        "TerminateOnNaN",
        {"CSVLogger": {"filename": "a.csv"}},
    ]


def test_a_later_one_wins(root: Node) -> None:
    assert at(apply_overrides(root, ["fit.epochs=6", "fit.epochs=7"]), "fit.epochs") == 7


def test_a_later_one_sees_what_an_earlier_one_made(root: Node) -> None:
    changed = apply_overrides(root, ["callbacks={CSVLogger: {filename: a}}", "callbacks.CSVLogger.filename=b"])
    assert at(changed, "callbacks.CSVLogger.filename") == "b"


def test_the_value_knows_its_place_and_what_it_replaced(root: Node) -> None:
    epochs = find(apply_overrides(root, ["compile.loss=mae", "fit.epochs=[7]"]), ["fit", "epochs"])
    assert str(epochs.location) == "--set #2:1:12"
    assert str(epochs.value[0].location) == "--set #2:1:13"
    assert [str(node.location) for node in epochs.earlier] == ["experiment.yaml:1:15"]


def test_a_relative_path_in_a_value_starts_at_the_working_directory(root: Node) -> None:
    path = find(apply_overrides(root, ["data.source={CSV: {path: a.csv}}"]), ["data", "source", "path"])
    assert path.location.source.directory == Path.cwd()


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        (
            "model.layers.Dense.units=1",
            "2 items of model.layers are called Dense|use an index: model.layers.0 or model.layers.2",
        ),
        ("callbacks.9.x=1", "callbacks has no item 9; it has 2 items, counted from 0|None"),
        ("callbacks.EarlyStoping.x=1", "callbacks has no EarlyStoping|did you mean 'EarlyStopping'?"),
        ("fit.epochs.x=1", "fit.epochs is 5, which has no 'x'|None"),
        (
            "data.source.path=a.csv",
            "data.source is not set, so 'path' cannot be changed|set it as a whole: --set data.source=…",
        ),
    ],
)
def test_a_path_that_leads_nowhere_is_refused(root: Node, argument: str, message: str) -> None:
    assert problem(root, argument) == message


def test_all_bad_paths_are_reported_together(root: Node) -> None:
    with pytest.raises(ConfigError) as caught:
        apply_overrides(root, ["callbacks.9.x=1", "fit.epochs=1", "fit.epochs.x=1"])
    assert [str(each.location) for each in caught.value.diagnostics] == ["--set #1:1:1", "--set #3:1:1"]


@pytest.mark.parametrize(
    "argument", ["fit.epochs", "=5", "", ".a=1", "a..b=1", "a.=1", "a=[1", "a={b: 'c}", "a=\udce4"]
)
def test_what_is_no_override_at_all_is_wrong_usage(root: Node, argument: str) -> None:
    with pytest.raises(UsageError):
        apply_overrides(root, [argument])


def test_a_secret_looking_value_goes_nowhere(tmp_path: Path) -> None:
    from trainctl.config.compose.overrides import redacted
    from trainctl.config.explain import explain
    from trainctl.config.load import load
    from trainctl.config.render import resolved_yaml

    config = tmp_path / "a.yaml"
    config.write_text(
        "data: {source: Synthetic}\nmodel: {layers: [Dense: {units: 3}]}\ncompile: {loss: mse}\n"
        "callbacks: [RemoteMonitor: {headers: {X: y}}]\n"
    )
    argument = "callbacks.RemoteMonitor.headers.Authorization=hunter2"
    loaded = load(str(config), [argument])
    assert loaded.experiment.callbacks[0].headers["Authorization"] == "hunter2"  # type: ignore[attr-defined]
    assert "Authorization: ${env:AUTHORIZATION}" in resolved_yaml(loaded, 1)
    assert "hunter2" not in resolved_yaml(loaded, 1)
    assert "hunter2" not in repr(explain(loaded))
    assert redacted(argument) == "callbacks.RemoteMonitor.headers.Authorization=…"
    nested = "callbacks.RemoteMonitor.headers={Authorization: hunter2, X-Token: '12345'}"
    loaded = load(str(config), [nested])
    assert "hunter2" not in resolved_yaml(loaded, 1)
    assert "12345" not in resolved_yaml(loaded, 1)
    assert "hunter2" not in redacted(nested)


@pytest.mark.parametrize("argument", ["fit.epochs=3", "model.layers.0.oov_token='[UNK]'", "vars.a={b: c}", "vars.a=b"])
def test_what_is_no_secret_is_shown(argument: str) -> None:
    from trainctl.config.compose.overrides import redacted

    assert redacted(argument) == argument


def test_what_is_beside_the_optimizer_is_set_beside_it(tree: Callable[[str], Node]) -> None:
    root = tree("compile: {optimizer: {AdamW: {weight_decay: 0.1}}}\n")
    changed = apply_overrides(
        root, ["compile.optimizer.exclude=[bias]", "compile.optimizer.learning_rate_multiplier.base=0.5"]
    )
    assert changed.plain()["compile"]["optimizer"] == {
        "AdamW": {"weight_decay": 0.1},
        "exclude": ["bias"],
        "learning_rate_multiplier": {"base": 0.5},
    }


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ("extends=\nx", "extends cannot be set"),
        ("extends=base.yaml", "extends cannot be set"),
        (f"{'a.' * 2000}b=1", "the path has 2,001 steps; the limit is 100"),
    ],
)
def test_a_path_that_cannot_be_set(tree: Callable[[str], Node], argument: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        apply_overrides(tree("fit: {epochs: 3}\n"), [argument])


def test_a_value_of_several_lines_keeps_its_places(tree: Callable[[str], Node]) -> None:
    root = apply_overrides(tree("fit: {epochs: 3}\n"), ["vars.a=\n- 1\n- b: 2\n"])
    found = root.value["vars"].value["a"]
    assert found.plain() == [1, {"b": 2}]
    assert [str(each.location) for each in found.value] == ["--set #1:2:3", "--set #1:3:3"]
    assert found.value[1].value["b"].location.source.text.startswith("vars.a=")


@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\x85", "\u2028"])
def test_a_value_may_begin_on_the_next_line(tree: Callable[[str], Node], line_break: str) -> None:
    root = apply_overrides(tree("fit: {epochs: 3}\n"), [f"vars.a={line_break}x"])
    assert root.value["vars"].value["a"].plain() == "x"
