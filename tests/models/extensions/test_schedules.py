"""A warm-up before any schedule."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.tf


def test_the_first_steps_take_a_growing_share() -> None:
    import keras

    from trainctl.models.extensions.schedules import Warmup

    inner = keras.optimizers.schedules.ExponentialDecay(0.8, decay_steps=2, decay_rate=0.5)
    warm = Warmup(inner, steps=4)
    shares = [float(warm(step)) / float(inner(step)) for step in range(6)]
    assert shares == pytest.approx([0.25, 0.5, 0.75, 1, 1, 1])
    assert warm.get_config() == {"learning_rate": inner, "steps": 4}
