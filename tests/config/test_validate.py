"""Tree to experiment: what the specs become, and that one mistake is one problem. The words are in tests/golden."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from trainctl.components.callbacks.early_stopping import EarlyStopping
from trainctl.components.callbacks.terminate_on_nan import TerminateOnNaN
from trainctl.config.component import KerasComponent
from trainctl.config.load import Loaded
from trainctl.config.text.nodes import Late
from trainctl.diagnostics import Diagnostic
from trainctl.errors import ConfigError
from trainctl.sources.iris import Iris

Load = Callable[..., Loaded]
Problems = Callable[..., list[Diagnostic]]


def test_a_valid_experiment_becomes_frozen_specs(load_text: Load) -> None:
    experiment = load_text().experiment
    assert isinstance(experiment.data.source, Iris)
    stopping, terminate = experiment.callbacks
    assert isinstance(stopping, EarlyStopping)
    assert (stopping.patience, stopping.monitor) == (3, "val_loss")
    assert isinstance(terminate, TerminateOnNaN)
    with pytest.raises(ValueError, match="frozen"):
        experiment.fit.epochs = 3


def test_components_of_keras_keep_their_names_arguments_and_places(load_text: Load) -> None:
    hidden = load_text().experiment.model.layers[0].component
    assert isinstance(hidden, KerasComponent)
    assert (hidden.kind, hidden.name, hidden.path) == ("layer", "Dense", "model.layers.0.Dense")
    assert (hidden.arguments["units"], hidden.arguments["name"]) == (16, "hidden")
    assert str(hidden.value_locations["units"]) == "experiment.yaml:6:22"
    activation = hidden.arguments["activation"]
    assert (activation.kind, activation.name) == ("activation", "relu")


def test_the_name_is_the_files_stem_unless_it_is_given(load_text: Load, experiment: str) -> None:
    assert load_text().name == "experiment"
    assert load_text(f"name: mine\n{experiment}").name == "mine"


def test_sections_that_may_be_left_out_have_their_defaults(load_text: Load) -> None:
    experiment = load_text().experiment
    assert (experiment.data.batch_size, experiment.execution.precision, experiment.seed) == (32, "float32", None)


@pytest.mark.parametrize(
    ("old", "new", "find"),
    [
        ("epochs: 5", "epochs: 1e1", lambda e: (e.fit.epochs, 10)),
        ("epochs: 5", "epochs: 20/2", lambda e: (e.fit.epochs, 10)),
        ("validation_split: 0.2", "validation_split: 1/5", lambda e: (e.data.validation_split, 0.2)),
        (
            "learning_rate: 1e-3",
            "learning_rate: 1/1000",
            lambda e: (e.compile.optimizer.arguments["learning_rate"], 0.001),
        ),
        ("learning_rate: 1e-3", "learning_rate: 1", lambda e: (e.compile.optimizer.arguments["learning_rate"], 1.0)),
        ("units: 16", "units: 1.6e1", lambda e: (e.model.layers[0].component.arguments["units"], 16)),
        ("name: hidden", "dtype: 1/2", lambda e: (e.model.layers[0].component.arguments["dtype"], "1/2")),
        (
            "units: 16",
            "units: '${data.num_classes}'",
            lambda e: (e.model.layers[0].component.arguments["units"], Late("${data.num_classes}")),
        ),
        ("epochs: 5", "epochs: ${data.num_samples}", lambda e: (e.fit.epochs, Late("${data.num_samples}"))),
        (
            "patience: 3",
            "patience: '${data.num_classes}'",
            lambda e: (e.callbacks[0].patience, Late("${data.num_classes}")),
        ),
    ],
)
def test_values_become_what_the_setting_takes(
    load_text: Load, experiment: str, old: str, new: str, find: Callable[[Any], tuple[Any, Any]]
) -> None:
    found, wanted = find(load_text(experiment.replace(old, new)).experiment)
    assert found == wanted
    assert type(found) is type(wanted)


@pytest.mark.parametrize(
    ("written", "variable", "value"),
    [("epochs: 5", "7", 7), ("epochs: 5", "1e1", 10)],
)
def test_the_environment_is_read_as_what_the_setting_takes(
    load_text: Load, experiment: str, written: str, variable: str, value: int
) -> None:
    text = experiment.replace(written, "epochs: ${env:E}")
    assert load_text(text, environ={"E": variable}).experiment.fit.epochs == value


def test_the_environment_stays_text_where_text_is_wanted(load_text: Load, experiment: str) -> None:
    loaded = load_text(f"name: ${{env:N}}\n{experiment}", environ={"N": "2024"})
    assert loaded.experiment.name == "2024"


def test_a_default_for_the_environment_is_read_alike(load_text: Load, experiment: str) -> None:
    text = experiment.replace("epochs: 5", "epochs: ${env:NO_SUCH:-7}").replace("units: 16", 'units: "${env:NO:-8}"')
    loaded = load_text(text)
    assert loaded.experiment.fit.epochs == 7
    assert loaded.experiment.model.layers[0].component.arguments["units"] == 8


def test_late_facts_are_bound_and_checked_again(load_text: Load, experiment: str) -> None:
    loaded = load_text(experiment.replace("epochs: 5", "epochs: ${data.num_classes}"))
    assert loaded.bind({"num_classes": 3}, {}).fit.epochs == 3
    with pytest.raises(ConfigError, match=r"fit\.epochs must be at least 1, got 0"):
        loaded.bind({"num_classes": 0}, {})


def test_a_callback_that_waits_for_facts_is_checked_when_they_are_bound(load_text: Load, experiment: str) -> None:
    name = '"{}-${{data.num_classes}}.keras"'
    late = load_text(experiment.replace("TerminateOnNaN", f"ModelCheckpoint: {{filepath: {name.format('m')}}}"))
    assert late.bind({"num_classes": 3}, {}).callbacks[1].filepath == "m-3.keras"
    outside = load_text(experiment.replace("TerminateOnNaN", f"ModelCheckpoint: {{filepath: {name.format('../m')}}}"))
    with pytest.raises(ConfigError, match="is outside the run directory"):
        outside.bind({"num_classes": 3}, {})


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("TerminateOnNaN", "${data.num_classes}"),
        ("[accuracy]", "${data.num_classes}"),
        ("[accuracy]", '["${data.num_classes}"]'),
    ],
)
def test_a_fact_is_no_component(problems: Problems, experiment: str, old: str, new: str) -> None:
    [problem] = problems(experiment.replace(old, new))
    assert problem.received == "'${data.num_classes}'"


def test_an_experiment_without_late_facts_is_bound_to_itself(load_text: Load) -> None:
    loaded = load_text()
    assert loaded.bind({"num_classes": 3}) is loaded.experiment


def test_input_paths_start_at_the_file_that_names_them(load_text: Load, experiment: str, tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    base = experiment.replace("source: Iris", "source: {CSV: {path: data.csv, label: y}}")
    loaded = load_text("extends: sub/base.yaml\n", **{"sub/base": base})
    assert Path(loaded.experiment.data.source.path) == tmp_path / "sub" / "data.csv"


def test_null_removes_a_component_and_a_section(load_text: Load, experiment: str) -> None:
    loaded = load_text("extends: base.yaml\ncallbacks: null\ncompile: {optimizer: null}\n", base=experiment)
    assert loaded.experiment.callbacks == ()
    assert loaded.experiment.compile.optimizer.name == "rmsprop"


@pytest.mark.parametrize("form", ["TerminateOnNaN", "TerminateOnNaN:", "TerminateOnNaN: {}", "{TerminateOnNaN: null}"])
def test_the_forms_of_a_component_without_arguments_are_one(
    load_text: Load, essence: Callable[[Any], Any], experiment: str, form: str
) -> None:
    loaded = load_text(experiment.replace("TerminateOnNaN", form))
    assert essence(loaded.experiment) == essence(load_text().experiment)


@pytest.mark.parametrize(
    ("old", "new", "codes"),
    [
        ("data:\n  source: Iris\n  validation_split: 0.2", "data: 5", ["wrong-type"]),
        ("compile:\n  optimizer:\n    Adam: {learning_rate: 1e-3}", "compile:\n  optimizer: 5", ["not-a-component"]),
        ("Adam: {learning_rate: 1e-3}", "Adam: {lr: 1e-3, learning_rate: []}", ["unknown-argument", "wrong-type"]),
        ("{units: 16, ", "{unit: 16, ", ["unknown-argument"]),
        ("units: 16", "units: [16]", ["wrong-type"]),
        ("patience: 3", "patience: {a: [1]}", ["wrong-type"]),
        ("patience: 3", "patience: []", ["wrong-type"]),
        ("monitor: val_loss", "monitor: ''", ["wrong-value"]),
        ("monitor: val_loss", "monitor: null", ["wrong-type"]),
        ("  - TerminateOnNaN", "  - [TerminateOnNaN]", ["not-a-component"]),
        ("  - TerminateOnNaN", "  - 5", ["not-a-component"]),
        ("  - TerminateOnNaN", "  - {}", ["not-a-component"]),
        ("  - TerminateOnNaN", "  - true", ["not-a-component"]),
        ("  - TerminateOnNaN", "  - TerminateOnNaN: 5", ["wrong-type"]),
        ("metrics: [accuracy]", "metrics: [[accuracy]]", ["not-a-component"]),
        ("metrics: [accuracy]", "metrics: {accuracy: null}", ["wrong-type"]),
        ("epochs: 5", "epochs: .nan", ["wrong-type"]),
        ("epochs: 5", "epochs: .inf", ["wrong-type"]),
        ("epochs: 5", f"epochs: {'9' * 5000}", ["wrong-type"]),
        ("epochs: 5", "epochs: true", ["wrong-type"]),
        ("validation_split: 0.2", "validation_split: .nan", ["out-of-range"]),
        ("source: Iris", "source: [Iris]", ["not-a-component"]),
        ("source: Iris", "source: {Iris: null, Digits: null}", ["two-components"]),
        ("source: Iris", "source: {Iris: {path: a.csv}}", ["unknown-argument"]),
    ],
)
def test_each_mistake_is_told_once(problems: Problems, experiment: str, old: str, new: str, codes: list[str]) -> None:
    assert old in experiment
    assert [problem.code for problem in problems(experiment.replace(old, new))] == codes


def test_every_value_of_a_wrong_kind_is_a_problem_and_never_a_bug(problems: Problems, experiment: str) -> None:
    for line in experiment.splitlines():
        for value in ("5", "text", "[]", "[[]]", "{}", "{a: {b: [c]}}", "true", "null", '"${vars.x}"', "{A: 1, B: 2}"):
            key, colon, _ = line.partition(":")
            if colon:
                start = experiment.index(line)
                head, tail = experiment[:start], experiment[start + len(line) :]
                problems(f"{head}{key}: {value}{_after(tail, key)}")


def _after(tail: str, key: str) -> str:
    """The rest of the text without the block that belonged to `key`."""
    depth = len(key) - len(key.lstrip())
    lines = tail.split("\n")[1:]
    while lines and (len(lines[0]) - len(lines[0].lstrip()) > depth):
        lines.pop(0)
    return "\n" + "\n".join(lines)


def test_a_problem_of_an_interpolated_value_shows_where_it_is_written(problems: Problems, experiment: str) -> None:
    text = "vars:\n  epochs: many\n" + experiment.replace("epochs: 5", "epochs: ${vars.epochs}")
    [problem] = problems(text)
    assert [(each.message, str(each.location)) for each in problem.related] == [
        ("'many' is written here", "experiment.yaml:2:11")
    ]


def test_a_problem_of_an_override_shows_what_it_replaced_and_the_chain_of_files(
    problems: Problems, experiment: str
) -> None:
    [problem] = problems("extends: base.yaml\n", "fit.epochs=0", base=experiment)
    assert str(problem.location) == "--set #1:1:12"
    assert [(each.message, str(each.location)) for each in problem.related] == [
        ("overrides 5, written here", "base.yaml:14:11")
    ]
    [problem] = problems("extends: base.yaml\n", base=experiment.replace("epochs: 5", "epochs: 0"))
    assert [(each.message, str(each.location)) for each in problem.related] == [
        ("extended from here", "experiment.yaml:1:10")
    ]


def test_a_secret_is_not_repeated_in_a_problem(problems: Problems, experiment: str) -> None:
    text = experiment.replace("patience: 3", 'patience: "${env:TOKEN}"')
    [problem] = problems(text, environ={"TOKEN": "hunter2"})
    assert "hunter2" not in str(problem.as_dict())
    assert problem.received == "'${env:TOKEN}'"


def test_what_is_beside_the_optimizer_is_checked_with_all_else(problems: Problems, experiment: str) -> None:
    start = experiment.index("  optimizer:")
    line = experiment[start : experiment.index("\n", start)]
    beside = (
        "  optimizer:\n    AdamW: {exclude: [bias]}\n    exlude: [bias]\n    exclude: bias\n"
        "    learning_rate_multiplier: {base: -1, head: 2}"
    )
    found = problems(experiment[:start] + beside + _after(experiment[start + len(line) :], line))
    assert {(each.message, each.hint) for each in found} == {
        ("AdamW has no argument 'exclude'", 'write it beside AdamW: optimizer: {AdamW: {…}, exclude: ["bias"]}'),
        ("'exlude' is beside AdamW, not among its arguments", "did you mean 'exclude'?"),
        ("exclude must be a list of one or more texts, got 'bias'", None),
        ("learning_rate_multiplier.base must be a number greater than 0, got -1", None),
    }
