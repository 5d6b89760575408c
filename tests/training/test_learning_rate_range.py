"""A learning-rate range test: where the loss falls fastest, where it breaks, and what is no curve at all."""

from __future__ import annotations

import math

import pytest

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


def test_a_loss_below_zero_breaks_where_it_rises_far_above_its_lowest() -> None:
    from trainctl.training.learning_rate_range import RateCurve

    falling = tuple(-step / 119 for step in range(120))
    assert RateCurve(RATES, falling).broke_at is None
    assert RateCurve(RATES, (*falling[:-1], 3.0)).broke_at == RATES[-1]
