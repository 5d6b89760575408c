"""Learning-rate schedules beside those of `keras.optimizers.schedules`."""

from __future__ import annotations

from typing import Any

from trainctl.aliases import Tensors
from trainctl.backend import keras


class Warmup(keras.optimizers.schedules.LearningRateSchedule):
    """A schedule of which the first steps take a share that grows linearly to 1.

    Args:
        learning_rate: The schedule.
        steps: Steps of the warm-up: step 0 takes 1 / steps of the rate.
    """

    def __init__(self, learning_rate: keras.optimizers.schedules.LearningRateSchedule, steps: int) -> None:
        super().__init__()
        self.learning_rate, self.steps = learning_rate, steps

    def __call__(self, step: Tensors) -> Tensors:
        """Return the learning rate of a step, from 0."""
        rate = keras.ops.convert_to_tensor(self.learning_rate(step))
        share = (keras.ops.cast(step, rate.dtype) + 1) / self.steps
        return rate * keras.ops.minimum(share, 1)

    def get_config(self) -> dict[str, Any]:
        """Return what it is made of."""
        return {"learning_rate": self.learning_rate, "steps": self.steps}
