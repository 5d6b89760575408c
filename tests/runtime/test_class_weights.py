"""Class weights: by index or name, or balanced."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from trainctl.errors import BuildError
from trainctl.runtime.class_weights import class_weights

pytestmark = pytest.mark.tf

LABELS = np.array([0, 0, 0, 1])


def test_none() -> None:
    assert class_weights(None, LABELS, 2, ()) is None


def test_balanced_classes_count_the_same_in_sum() -> None:
    assert class_weights("balanced", LABELS, 2, ()) == {0: pytest.approx(2 / 3), 1: 2.0}
    assert class_weights("balanced", LABELS, 3, ())[2] == 0.0
    assert class_weights("balanced", np.eye(2)[LABELS], None, ()) == class_weights("balanced", LABELS, 2, ())


def test_by_index_and_by_name() -> None:
    assert class_weights({"0": 1.0, "1": 5.0}, LABELS, 2, ()) == {0: 1.0, 1: 5.0}
    assert class_weights({"dog": 5.0}, LABELS, 2, ("cat", "dog")) == {1: 5.0}


@pytest.mark.parametrize(
    ("wanted", "classes", "message", "hint"),
    [
        ({"dogg": 1.0}, 2, "there is no class 'dogg'", "did you mean dog?"),
        ({"7": 1.0}, 2, "there is no class '7'", "there are cat and dog"),
        ("balanced", None, "the labels are numbers", "leave fit.class_weight out"),
    ],
)
def test_what_is_no_class(wanted: Any, classes: int | None, message: str, hint: str) -> None:
    with pytest.raises(BuildError, match=message) as caught:
        class_weights(wanted, LABELS, classes, ("cat", "dog"))
    assert caught.value.hint == hint
