"""What the model's outputs learn: arrays of labels by their names."""

from __future__ import annotations

import numpy as np
import pytest

from trainctl.components.context import DataContext
from trainctl.components.dataset import Dataset, Samples
from trainctl.data.outputs import with_outputs
from trainctl.errors import DataError

ARRAYS = Dataset(Samples(np.zeros(2), {"Y1": np.array([0, 1]), "Y 2": np.array([0.5, 1.5])}))


def context(outputs: dict[str, tuple[str, ...]]) -> DataContext:
    return DataContext([].append, outputs=outputs)


def test_arrays_of_labels_go_by_the_names_of_the_outputs() -> None:
    found = with_outputs(ARRAYS, context({"kind": ("Y1",), "price": ("Y 2",)}))
    assert {name: each.tolist() for name, each in found.train.y.items()} == {"kind": [0, 1], "price": [0.5, 1.5]}
    only = with_outputs(ARRAYS, context({"": ("Y 2",)}))
    assert only.train.y.tolist() == [0.5, 1.5]
    assert with_outputs(ARRAYS, context({"Y1": ("Y1",), "Y 2": ("Y 2",)})) is ARRAYS


@pytest.mark.parametrize(
    ("y", "outputs", "message"),
    [
        (
            ARRAYS.train.y,
            {"kind": ("Y3",)},
            "the output kind learns 'Y3', which the data does not have; it has 'Y1' and 'Y 2'",
        ),
        (
            np.zeros(2),
            {"": ("Y1",)},
            "the output of the model learns 'Y1', which the data does not have; its labels have no name",
        ),
    ],
)
def test_labels_that_there_are_not(y: object, outputs: dict[str, tuple[str, ...]], message: str) -> None:
    with pytest.raises(DataError, match=message):
        with_outputs(Dataset(Samples(np.zeros(2), y)), context(outputs))
