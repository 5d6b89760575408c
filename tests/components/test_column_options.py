"""What an experiment says of a column: which options fit together, and what they do to numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pydantic import TypeAdapter, ValidationError

from trainctl.components.column_options import Column, ColumnOptions
from trainctl.components.dataset import ColumnKind
from trainctl.errors import DataError


def read(written: Any) -> ColumnOptions:
    found: ColumnOptions = TypeAdapter(Column).validate_python(written)
    return found


@pytest.mark.parametrize(
    ("written", "held", "words"),
    [
        ("auto", None, ""),
        ("number", ColumnKind.NUMERIC, ""),
        ({"kind": "date"}, ColumnKind.DATE, ""),
        ({"encode": "target"}, ColumnKind.CATEGORICAL, "the mean of the label"),
        ({"encode": "one_hot"}, ColumnKind.CATEGORICAL, ""),
        ({"encode": "frequency"}, ColumnKind.CATEGORICAL, "the share of the rows"),
        ({"transform": "log", "clip": [1, None]}, ColumnKind.NUMERIC, "clipped to 1 … , log, scaled"),
        ({"bins": 5}, ColumnKind.NUMERIC, "5 bins"),
    ],
)
def test_what_the_column_holds(written: Any, held: ColumnKind | None, words: str) -> None:
    found = read(written)
    assert (found.held, str(found)) == (held, words)


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ({"encod": "target"}, "a column has no option 'encod'"),
        ({"bins": 5, "encode": "target"}, "encode is for categories, bins for numbers"),
        ({"kind": "text", "bins": 5}, "bins is for numbers, but kind is text"),
        ({"kind": "number", "encode": "target"}, "encode is for categories, but kind is numeric"),
        ({"smooth": 3}, "smooth has no effect without encode: target"),
        ({"clip": [3, 1]}, "the first number must be the lower one"),
    ],
)
def test_what_does_not_fit_together(written: Any, message: str) -> None:
    with pytest.raises(ValidationError) as caught:
        read(written)
    assert message in str(caught.value)


def test_numbers_are_clipped_then_transformed() -> None:
    changed = read({"transform": "log", "clip": [1, 10]}).change(np.array([-5, np.nan, np.e, 100]), "x")
    assert changed == pytest.approx([0, np.nan, 1, np.log(10)], nan_ok=True)


@pytest.mark.parametrize(
    ("transform", "numbers", "hint"),
    [
        ("log", [0.0, 1], "use transform: log1p, or clip them"),
        ("log", [-3.0], "clip them"),
        ("log1p", [-1.0], "clip them"),
    ],
)
def test_numbers_without_a_logarithm(transform: str, numbers: list[float], hint: str) -> None:
    with pytest.raises(DataError, match=f"column 'x': {transform} takes numbers above") as caught:
        read({"transform": transform}).change(np.array(numbers), "x")
    assert (caught.value.hint or "").startswith(hint)
