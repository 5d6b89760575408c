"""A learning-rate range test: where the loss falls fastest, where it breaks, and what is no curve at all."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from workplace import Workplace

pytestmark = pytest.mark.tf

RATES = tuple(10 ** (-6 + 6 * step / 119) for step in range(120))


def loss_at(rate: float) -> float:
    """Flat, then falling around 1e-3, lowest near 1e-2, then exploding."""
    fall = 1 / (1 + math.exp(-4 * (math.log10(rate) + 3)))
    return 3 - 2 * fall + max(0.0, math.log10(rate) + 1.5) ** 2 * 20


def test_the_suggestion_is_where_the_loss_falls_fastest() -> None:
    from trainctl.training.learning_rate_range import RateCurve

    noise = [0.02 * (-1) ** step for step in range(120)]
    curve = RateCurve(RATES, tuple(loss_at(rate) + each for rate, each in zip(RATES, noise, strict=True)))
    assert curve.suggestion == pytest.approx(1e-3, rel=0.5)
    assert 5e-3 < curve.lowest_at < 5e-2
    assert curve.broke_at == RATES[-1]


@pytest.mark.parametrize("losses", [[1.0] * 120, [1.0 + 0.1 * step for step in range(120)]])
def test_a_loss_that_does_not_fall_gives_no_suggestion(losses: list[float]) -> None:
    from trainctl.training.learning_rate_range import RateCurve

    assert RateCurve(RATES, tuple(losses)).suggestion is None


def test_an_experiment_is_tested_from_the_lowest_rate_until_it_breaks(workplace: Workplace) -> None:
    from trainctl.config.load import load
    from trainctl.jobs.find_lr import find_lr

    file = workplace.write(
        data={"source": "Digits", "batch_size": 64},
        model={"layers": ["Flatten", {"Dense": {"units": 10}}]},
        compile={"optimizer": "sgd", "loss": {"SparseCategoricalCrossentropy": {"from_logits": True}}},
    )
    told: list[None] = []
    loaded = load(str(file), ["compile.optimizer.learning_rate=1e-6"])
    found = find_lr(loaded, print, lambda: told.append(None), lowest=1e-6, highest=10, steps=80)
    assert len(told) == len(found.losses) == len(found.learning_rates)
    assert found.learning_rates[0] == pytest.approx(1e-6)
    assert found.suggestion is not None
    assert 1e-6 < found.suggestion < found.lowest_at
    assert found.broke_at is not None
    again = find_lr(loaded, print, lambda: None, lowest=1e-6, highest=10, steps=80)
    assert again == found, "the same seed gives the same curve"


def test_losses_that_are_not_finite_are_an_error(workplace: Workplace, tmp_path: Path) -> None:
    import numpy as np

    from trainctl.config.load import load
    from trainctl.errors import TrainingError
    from trainctl.jobs.find_lr import find_lr

    np.savez(tmp_path / "nan.npz", x=np.full((40, 4), np.nan, np.float32), y=np.zeros(40, np.float32))
    file = workplace.write(
        data={"source": {"NPZ": {"path": str(tmp_path / "nan.npz")}}},
        model={"layers": [{"Dense": {"units": 1}}]},
        compile={"optimizer": "sgd", "loss": "mse"},
    )
    with pytest.raises(TrainingError, match="not finite at a learning rate of 1e-05"):
        find_lr(load(str(file)), lambda _: None, lambda: None, lowest=1e-5, highest=1, steps=20)
