"""Snapshots have one interval, and recovery a smaller learning rate."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from trainctl.config.execution import ExecutionSection, RecoverSection, SnapshotSection


@pytest.mark.parametrize(
    ("given", "epochs", "is_on"),
    [
        ({}, 1, True),
        ({"every_epochs": 3}, 3, True),
        ({"every_epochs": 0}, 0, False),
        ({"every_steps": 100}, None, True),
        ({"every_minutes": 0.5}, None, True),
    ],
)
def test_when_snapshots_are_taken(given: dict[str, Any], epochs: int | None, is_on: bool) -> None:
    section = SnapshotSection.model_validate(given)
    assert section.epochs_between == epochs
    assert section.is_on is is_on


@pytest.mark.parametrize("given", [{"every_epochs": 1, "every_steps": 2}, {"every_steps": 2, "every_minutes": 1}])
def test_two_intervals_are_refused_at_the_second(given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as error:
        SnapshotSection.model_validate(given)
    (problem,) = error.value.errors()
    assert problem["ctx"]["error"].field == list(given)[1]


@pytest.mark.parametrize("factor", [0, 1.5, -1])
def test_recovery_never_raises_the_rate(factor: float) -> None:
    with pytest.raises(ValidationError):
        RecoverSection(learning_rate_factor=factor)


def test_precision_is_a_policy_of_keras() -> None:
    assert ExecutionSection(precision="mixed_bfloat16").precision == "mixed_bfloat16"
    with pytest.raises(ValidationError):
        ExecutionSection.model_validate({"precision": "int8"})
