"""Losses beside those of `keras.losses`."""

from __future__ import annotations

from typing import Any

from trainctl.aliases import Tensors
from trainctl.backend import keras
from trainctl.models.extensions.formula import compute_values


class Expression(keras.losses.Loss):
    """A formula of labels and predictions as a loss: one value for each place.

    Args:
        formula: A sound formula.
        reduction: How Keras makes one number of the values.
    """

    def __init__(self, formula: str, reduction: str | None = "sum_over_batch_size") -> None:
        super().__init__(name="expression", reduction=reduction)
        self.formula = formula
        self._values = compute_values(formula)

    def call(self, y_true: Tensors, y_pred: Tensors) -> Tensors:
        """Return float32 (samples, …), of labels and predictions (samples, …, values)."""
        return self._values(y_true, y_pred)

    def get_config(self) -> dict[str, Any]:
        """Return what it is made of."""
        return {"formula": self.formula, "reduction": self.reduction}
