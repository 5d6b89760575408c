"""LearningRateScheduler through YAML."""

from __future__ import annotations

from typing import Any

import pytest
from workplace import Workplace


def rates(workplace: Workplace, epochs: int = 5, **arguments: Any) -> list[float]:
    run = workplace.train(callbacks=[{"LearningRateScheduler": arguments}], fit={"epochs": epochs})
    return [line["learning_rate"] for line in run.history]


@pytest.mark.tf
@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        ("lr if epoch < 3 else lr * 0.5", [0.01, 0.01, 0.01, 0.005, 0.0025]),
        ("1", [1.0] * 5),  # Keras refuses an integer
        ({"0": 1e-3, "2": "1/1000", "4": 5e-4}, [1e-3, 1e-3, 1e-3, 1e-3, 5e-4]),
        (
            {"ExponentialDecay": {"initial_learning_rate": 0.1, "decay_steps": 1, "decay_rate": 0.5}},
            [0.1, 0.05, 0.025, 0.0125, 0.00625],
        ),
        ({"PiecewiseConstantDecay": {"boundaries": [1], "values": [0.2, 0.1]}}, [0.2, 0.2, 0.1, 0.1, 0.1]),
    ],
)
def test_the_rate_follows_the_schedule(workplace: Workplace, schedule: Any, expected: list[float]) -> None:
    assert rates(workplace, schedule=schedule) == pytest.approx(expected, rel=1e-5)


@pytest.mark.tf
@pytest.mark.parametrize("schedule", ["0.01", "lr"])
def test_warm_up_rises_in_equal_steps_to_what_the_schedule_says(workplace: Workplace, schedule: str) -> None:
    expected = [0.01 / 4, 0.02 / 4, 0.03 / 4, 0.01, 0.01]
    assert rates(workplace, schedule=schedule, warmup=3) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"schedule": "lr.real"}, "bad-expression"),
        ({"schedule": "lrr"}, "bad-expression"),
        ({"schedule": {"3": 0.1}}, "bad-schedule"),
        ({"schedule": {"0": "fast"}}, "bad-schedule"),
        ({"schedule": {"0": -1}}, "bad-schedule"),
        ({"schedule": 3}, "bad-schedule"),
        ({"schedule": {"CosineDecy": {}}}, "unknown-component"),
        ({"schedule": "lr", "warmup": -1}, "out-of-range"),
        ({}, "missing-argument"),
    ],
)
def test_mistakes_are_found_before_the_run(workplace: Workplace, arguments: dict[str, Any], code: str) -> None:
    ended = workplace.call("validate", str(workplace.write(callbacks=[{"LearningRateScheduler": arguments}])))
    assert ended.exit_code == 3
    assert f"error[{code}]" in ended.stderr
