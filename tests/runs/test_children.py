"""What several runs come to together."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from trainctl.runs.children import child_run, kind_of_children, recorded_children, statistics, together
from trainctl.runs.layout import RunDirectory

WHOLE = RunDirectory(Path("/runs/x/20261127-120000-abcdef"))


def run(name: str, status: str = "done", **metrics: Any) -> Any:
    return child_run(
        WHOLE.child("folds", name), {"status": status, "exit_code": 0, "epochs_run": 3, "metrics": metrics}
    )


def test_mean_and_sample_deviation() -> None:
    found = statistics([{"loss": 1.0}, {"loss": 2.0}, {"loss": 6.0}])["loss"]
    assert (found.mean, found.values) == (3.0, (1.0, 2.0, 6.0))
    assert found.deviation == pytest.approx(math.sqrt(7))


def test_one_run_deviates_from_nothing() -> None:
    assert statistics([{"loss": 1.0}])["loss"].deviation == 0
    assert statistics([]) == {}


def test_a_metric_that_is_no_number_has_no_mean() -> None:
    found = statistics([{"loss": 1.0}, {"loss": math.nan}])["loss"]
    assert math.isnan(found.mean)
    assert math.isnan(found.deviation)


def test_only_what_all_have_measured_is_put_together() -> None:
    assert statistics([{"loss": 1.0, "val_loss": 2.0}, {"loss": 3.0}]).keys() == {"loss"}


def test_runs_that_are_not_done_do_not_count() -> None:
    found = together("folds", [run("1", loss=1.0), run("2", "interrupted", loss=9.0)])
    assert found.metrics["loss"].values == (1.0,)
    assert [each.status for each in found.runs] == ["done", "interrupted"]
    assert found.noun == "fold"


def test_what_is_recorded_says_what_the_runs_are() -> None:
    record = recorded_children(together("folds", [run("1", loss=None)]))
    (only,) = record["folds"]["runs"]
    assert (only["name"], only["directory"]) == ("1", "folds/1")
    assert only["run_id"] == "20261127-120000-abcdef-folds-1"
    assert math.isnan(only["metrics"]["loss"]), "as null in run.json"
    assert kind_of_children(record) == "folds"
    assert kind_of_children({"folds": "nonsense"}) is None
