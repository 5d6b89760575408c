"""Which values raw labels have."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from trainctl.components.label_values import LabelValues, is_unlabeled
from trainctl.errors import DataError


def values(*pieces: Any, **known: Any) -> LabelValues:
    found = LabelValues(**known)
    for piece in pieces:
        found.add(np.asarray(piece))
    return found


def test_pieces_add_up() -> None:
    found = values([3, 1], [0.5, 7.0])
    assert (found.lowest, found.highest, found.is_whole, found.dtype) == (0.5, 7, False, "float64")
    assert (values([True, False]).texts, values([True]).dtype) == ({"False", "True"}, "bool")
    assert (values(["b"], ["a"]).texts, values(["b"]).dtype, values([1], []).dtype) == ({"a", "b"}, "object", "int64")


def test_one_hot_is_one_1_along_the_last_axis() -> None:
    assert values([[1, 0], [0, 1]]).is_one_hot
    assert not values([[1, 0], [0, 1]], [[1, 1]]).is_one_hot
    assert not values([[1], [1]]).is_one_hot


def test_the_ignored_number_is_not_looked_at() -> None:
    found = values([255, 0, 2], [255], ignored=255)
    assert (found.lowest, found.highest) == (0, 2)


def test_text_beside_numbers_has_no_type() -> None:
    with pytest.raises(DataError, match="mixes numbers and text"):
        _ = values(["a"], [1]).dtype


def test_labels_that_are_kept_secret() -> None:
    assert is_unlabeled(np.array([-1, -1]))
    assert is_unlabeled(np.array([None, None]))
    assert not is_unlabeled(np.array([-1, 0]))
    assert not is_unlabeled(np.array(["a"], object))
