"""Labels written as 1.0 are class indices where the loss wants classes, and only where all are whole."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from workplace import Workplace

from trainctl.components.context import DataContext
from trainctl.components.dataset import Dataset, LabelKind, Samples
from trainctl.data.class_labels import as_classes
from trainctl.sources.csv import CSV

pytestmark = pytest.mark.tf


def dataset(y: Any, test: Any = None) -> Dataset:
    train, *others = (Samples(np.zeros(len(each)), each) for each in (y, test) if each is not None)
    return Dataset(train, LabelKind.NUMBERS, test=others[0] if others else None)


@pytest.mark.parametrize("y", [[0, 2, 1], [[0], [2], [1]]])
def test_whole_numbers_are_classes(y: Any) -> None:
    found = as_classes(dataset(np.array(y, "float32"), np.array([3.0])), {"": False})
    assert (found.train.y.tolist(), found.train.y.dtype, found.labels) == ([0, 2, 1], np.int64, LabelKind.CLASSES)
    assert found.test is not None
    assert (found.test.y.tolist(), found.num_classes) == ([3], 4)


@pytest.mark.parametrize("y", [[0, 0.5], [-1, 1], [0, np.nan], [0, np.inf], [[0, 1], [1, 0]]])
def test_other_numbers_stay(y: Any) -> None:
    given = dataset(np.array(y, "float32"))
    assert as_classes(given, {"": False}) is given


def test_masks_are_classes_where_any_shape_may_be() -> None:
    masks = np.array([[[0, 1], [2, 1]], [[1, 1], [0, 0]]], "float32")
    found = as_classes(dataset(masks), {"": True})
    assert (found.train.y.dtype, found.labels, found.num_classes) == (np.int64, LabelKind.CLASSES, 3)
    np.testing.assert_array_equal(found.train.y, masks)
    assert as_classes(dataset(masks), {"": False}).train.y is masks


def test_a_model_learns_masks(workplace: Workplace) -> None:
    x = np.random.default_rng(0).integers(0, 255, (24, 8, 8, 1)).astype("uint8")
    np.savez(workplace.folder / "masks.npz", x=x, y=(x[..., 0] > 100).astype(int) + (x[..., 0] > 200))
    layers = [{"Conv2D": {"filters": "${data.num_classes}", "kernel_size": 1, "activation": "softmax"}}]
    run = workplace.train(
        data={"source": {"NPZ": {"path": "masks.npz"}}, "validation_split": 0.25, "batch_size": 8},
        model={"layers": layers},
    )
    assert run.record["data"]["num_classes"] == 3


def test_numbers_in_the_test_part_count_too() -> None:
    given = dataset(np.zeros(2), np.array([0.5]))
    assert as_classes(given, {"": False}) is given


def test_only_the_outputs_that_are_named() -> None:
    y = {"a": np.ones(2), "b": np.ones(2)}
    found = as_classes(Dataset(Samples(np.zeros(2), y), LabelKind.NUMBERS), {"a": False})
    assert {name: each.dtype.kind for name, each in found.train.y.items()} == {"a": "i", "b": "f"}
    assert found.labels is LabelKind.NUMBERS


def test_a_table_in_blocks(workplace: Workplace) -> None:
    (workplace.folder / "rows.csv").write_text("a,label\n" + "".join(f"{i},{i % 3}.0\n" for i in range(30)))
    source = CSV(path=str(workplace.folder / "rows.csv"), label="label", stream=True)
    found = as_classes(source.load(DataContext(print)), {"": False})
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
