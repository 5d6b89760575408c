"""A formula as a loss: sample weights and reductions count as in Keras's own."""

from __future__ import annotations

import numpy as np
import pytest

pytestmark = pytest.mark.tf


@pytest.mark.parametrize("reduction", ["sum_over_batch_size", "sum", "mean_with_sample_weight"])
def test_it_is_what_keras_gives(reduction: str) -> None:
    import keras

    from trainctl.models.extensions.losses import Expression

    random = np.random.default_rng(0)
    y, p, weight = random.random((6, 3)), random.random((6, 3)), random.random(6)
    ours = Expression("square(y - p)", reduction=reduction)
    theirs = keras.losses.MeanSquaredError(reduction=reduction)
    assert float(ours(y, p, weight)) == pytest.approx(float(theirs(y, p, weight)), rel=1e-6)
    assert ours.get_config() == {"formula": "square(y - p)", "reduction": reduction}
