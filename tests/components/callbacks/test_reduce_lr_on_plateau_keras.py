"""ReduceLROnPlateau through YAML."""

from __future__ import annotations

from typing import Any

import pytest
from workplace import Trained, Workplace

pytestmark = pytest.mark.tf


def train(workplace: Workplace, **arguments: Any) -> Trained:
    """Nothing ever improves by a million."""
    plateau = {"monitor": "loss", "mode": "min", "min_delta": 1e6, "factor": 0.5, "patience": 1, **arguments}
    return workplace.train(fit={"epochs": 5}, callbacks=[{"ReduceLROnPlateau": plateau}])


def rates(run: Trained) -> list[float]:
    return [line["learning_rate"] for line in run.history]


def test_the_rate_goes_down_and_the_epoch_shows_the_rate_it_was_trained_with(workplace: Workplace) -> None:
    run = train(workplace)
    assert rates(run) == pytest.approx([0.01, 0.01, 0.005, 0.0025, 0.00125])
    assert run.notices("ReduceLROnPlateau")[:2] == [
        "learning_rate 0.01 → 0.005",
        "learning_rate 0.005 → 0.0025",
    ]
    assert len(run.notices("ReduceLROnPlateau")) == 4


def test_cooldown_waits(workplace: Workplace) -> None:
    assert rates(train(workplace, cooldown=2)) == pytest.approx([0.01, 0.01, 0.005, 0.005, 0.0025])


def test_never_below_the_least(workplace: Workplace) -> None:
    assert rates(train(workplace, min_lr=0.004)) == pytest.approx([0.01, 0.01, 0.005, 0.004, 0.004])
