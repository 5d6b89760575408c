"""From a file name to an experiment: name, warnings, and what waits for the data."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from trainctl.config.load import Loaded, load
from trainctl.errors import ConfigError, UsageError

Load = Callable[..., Loaded]


def test_it_is_called_after_its_file_unless_it_has_a_name(load_text: Load, experiment: str, tmp_path: Path) -> None:
    assert load_text().name == "experiment"
    assert load_text(f"name: mine\n{experiment}").name == "mine"
    file = tmp_path / "my first try!.yaml"
    file.write_text(experiment)
    assert load(str(file)).name == "my-first-try-"


def test_a_warning_is_kept_and_stops_nothing(load_text: Load, experiment: str) -> None:
    found = load_text(experiment.replace("patience: 3", "patience: 9"))
    assert [each.code for each in found.warnings] == ["no-effect"]


def test_all_errors_come_at_once(load_text: Load, experiment: str) -> None:
    with pytest.raises(ConfigError) as error:
        load_text(experiment.replace("epochs: 5", "epochs: 0").replace("units: 16", "unit: 16"))
    assert {each.path for each in error.value.diagnostics} >= {"fit.epochs"}
    assert len(error.value.diagnostics) > 1


def test_a_fact_of_the_data_is_bound_later(load_text: Load, experiment: str) -> None:
    found = load_text(experiment.replace("units: 3,", "units: '${data.num_classes}',"))
    bound = found.bind({"num_classes": 3}, {})
    assert bound.model.layers[-1].component.arguments["units"] == 3
    with pytest.raises(ConfigError):
        found.bind({"num_classes": "three"}, {})


def test_without_such_a_fact_the_experiment_stays_the_same(load_text: Load) -> None:
    found = load_text()
    assert found.bind({"num_classes": 3}, {}) is found.experiment
    assert found.with_places({}) is found


def test_no_file_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        load(str(tmp_path / "absent.yaml"))
