"""What an experiment expects, beside what was measured."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from trainctl.config.experiment import Expectation
from trainctl.diagnostics import Location, Source
from trainctl.errors import ConfigError
from trainctl.runs.expected import judge, missed, require_baselines

EPOCHS = [
    {"epoch": 1, "val_accuracy": 0.8, "seconds": 9.0},
    {"epoch": 2, "val_accuracy": 0.9, "seconds": 1.0},
    {"epoch": 3, "val_accuracy": 0.7, "seconds": 3.0},
]
BASELINE = {"val_accuracy": {"majority": 0.6}, "val_mae": {"median": 2.0, "last": 1.0}}
KEPT = {"val_accuracy": 0.75, "val_mae": 0.95}


class Expecting:
    """An experiment that expects something."""

    def __init__(self, **bounds: str) -> None:
        parsed = {metric: Expectation.parse(metric, text) for metric, text in bounds.items()}
        self.expect: dict[str, Any] = {metric: each for metric, each in parsed.items() if each is not None}
        source = Source("a.yaml", "expect:", Path())
        for line, (metric, each) in enumerate(self.expect.items(), start=2):
            each.place(Location(source, line, 3), f"expect.{metric}")


@pytest.mark.parametrize(
    ("metric", "text", "value", "bound", "met"),
    [
        ("val_accuracy", ">= 0.75", 0.75, 0.75, True),
        ("val_accuracy", "best >= 0.9", 0.9, 0.9, True),
        ("val_accuracy", "best < 0.7", 0.7, 0.7, False),
        ("val_accuracy", "last > 0.7", 0.7, 0.7, False),
        ("val_accuracy", "> baseline + 0.1", 0.75, 0.7, True),
        ("val_mae", "< baseline", 0.95, 1.0, True),  # the constant that does best
        ("seconds_per_epoch", "< 3", 2.0, 3, True),  # the first epoch builds the graph
        ("val_auc", ">= 0.1", None, 0.1, False),
    ],
)
def test_a_bound_beside_its_value(metric: str, text: str, value: float, bound: float, met: bool) -> None:
    (result,) = judge(Expecting(**{metric: text}), KEPT, [EPOCHS], BASELINE)  # type: ignore[arg-type]
    assert (result.value, result.bound, result.met) == (value, pytest.approx(bound), met)


def test_of_several_runs_the_mean_counts() -> None:
    other = [{"epoch": 1, "val_accuracy": 0.5, "seconds": 4.0}]
    (result,) = judge(Expecting(val_accuracy="best >= 0.7"), KEPT, [EPOCHS, other], {})  # type: ignore[arg-type]
    assert result.value == pytest.approx(0.7)


def test_each_line_that_is_not_met_is_pointed_at() -> None:
    experiment: Any = Expecting(val_accuracy="best >= 0.95", val_mae="<= 1", seconds_per_epoch="< 1")
    error = missed(experiment, judge(experiment, KEPT, [EPOCHS], BASELINE))
    assert error is not None
    assert [f"{each.location}: {each.message}" for each in error.diagnostics] == [
        "a.yaml:2:3: best val_accuracy is 0.9, expected >= 0.95",
        "a.yaml:4:3: seconds_per_epoch is 2, expected < 1",
    ]
    assert missed(experiment, ()) is None


def test_a_baseline_that_does_not_exist_is_refused_before_the_first_step() -> None:
    experiment: Any = Expecting(val_auc="> baseline", val_accuracy="> baseline")
    with pytest.raises(ConfigError, match="val_auc has no baseline") as refused:
        require_baselines(experiment, BASELINE)
    (problem,) = refused.value.diagnostics
    assert (str(problem.location), problem.path) == ("a.yaml:2:3", "expect.val_auc")
