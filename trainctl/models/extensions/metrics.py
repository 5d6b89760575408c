"""Metrics beside those of `keras.metrics`."""

from __future__ import annotations

from typing import Any

from trainctl.backend import keras
from trainctl.models.extensions.formula import compute_values


class Expression(keras.metrics.MeanMetricWrapper):
    """The mean of a formula of labels and predictions as a metric.

    Args:
        formula: A sound formula.
        name: Its key in the logs.
    """

    def __init__(self, formula: str, name: str = "expression") -> None:
        super().__init__(compute_values(formula), name=name)
        self.formula = formula

    def get_config(self) -> dict[str, Any]:
        """Return what it is made of."""
        return {"formula": self.formula, "name": self.name}
