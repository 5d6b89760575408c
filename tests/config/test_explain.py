"""Where every value comes from."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from trainctl.config.explain import explain
from trainctl.config.load import Loaded
from trainctl.config.render import written
from trainctl.config.text.document import parse
from trainctl.diagnostics import Source
from trainctl.errors import ConfigError

Load = Callable[..., Loaded]


def history(loaded: Loaded, path: str) -> list[str]:
    return [f"{origin.value} {origin}" for origin in explain(loaded, path)[1]]


def test_a_value_of_the_file(load_text: Load) -> None:
    assert history(load_text(), "fit.epochs") == ["5 experiment.yaml:14:11"]


def test_a_default(load_text: Load) -> None:
    assert history(load_text(), "data.batch_size") == ["32 default"]


def test_a_value_of_a_base(load_text: Load, experiment: str) -> None:
    loaded = load_text("extends: middle.yaml\n", middle="extends: base.yaml\n", base=experiment)
    assert history(loaded, "fit.epochs") == [
        "5 base.yaml:14:11, extended from middle.yaml:1:10, extended from experiment.yaml:1:10"
    ]


def test_overrides_newest_first(load_text: Load, experiment: str) -> None:
    loaded = load_text("extends: base.yaml\nfit: {epochs: 6}\n", "fit.epochs=7", "fit.epochs=8", base=experiment)
    assert history(loaded, "fit.epochs") == [
        "8 --set #2:1:12",
        "7 --set #1:1:12",
        "6 experiment.yaml:2:15",
        "5 base.yaml:14:11, extended from experiment.yaml:1:10",
    ]


def test_an_interpolation_and_what_it_stands_for(load_text: Load, experiment: str) -> None:
    loaded = load_text("vars: {n: 9}\n" + experiment.replace("epochs: 5", "epochs: ${vars.n}"))
    assert history(loaded, "fit.epochs") == ["9 experiment.yaml:15:11, from ${vars.n}"]


def test_an_amended_callback(load_text: Load, experiment: str) -> None:
    loaded = load_text("extends: base.yaml\ncallbacks: {EarlyStopping: {patience: 9}}\n", base=experiment)
    assert history(loaded, "callbacks.EarlyStopping.patience")[0] == "9 experiment.yaml:2:39"
    assert history(loaded, "callbacks.EarlyStopping.monitor")[0].startswith("val_loss base.yaml:16:")


def test_a_secret_is_shown_as_it_is_written(load_text: Load, experiment: str) -> None:
    loaded = load_text(experiment.replace("epochs: 5", "epochs: ${env:E}"), environ={"E": "9"})
    value, _, lines = explain(loaded, "fit.epochs")
    assert value == "${env:E}"
    assert [line.text for line in lines] == ["${env:E}"]


def test_the_lines_are_the_resolved_experiment(load_text: Load, experiment: str) -> None:
    loaded = load_text(experiment + "expect: {val_accuracy: '>= 0.1', loss: '< 9'}\ndescription: |\n  two\n  lines\n")
    value, _, lines = explain(loaded)
    text = "\n".join(line.text for line in lines)
    node = parse(Source("explained", text, loaded.sources[0].directory))
    assert written(node) == value


def test_every_scalar_has_an_origin(load_text: Load) -> None:
    for line in explain(load_text())[2]:
        assert line.origins or line.text.endswith(":")


@pytest.mark.parametrize(
    ("path", "hint"), [("fit.epoch", "did you mean 'epochs'?"), ("fits", "did you mean 'fit'?"), ("callbacks.9", None)]
)
def test_a_path_that_leads_nowhere(load_text: Load, path: str, hint: str | None) -> None:
    with pytest.raises(ConfigError) as caught:
        explain(load_text(), path)
    assert [problem.hint for problem in caught.value.diagnostics] == [hint]


@pytest.mark.parametrize("text", ["two\nlines\n", "word " * 60, "a: b", "'", "\u2028", ""])
def test_any_text_stays_on_one_line_and_reads_back(load_text: Load, experiment: str, text: str) -> None:
    lines = explain(load_text(f"description: {json.dumps(text)}\n{experiment}"))[2]
    [line] = [line.text for line in lines if line.text.startswith("description: ")]
    assert "\n" not in line
    assert parse(Source("explained", line, Path())).plain() == {"description": text}
