"""The learning rate of an optimizer, where it has one."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.tf


def test_a_number_a_schedule_and_none() -> None:
    import keras

    from trainctl.components.callbacks.shared.rates_keras import learning_rate

    assert learning_rate(keras.optimizers.SGD(0.25)) == 0.25
    decay = keras.optimizers.schedules.ExponentialDecay(0.5, 10, 0.9)
    assert learning_rate(keras.optimizers.SGD(decay)) == pytest.approx(0.5)
    assert learning_rate(None) is None
