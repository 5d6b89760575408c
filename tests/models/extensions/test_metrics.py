"""A formula as a metric: the mean over all samples, by their weights."""

from __future__ import annotations

import numpy as np
import pytest

pytestmark = pytest.mark.tf


def test_it_is_what_keras_gives() -> None:
    import keras

    from trainctl.models.extensions.metrics import Expression

    random = np.random.default_rng(0)
    ours, theirs = Expression("abs(y - p)", name="far"), keras.metrics.MeanAbsoluteError()
    for _ in range(2):
        y, p, weight = random.random((6, 3)), random.random((6, 3)), random.random(6)
        ours.update_state(y, p, weight)
        theirs.update_state(y, p, weight)
    assert float(ours.result()) == pytest.approx(float(theirs.result()), rel=1e-6)
    assert (ours.name, ours.get_config()) == ("far", {"formula": "abs(y - p)", "name": "far"})
