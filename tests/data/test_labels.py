"""What labels mean is decided by their values, the loss and `data.labels`; no TensorFlow is needed for it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from trainctl.components.context import DataContext
from trainctl.components.dataset import Changed, Dataset, Samples
from trainctl.components.labels import LabelKind, Labels, Wanted
from trainctl.data.labels import decide_labels
from trainctl.errors import DataError
from trainctl.sources.csv import CSV

INDEX, ONE_HOT, MULTI_HOT, NUMBER = LabelKind
SPARSE, BINARY, CATEGORICAL = "SparseCategoricalCrossentropy", "BinaryCrossentropy", "CategoricalCrossentropy"


def decide(y: Any, loss: str | None = None, *, test: Any = None, **known: Any) -> tuple[Dataset, Labels]:
    wanted = {name: known.pop(name) for name in ("kind", "ignored") if name in known}
    train, *others = (Samples(np.zeros(len(each)), np.asarray(each)) for each in (y, test) if each is not None)
    return decide_labels(Dataset(train, test=others[0] if others else None, **known), {"": Wanted(loss, **wanted)})


HOT = [[1, 0, 0], [0, 0, 1], [0, 1, 0]]
MASK = [[[0, 1], [2, 1]], [[1, 1], [0, 0]]]


@pytest.mark.parametrize(
    ("y", "loss", "kind", "kept", "classes"),
    [
        (["b", "a", "c"], None, INDEX, [1, 0, 2], 3),
        ([True, False], None, INDEX, [1, 0], 2),
        ([2, 0, 1], None, INDEX, [2, 0, 1], 3),
        ([[2], [0], [1]], None, INDEX, [2, 0, 1], 3),
        ([2, 0, 1], "MeanSquaredError", NUMBER, [2, 0, 1], None),
        ([2, 0, 1], "Poisson", NUMBER, [2, 0, 1], None),
        ([2.0, 0.0, 1.0], None, NUMBER, [2, 0, 1], None),
        ([2.0, 0.0, 1.0], SPARSE, INDEX, [2, 0, 1], 3),
        ([[1.0], [0.0]], BINARY, INDEX, [1, 0], 2),
        ([2.0, 0.0, 1.0], CATEGORICAL, INDEX, [2, 0, 1], 3),
        ([0.5, 1], SPARSE, NUMBER, [0.5, 1], None),
        ([-1, 1], None, NUMBER, [-1, 1], None),
        ([0, float("inf")], SPARSE, NUMBER, [0, float("inf")], None),
        (HOT, CATEGORICAL, ONE_HOT, HOT, 3),
        (HOT, None, ONE_HOT, HOT, 3),
        (HOT, "MeanSquaredError", NUMBER, HOT, None),
        (HOT, BINARY, MULTI_HOT, HOT, 3),
        ([[1, 1, 0], [0, 0, 0]], None, MULTI_HOT, [[1, 1, 0], [0, 0, 0]], 3),
        ([[1, 2], [0, 0]], None, NUMBER, [[1, 2], [0, 0]], None),
        (MASK, SPARSE, INDEX, MASK, 3),
        (np.array(MASK)[..., None], SPARSE, INDEX, MASK, 3),
        (np.array(MASK) > 1, BINARY, NUMBER, (np.array(MASK) > 1).tolist(), None),
        ([[1, 2, 0], [2, 2, 1]], "CTC", INDEX, [[1, 2, 0], [2, 2, 1]], 3),
    ],
)
def test_the_kind(y: Any, loss: str | None, kind: LabelKind, kept: Any, classes: int | None) -> None:
    data, labels = decide(y, loss)
    assert labels.only is not None
    assert (labels.only.kind, labels.num_classes) == (kind, classes)
    assert data.train.y.tolist() == kept
    assert data.train.y.dtype == labels.only.dtype == ("int64" if kind is INDEX else "float32")
    assert labels.only.as_one_hot == (kind is INDEX and loss == CATEGORICAL)


def test_the_test_part_counts_too() -> None:
    data, labels = decide(["b", "a"], test=["c"])
    assert data.test is not None
    assert (data.test.y.tolist(), labels.class_names) == ([2], ("a", "b", "c"))
    assert decide([0.0, 1.0], SPARSE, test=[3.0])[1].num_classes == 4
    assert decide([0.0, 1.0], SPARSE, test=[0.5])[1].num_classes is None


def test_names_of_the_source_make_classes_whatever_the_loss() -> None:
    _, labels = decide([0, 1], "MeanSquaredError", class_names=("no", "yes"))
    assert (labels.are_classes, labels.class_names) == (True, ("no", "yes"))
    assert decide([0.5, 1], "MeanSquaredError", class_names=("no", "yes"))[1].class_names == ()


def test_the_spellings_of_a_boolean_are_one_class() -> None:
    data, labels = decide(["TRUE", "False", "true", "FALSE"])
    assert (data.train.y.tolist(), labels.class_names) == ([1, 0, 1, 0], ("False", "True"))
    assert decide(["true", "false"])[1].class_names == ("false", "true")  # one spelling is kept
    assert decide(["Yes", "yes", "no"])[1].class_names == ("no", "yes")
    assert decide(["Y", "y", "N"])[0].train.y.tolist() == [1, 1, 0]
    assert len(decide(["Cat", "cat", "dog"])[1].class_names) == 3


def test_an_ignored_number_is_no_class() -> None:
    data, labels = decide([[0, 255], [1, 2]], SPARSE, ignored=255)
    assert (data.train.y.tolist(), labels.num_classes) == ([[0, 255], [1, 2]], 3)
    data, labels = decide([0, -1, 1], SPARSE, ignored=-1)
    assert (data.train.y.tolist(), labels.num_classes) == ([0, -1, 1], 2)
    assert decide([0, -1, 1], SPARSE)[1].num_classes is None


def test_several_classes_in_one_text() -> None:
    data, labels = decide(["red;blue", "blue", "red; green"], label_separator=";")
    assert labels.class_names == ("blue", "green", "red")
    assert data.train.y.tolist() == [[1, 0, 1], [1, 0, 0], [0, 1, 1]]
    assert labels.outputs[""].kind is MULTI_HOT


def test_label_columns_name_the_classes() -> None:
    assert decide([[1, 1], [0, 1]], BINARY, label_names=("cat", "dog"))[1].class_names == ("cat", "dog")
    assert decide([[0.5, 1], [0, 1]], label_names=("cat", "dog"))[1].class_names == ()


@pytest.mark.parametrize(
    ("y", "kind", "kept", "one_hot"),
    [
        ([2.0, 0.0], INDEX, [2, 0], False),
        (HOT, INDEX, [0, 2, 1], False),
        ([2, 0], ONE_HOT, [2, 0], True),
        (["b", "a"], ONE_HOT, [1, 0], True),
        (HOT, ONE_HOT, HOT, False),
        (HOT, MULTI_HOT, HOT, False),
        ([2, 0], NUMBER, [2, 0], False),
    ],
)
def test_by_hand(y: Any, kind: LabelKind, kept: Any, one_hot: bool) -> None:
    data, labels = decide(y, SPARSE, kind=kind)
    assert (data.train.y.tolist(), labels.outputs[""].as_one_hot) == (kept, one_hot)


@pytest.mark.parametrize(
    ("y", "kind", "message"),
    [
        ([0.5, 1], INDEX, "data.labels is index, but the labels are not: they are not whole"),
        ([-1, 1], ONE_HOT, "they go down to -1"),
        ([0, 1], MULTI_HOT, "not several 0/1 values"),
        ([[0, 2], [1, 1]], MULTI_HOT, "not several 0/1 values"),
        (["a", "b"], NUMBER, "they are text"),
        (["a", "b"], MULTI_HOT, "each sample has one text"),
    ],
)
def test_what_cannot_be_so(y: Any, kind: LabelKind, message: str) -> None:
    with pytest.raises(DataError, match=message) as caught:
        decide(y, kind=kind)
    assert caught.value.path == "data.labels"


@pytest.mark.parametrize(
    ("y", "message"),
    [
        ([["a", "b"], ["a", "c"]], "several text labels"),
        (np.zeros(2, "M8[s]"), r"labels of type datetime64\[s\]"),
        ([f"text {n}" for n in range(10_001)], "more than 10,000 different values"),
    ],
)
def test_what_nothing_learns_from(y: Any, message: str) -> None:
    with pytest.raises(DataError, match=message):
        decide(y)


def test_only_the_outputs_that_are_named() -> None:
    y = {"a": np.ones(2), "b": np.ones(2)}
    data, labels = decide_labels(Dataset(Samples(np.zeros(2), y)), {"a": Wanted(SPARSE)})
    assert {name: each.dtype.kind for name, each in data.train.y.items()} == {"a": "i", "b": "f"}
    assert (labels.are_classes, labels.num_classes, labels.class_names) == (False, None, ())


def test_labels_that_are_read_when_wanted() -> None:
    raw = np.array([["a"], ["b"], ["a"]], object)
    rows = Changed(raw, lambda batch: batch, (1,), "object")
    data, labels = decide_labels(Dataset(Samples(np.zeros(3), rows)), {})
    assert (data.train.y.shape, data.train.y.dtype, labels.class_names) == ((3,), np.int64, ("a", "b"))
    assert data.train.y[np.arange(3)].tolist() == [0, 1, 0]


@pytest.mark.parametrize("cells", [["b", "a", "b"], ["0", "2", "1"], ["0.0", "2.0", "1"], ["TRUE", "true", "False"]])
def test_a_table_in_blocks_means_what_the_whole_means(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cells: list[str]
) -> None:
    monkeypatch.setattr("trainctl.sources.table.delimited_blocks.BLOCK", 8)
    (tmp_path / "t.csv").write_text("a,label\n" + "".join(f"{i},{cells[i % 3]}\n" for i in range(30)))

    def loaded(stream: bool) -> tuple[Dataset, Labels]:
        source = CSV(path=str(tmp_path / "t.csv"), label="label", stream=stream)
        return decide_labels(source.load(DataContext(print)), {"": Wanted(SPARSE)})

    (whole, of_whole), (blocks, of_blocks) = loaded(False), loaded(True)
    assert of_whole == of_blocks
    assert blocks.train.y[np.arange(30)].tolist() == whole.train.y.tolist()
    assert blocks.train.y.dtype == np.int64
