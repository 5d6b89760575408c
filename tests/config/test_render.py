"""resolved.yaml: it loads again to an equal experiment, and gives no secret away."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from trainctl.config.load import Loaded, load
from trainctl.config.render import flat_settings, resolved_yaml, to_yaml
from trainctl.config.text.document import parse
from trainctl.config.text.nodes import Late
from trainctl.diagnostics import Source

Load = Callable[..., Loaded]
Essence = Callable[[Any], Any]
CONFIGS = [
    path
    for path in sorted((Path(__file__).parents[2] / "configs").rglob("*.yaml"))
    if not path.with_suffix(".py").exists()
]  # the others want their module imported


def again(loaded: Loaded, folder: Path, environ: dict[str, str]) -> Loaded:
    """The experiment loaded from its own resolved.yaml, in another folder."""
    folder.mkdir(exist_ok=True)
    path = folder / "resolved.yaml"
    path.write_text(resolved_yaml(loaded, seed=7), encoding="utf-8")
    return load(str(path), (), environ)


def says(loaded: Loaded, essence: Essence) -> Any:
    """What the experiment says, with the name and the seed that resolving fills in."""
    kind, fields = essence(loaded.experiment)
    return kind, {**fields, "name": loaded.name, "seed": 7}


@pytest.mark.parametrize("config", CONFIGS, ids=lambda path: path.stem)
def test_a_shipped_config_resolves_to_itself(config: Path, tmp_path: Path, essence: Essence) -> None:
    loaded = load(str(config), (), {})
    assert says(again(loaded, tmp_path, {}), essence) == says(loaded, essence)


COMPOSED = {
    "extends": ("extends: base.yaml\ncallbacks: {EarlyStopping: {patience: 9}, TerminateOnNaN: null}\n", ()),
    "overrides": ("extends: base.yaml\n", ("compile.optimizer.learning_rate=1/8", "model.layers.hidden.units=9")),
    "vars": (
        "extends: base.yaml\nvars: {width: 9, list: [1, {a: b}]}\nmodel: {layers: [{Dense: {units: '${vars.width}'}}]}\n",
        (),
    ),
    "late": (
        "extends: base.yaml\n",
        ("model.layers.hidden.units=${data.num_classes}", "model.layers.hidden.name=n${data.num_classes}"),
    ),
    "secrets": ("extends: base.yaml\ndescription: by ${env:WHO}\n", ("data.batch_size=${env:BATCH}",)),
    "literals": ("extends: base.yaml\ndescription: 'a $${b} ${env:NO:-c} \"d\" #e'\n", ()),
    "text like numbers": (
        "extends: base.yaml\nname: '1e3'\ndescription: 'null'\n",
        ("model.layers.hidden.dtype='017'",),
    ),
    "nothing removed stays": ("extends: base.yaml\ncallbacks: null\ncompile: {metrics: null}\n", ()),
}


@pytest.mark.parametrize("case", COMPOSED)
def test_a_composed_experiment_resolves_to_itself(
    case: str, load_text: Load, experiment: str, essence: Essence, tmp_path: Path
) -> None:
    text, overrides = COMPOSED[case]
    environ = {"WHO": "me ${vars}", "BATCH": "16"}
    loaded = load_text(text, *overrides, environ=environ, base=experiment)
    assert says(again(loaded, tmp_path / "run", environ), essence) == says(loaded, essence)


def test_input_paths_become_absolute(load_text: Load, experiment: str, tmp_path: Path) -> None:
    loaded = load_text(experiment.replace("source: Iris", "source: {CSV: {path: data.csv, label: y}}"))
    assert f"path: {tmp_path / 'data.csv'}" in resolved_yaml(loaded, 7)


def test_output_paths_stay_as_they_are(load_text: Load, experiment: str) -> None:
    loaded = load_text(experiment.replace("TerminateOnNaN", "CSVLogger: {filename: logs/a.csv}"))
    assert "filename: logs/a.csv\n" in resolved_yaml(loaded, 7)


def test_secrets_stay_unresolved(load_text: Load, experiment: str) -> None:
    text = f'description: "as ${{env:TOKEN}}"\nvars: {{a: "${{env:TOKEN}}", b: "${{vars.a}}", c: ["${{vars}}"]}}\n{experiment}'
    text = text.replace(', c: ["${vars}"]', "")
    resolved = resolved_yaml(load_text(text, environ={"TOKEN": "hunter2"}), 7)
    assert "hunter2" not in resolved
    assert "as ${env:TOKEN}" in resolved


def test_a_secret_within_a_whole_mapping_stays_unresolved(load_text: Load, experiment: str) -> None:
    text = "vars: {headers: {Authorization: 'Bearer ${env:TOKEN}'}}\n" + experiment.replace(
        "TerminateOnNaN", "RemoteMonitor: {headers: '${vars.headers}'}"
    )
    loaded = load_text(text, environ={"TOKEN": "hunter2"})
    assert loaded.experiment.callbacks[1].headers == {"Authorization": "Bearer hunter2"}
    assert "hunter2" not in resolved_yaml(loaded, 7)


def test_late_facts_stay_late(load_text: Load, experiment: str, tmp_path: Path) -> None:
    loaded = load_text(experiment.replace("units: 3", "units: '${data.num_classes}'"))
    units = again(loaded, tmp_path / "run", {}).experiment.model.layers[1].component.arguments["units"]
    assert units == Late("${data.num_classes}")


def test_defaults_and_the_seed_are_filled_in(load_text: Load) -> None:
    resolved = resolved_yaml(load_text(), 7)
    for line in ("name: experiment", "seed: 7", "  batch_size: 32", "    min_delta: 0", "  precision: float32"):
        assert f"{line}\n" in resolved


@pytest.mark.parametrize(
    "value",
    [
        "1e-3",
        "no",
        "yes",
        "null",
        "~",
        "",
        "017",
        "0o17",
        "0xff",
        "1:30",
        "2024-01-01",
        "a: b",
        "- a",
        "# a",
        "a #b",
        "{a}",
        "[a",
        "'",
        '"',
        "a\nb",
        " a ",
        "\t",
        "*a",
        "&a",
        "!a",
        "%a",
        "@a",
        "`a",
        ">= 1",
        "|",
        "größer 数 🙂",
        "\x1b[31m",
        "x" * 300,
        "a b " * 60,
        ".inf",
        ".5",
        "1_000",
        "=",
        "<<",
        "?",
        "-",
        "---",
        "...",
        "true",
        1e-7,
        1e20,
        0.1,
        1.0,
        -0.0,
        5,
        float("inf"),
        True,
        None,
        [],
        {},
        [[], {}],
        {"a": None},
    ],
)
def test_any_value_reads_back_as_itself(value: Any) -> None:
    node = parse(Source("x", to_yaml({"key": value}), Path()))
    assert node.plain() == {"key": value}
    assert type(node.plain()["key"]) is type(value)


def test_flat_settings_are_named_as_in_set(load_text: Load, experiment: str) -> None:
    """Each path is one that `--set` takes; a secret stays as it is written, a component is known by its name."""
    text = experiment.replace(
        "TerminateOnNaN", "RemoteMonitor: {root: '${env:WHERE}', headers: {Accept: text}}\n  - History"
    )
    loaded = load_text(text, environ={"WHERE": "http://s3cret"})
    settings = flat_settings(loaded, 42)
    assert settings["seed"] == 42
    assert settings["data.source"] == "Iris"
    assert settings["compile.optimizer"] == "Adam"
    assert settings["compile.optimizer.learning_rate"] == 1e-3
    assert settings["compile.metrics"] == ["accuracy"]
    assert settings["model.layers.0.Dense.name"] == "hidden"
    assert settings["callbacks.EarlyStopping.patience"] == 3
    assert settings["callbacks.EarlyStopping.min_delta"] == 0
    assert settings["callbacks.RemoteMonitor.root"] == "${env:WHERE}"
    assert settings["callbacks.RemoteMonitor.headers.Accept"] == "text"
    assert settings["callbacks.History"] == "History"
    for path in ("compile.optimizer.learning_rate", "model.layers.0.Dense.units", "callbacks.EarlyStopping.patience"):
        changed = load_text(text, f"{path}=7", environ={"WHERE": "http://s3cret"})
        assert flat_settings(changed, 42) == {**flat_settings(loaded, 42), path: 7}
