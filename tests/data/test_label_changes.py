"""`map_labels` over data in memory and in blocks: the same labels, and classes that keep their names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import TypeAdapter

from trainctl.components.context import DataContext
from trainctl.components.dataset import Dataset, Samples
from trainctl.components.label_change import LabelChange, LabelChanges
from trainctl.components.labels import LabelKind, Labels, Wanted
from trainctl.data.label_changes import tell_changes
from trainctl.data.labels import decide_labels
from trainctl.errors import DataError
from trainctl.events import Event
from trainctl.sources.csv import CSV

SPARSE = "SparseCategoricalCrossentropy"


def changes(written: Any) -> dict[str, LabelChange]:
    return {name: LabelChange(steps) for name, steps in TypeAdapter(LabelChanges).validate_python(written).items()}


def decide(y: Any, written: Any, loss: str | None = None, **known: Any) -> tuple[list[Any], Labels]:
    dataset = Dataset(Samples(np.zeros(len(y)), np.asarray(y)), **known)
    dataset, labels = decide_labels(dataset, {"": Wanted(loss)}, changes(written))
    return dataset.train.y.tolist(), labels


@pytest.mark.parametrize(
    ("y", "written", "loss", "kept", "names"),
    [
        ([1, 3, 2], {"shift": -1}, SPARSE, [0, 2, 1], ("1", "2", "3")),
        ([1.0, 3.0], {"shift": -1, "cast": "int"}, SPARSE, [0, 2], ("1", "2", "3")),
        (["yes", "no"], {"map": {"no": 0, "yes": 1}}, "BinaryCrossentropy", [1, 0], ("no", "yes")),
        (["b", "a", "c"], {"map": {"a": "x", "b": "y", "c": "y"}}, SPARSE, [1, 0, 1], ("x", "y")),
        (["yes", "no"], {"map": {"no": 0, "yes": 1}}, "MeanSquaredError", [1.0, 0.0], ()),
        ([1, 3], {"shift": -1}, "MeanSquaredError", [0.0, 2.0], ()),
        ([10.0, 20.0], {"scale": "1/10"}, "MeanSquaredError", [1.0, 2.0], ()),
        ([1, 2], {"cast": "text"}, SPARSE, [0, 1], ("1", "2")),
    ],
)
def test_classes_keep_their_names(y: Any, written: Any, loss: str, kept: list[Any], names: tuple[str, ...]) -> None:
    found, labels = decide(y, written, loss)
    assert (found, labels.class_names) == (kept, names)


def test_classes_that_a_source_names_are_mapped_by_their_names() -> None:
    found, labels = decide(
        [0, 1, 2], {"map": {"cat": "pet", "dog": "pet", "cow": "other"}}, SPARSE, class_names=("cat", "cow", "dog")
    )
    assert (found, labels.class_names) == ([1, 0, 1], ("other", "pet"))
    with pytest.raises(DataError, match="shift takes numbers, but the labels are text"):
        decide([0, 1], {"shift": 1}, SPARSE, class_names=("cat", "cow"))


@pytest.mark.parametrize(
    ("cells", "written", "loss"),
    [
        (["1", "2", "3"], {"shift": -1}, SPARSE),
        (["no", "yes", "no"], {"map": {"no": 0, "yes": 1}}, "BinaryCrossentropy"),
        (["1.5", "2.5", "9"], [{"clip": [0, 5]}, "log"], "MeanSquaredError"),
        (["1", "2", "3"], {"map": {"1": 0, "2": 0, "3": 1}}, SPARSE),
        (["1", "2", "3"], {"map": {"1": "a", "2": "a", "3": "b"}}, SPARSE),
        (["1.0", "2.0", "3.0"], {"shift": -1}, SPARSE),
    ],
)
def test_blocks_are_changed_as_whole_tables_are(tmp_path: Path, cells: list[str], written: Any, loss: str) -> None:
    (tmp_path / "t.csv").write_text("a,b\n" + "".join(f"{n},{cell}\n" for n, cell in enumerate(cells)))
    found = []
    for stream in (False, True):
        source = CSV(path=str(tmp_path / "t.csv"), label="b", stream=stream)
        dataset, labels = decide_labels(source.load(DataContext(lambda _: None)), {"": Wanted(loss)}, changes(written))
        y = dataset.train.y[np.arange(len(cells))]
        only = labels.only
        assert only is not None
        found.append((y.tolist(), str(y.dtype), only.kind, only.names, only.classes, only.lowest, only.highest))
    assert found[0] == found[1]


def test_an_output_that_there_is_not() -> None:
    with pytest.raises(DataError, match="map_labels names the output 'risk', but the data has one label"):
        decide([1, 2], {"risk": {"shift": 1}})
    two = Dataset(Samples(np.zeros(2), {"a": np.zeros(2), "b": np.ones(2)}))
    with pytest.raises(DataError, match="the data has several labels: a and b"):
        decide_labels(two, {}, changes({"shift": 1}))
    _, labels = decide_labels(two, {}, changes({"b": {"shift": 1}}))
    assert [each.highest for each in labels.outputs.values()] == [0, 2]


def test_the_unit_is_told() -> None:
    told: list[Event] = []
    _, labels = decide([1.5, 2.5], {"scale": 10}, "MeanSquaredError")
    tell_changes(labels, DataContext(told.append))
    assert "scale 10; the loss is in that unit, metrics and predictions are in the label's own" in told[0].message  # type: ignore[attr-defined]
    assert labels.only is not None
    assert labels.only.kind is LabelKind.NUMBER
