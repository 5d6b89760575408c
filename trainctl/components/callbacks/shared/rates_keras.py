"""The learning rate of an optimizer, where it has one."""

from __future__ import annotations

from trainctl.backend import keras


def learning_rate(optimizer: keras.Optimizer) -> float | None:
    """Return the rate now; `None` without an optimizer, or of one that has several, as MultiOptimizer."""
    try:
        return float(keras.ops.convert_to_numpy(optimizer.learning_rate))
    except AttributeError:
        return None
