"""Arrays that come as they are: what is told of values that are no number."""

from __future__ import annotations

import numpy as np
import pytest

from trainctl.errors import DataError
from trainctl.events import Event
from trainctl.sources.files.arrays import decoded, require_finite_labels, require_learnable, tell_gaps


def test_the_first_gap_is_named_in_any_number_of_axes() -> None:
    events: list[Event] = []
    array = np.zeros((2, 3, 4))
    array[1, 0, 2] = array[1, 2, 3] = np.inf
    tell_gaps(array, "x", events.append)
    (event,) = events
    assert "x[1, 0, 2] is inf (2 in all)" in str(event)


@pytest.mark.parametrize("array", [np.zeros(3), np.arange(3), np.array(["a", "b"]), np.array([True])])
def test_whole_arrays_are_left_alone(array: np.ndarray) -> None:
    events: list[Event] = []
    require_learnable(array, "x")
    require_finite_labels(array, "x")
    tell_gaps(array, "x", events.append)
    assert not events


def test_what_has_no_gaps_but_cannot_be_learned() -> None:
    for array in (np.zeros(2, complex), np.zeros(2, "m8[s]"), np.zeros(2, [("a", int)])):
        with pytest.raises(DataError, match=r"x holds .*, which a model cannot learn from"):
            require_learnable(array, "x")


def test_bytes_are_utf_8_text() -> None:
    assert decoded(np.array(["schön".encode()]), "x").tolist() == ["schön"]
    strange = np.array(["schön".encode("latin-1")])
    with pytest.raises(DataError, match="x: bytes that are not UTF-8 text"):
        decoded(strange, "x")
