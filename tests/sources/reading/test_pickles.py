"""A pickle gives arrays, and runs no code."""

from __future__ import annotations

import io
import pickle
from typing import Any

import numpy as np
import pytest

from trainctl.sources.reading.pickles import read_object_array, read_pickle


class Wicked:
    def __reduce__(self) -> Any:
        return (print, ("code ran",))


def test_arrays_numbers_and_lists_are_read() -> None:
    value = {b"data": np.arange(6).reshape(2, 3), b"names": [b"cat"], b"count": 3}
    found = read_pickle(io.BytesIO(pickle.dumps(value, 4)))
    assert found[b"data"].tolist() == [[0, 1, 2], [3, 4, 5]]
    assert (found[b"names"], found[b"count"]) == ([b"cat"], 3)


@pytest.mark.parametrize("wrap", [lambda it: it, lambda it: [it], lambda it: {b"a": it}])
def test_anything_else_is_refused_and_not_run(wrap: Any, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(pickle.UnpicklingError):
        read_pickle(io.BytesIO(pickle.dumps(wrap(Wicked()))))
    assert capsys.readouterr().out == ""


def test_an_array_of_lists() -> None:
    lists = np.empty(2, object)
    lists[:] = [[1, 2], [3]]
    out = io.BytesIO()
    np.save(out, lists, allow_pickle=True)
    out.seek(0)
    assert read_object_array(out).tolist() == [[1, 2], [3]]
