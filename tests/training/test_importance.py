"""How much a model depends on each column."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from trainctl.training.importance import _accuracy

pytestmark = pytest.mark.tf


class Answers:
    """A model that gives the same outputs for any rows."""

    def __init__(self, outputs: list[list[float]], *, logits: bool) -> None:
        self.outputs, self.built = np.array(outputs), self
        self.gives_logits = lambda _: logits

    def predict(self, _: Any) -> np.ndarray[Any, Any]:
        return self.outputs


def test_the_second_of_two_classes_begins_at_a_logit_of_0() -> None:
    table, y = np.empty((2, 1), object), np.array([1, 0])
    assert _accuracy(Answers([[0.3], [-0.3]], logits=True), table, y) == 1
    assert _accuracy(Answers([[0.6], [0.3]], logits=False), table, y) == 1
    assert _accuracy(Answers([[0.3, 0.9], [0.5, 0.3]], logits=True), table, y) == 1
