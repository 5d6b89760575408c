"""Labels written as 1.0 are class indices where the loss wants classes, and only where all are whole."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from workplace import Workplace

from trainctl.components.context import DataContext
from trainctl.components.dataset import Dataset, LabelKind, Samples
from trainctl.components.sources.csv import CSV
from trainctl.runtime.whole import as_classes

pytestmark = pytest.mark.tf


def dataset(y: Any, test: Any = None) -> Dataset:
    train, *others = (Samples(np.zeros(len(each)), each) for each in (y, test) if each is not None)
    return Dataset(train, LabelKind.NUMBERS, test=others[0] if others else None)


@pytest.mark.parametrize("y", [[0, 2, 1], [[0], [2], [1]]])
def test_whole_numbers_are_classes(y: Any) -> None:
    found = as_classes(dataset(np.array(y, "float32"), np.array([3.0])), [""])
    assert (found.train.y.tolist(), found.train.y.dtype, found.labels) == ([0, 2, 1], np.int64, LabelKind.CLASSES)
    assert found.test is not None
    assert (found.test.y.tolist(), found.num_classes) == ([3], 4)


@pytest.mark.parametrize("y", [[0, 0.5], [-1, 1], [0, np.nan], [0, np.inf], [[0, 1], [1, 0]]])
def test_other_numbers_stay(y: Any) -> None:
    given = dataset(np.array(y, "float32"))
    assert as_classes(given, [""]) is given


def test_numbers_in_the_test_part_count_too() -> None:
    given = dataset(np.zeros(2), np.array([0.5]))
    assert as_classes(given, [""]) is given


def test_only_the_outputs_that_are_named() -> None:
    y = {"a": np.ones(2), "b": np.ones(2)}
    found = as_classes(Dataset(Samples(np.zeros(2), y), LabelKind.NUMBERS), ["a"])
    assert {name: each.dtype.kind for name, each in found.train.y.items()} == {"a": "i", "b": "f"}
    assert found.labels is LabelKind.NUMBERS


def test_a_table_in_blocks(workplace: Workplace) -> None:
    (workplace.folder / "rows.csv").write_text("a,label\n" + "".join(f"{i},{i % 3}.0\n" for i in range(30)))
    source = CSV(path=str(workplace.folder / "rows.csv"), label="label", stream=True)
    found = as_classes(source.load(DataContext(print)), [""])
    assert found.train.y[np.arange(4)].tolist() == [0, 1, 2, 0]
    assert found.num_classes == 3


@pytest.mark.parametrize("loss", ["binary_crossentropy", "sparse_categorical_crossentropy"])
def test_a_run_on_what_pandas_writes(workplace: Workplace, loss: str) -> None:
    (workplace.folder / "rows.csv").write_text("a,label\n" + "".join(f"{i},{i % 2}.0\n" for i in range(20)) + "7,\n")
    source = {"CSV": {"path": "rows.csv", "label": "label"}}
    units, activation = (1, "sigmoid") if loss.startswith("binary") else (2, "softmax")
    run = workplace.train(
        data={"source": source, "validation": source},
        model={"layers": [{"Dense": {"units": units, "activation": activation}}]},
        compile={"loss": loss},
    )
    assert run.record["data"]["num_classes"] == 2
