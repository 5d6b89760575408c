"""A run that an experiment builds on is found once, before there is a run of its own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from workplace import SMALL, Workplace

from trainctl.config.load import Loaded, load
from trainctl.config.render import resolved_yaml
from trainctl.errors import RunDirError
from trainctl.jobs.base_runs import pin_base_runs


def a_run(workplace: Workplace, run_id: str) -> Path:
    directory = workplace.folder / "own runs" / "base" / run_id
    directory.mkdir(parents=True)
    (directory / "run.json").write_text(json.dumps({"run_id": run_id, "name": "base", "started": run_id}))
    return directory


def built_on(workplace: Workplace, run: str, **sections: Any) -> Loaded:
    layers = [{"Saved": {"run": run}}, {"Dense": {"units": "${data.num_classes}", "activation": "softmax"}}]
    config = workplace.write(model={"layers": layers}, **sections)
    return load(str(config), runs_dir=workplace.folder / "own runs")


@pytest.mark.parametrize("run", ["latest", "base", "${vars.base}"])
def test_the_run_of_that_moment_stays_the_one(workplace: Workplace, run: str) -> None:
    first = a_run(workplace, "20260101-120000-aaaaaa")
    loaded = pin_base_runs(built_on(workplace, run, vars={"base": "base"}))
    a_run(workplace, "20260102-120000-bbbbbb")
    for experiment in (loaded.experiment, loaded.bind({"num_classes": 3})):
        assert experiment.model.layers[0].component.path == str(first)
    (workplace.folder / "resolved.yaml").write_text(resolved_yaml(loaded, 7))
    again = load(str(workplace.folder / "resolved.yaml"))
    assert again.experiment.model.layers[0].component.path == str(first)


def test_a_run_that_goes_on_knows_what_it_began_with(workplace: Workplace) -> None:
    a_run(workplace, "20260102-120000-bbbbbb")
    loaded = pin_base_runs(built_on(workplace, "latest"), {"latest": "/elsewhere/base/1"})
    assert loaded.experiment.model.layers[0].component.path == "/elsewhere/base/1"


def test_no_such_run(workplace: Workplace) -> None:
    a_run(workplace, "20260101-120000-aaaaaa")
    with pytest.raises(RunDirError, match="no run 'bse'") as caught:
        pin_base_runs(built_on(workplace, "bse"))
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.location is not None
    assert "did you mean 'base'" in str(diagnostic.hint)


def test_without_such_a_run_it_is_left_as_it_is(workplace: Workplace) -> None:
    loaded = load(str(workplace.write(model=SMALL["model"])))
    assert pin_base_runs(loaded) is loaded
