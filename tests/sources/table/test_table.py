"""A table's columns: which are learned from, which are predicted, and what is said of those that are not there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from trainctl import events
from trainctl.components.context import DataContext
from trainctl.components.dataset import ColumnKind, Dataset
from trainctl.errors import DataError
from trainctl.sources.csv import CSV
from trainctl.sources.table.table import Wanted

TEXT = "size,color,day,weight,label\n1,red,2026-01-01,1,yes\n2,blue,2026-01-02,2,no\n,red,2026-01-03,3,\n"


@pytest.fixture
def load(tmp_path: Path) -> Any:
    """Loads a CSV file of this text: `load(text, label="y", stream=True)`."""
    heard: list[events.Event] = []

    def loaded(
        text: str = TEXT,
        *,
        weight: str | None = None,
        extra: tuple[str, ...] = (),
        outputs: dict[str, tuple[str, ...]] | None = None,
        **arguments: Any,
    ) -> Dataset:
        (tmp_path / "a.csv").write_text(text)
        spec = CSV.model_validate({"path": str(tmp_path / "a.csv"), "label": "label", **arguments})
        return spec.load(
            DataContext(
                emit=heard.append,
                weight=weight,
                columns=dict.fromkeys(extra, "data.split_by_group"),
                outputs=outputs or {},
            )
        )

    loaded.heard = heard  # type: ignore[attr-defined]
    return loaded


@pytest.mark.parametrize("stream", [False, True])
def test_features_are_all_other_columns_and_rows_without_a_label_are_left_out(load: Any, stream: bool) -> None:
    data = load(stream=stream)
    assert dict(data.columns) == {
        "size": ColumnKind.NUMERIC,
        "color": ColumnKind.CATEGORICAL,
        "day": ColumnKind.DATE,
        "weight": ColumnKind.NUMERIC,
    }
    everything = np.arange(len(data.train))
    assert data.train.y[everything].tolist() == ["yes", "no"]
    assert data.train.x["size"][everything].tolist() == [1.0, 2.0]
    assert any("1 row without label" in getattr(event, "message", "") for event in load.heard)


@pytest.mark.parametrize("stream", [False, True])
def test_a_weight_and_a_column_to_split_by_are_no_features(load: Any, stream: bool) -> None:
    data = load(weight="weight", extra=("day",), stream=stream)
    assert list(data.columns) == ["size", "color"]
    assert data.train.weight[np.arange(2)].tolist() == [1.0, 2.0]
    assert list(data.train.extra) == ["day"]


def test_features_may_be_named_and_declared(load: Any) -> None:
    assert list(load(features=["size"]).columns) == ["size"]
    assert load(features={"size": "categorical"}).train.x["size"].tolist() == ["1", "2"]


@pytest.mark.parametrize(
    ("arguments", "field", "hint"),
    [
        ({"label": "lable"}, "label", "label"),
        ({"features": ["sice"]}, "features", "size"),
        ({"weight": "wait"}, "sample_weight", "weight"),
        ({"extra": ("date",)}, "split_by", "day"),
    ],
)
def test_a_column_that_is_not_there_is_named_with_the_likely_one(
    load: Any, arguments: dict[str, Any], field: str, hint: str
) -> None:
    with pytest.raises(DataError, match=field) as error:
        load(**arguments)
    assert hint in str(error.value.hint)


def test_another_separator_is_guessed(load: Any) -> None:
    with pytest.raises(DataError) as error:
        load(TEXT.replace(",", ";"))
    assert 'separator: ";"' in str(error.value.hint)


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        ({"weight": "label"}, "is the label"),
        ({"features": ["size"], "weight": "color"}, "not numbers"),
    ],
)
def test_what_a_column_cannot_be(load: Any, arguments: dict[str, Any], match: str) -> None:
    with pytest.raises(DataError, match=match):
        load(**arguments)


@pytest.mark.parametrize("weight", ["", "-1"])
def test_a_weight_is_there_and_not_negative(load: Any, weight: str) -> None:
    with pytest.raises(DataError, match=r"a\.csv:3.*'w'"):
        load(f"a,w,label\n1,1,x\n2,{weight},y\n", weight="w")


@pytest.mark.parametrize("arguments", [{"label": []}, {"label": "y", "features": ["y"]}])
def test_a_label_is_named_and_no_feature(arguments: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        CSV.model_validate({"path": "a.csv", **arguments})


def test_only_a_label_is_nothing_to_learn_from(load: Any) -> None:
    with pytest.raises(DataError, match="no feature"):
        load("label\nx\ny\n")


def test_each_wanted_column_is_read_once() -> None:
    assert Wanted(("a", "b"), ("y",), "a", ("b", "c")).columns == ("a", "b", "y", "c")


@pytest.mark.parametrize("stream", [False, True])
class TestOutputs:
    """Each output of the model learns label columns of its own."""

    def test_text_and_numbers(self, load: Any, stream: bool) -> None:
        outputs = {"answer": ("label",), "both": ("size", "weight")}
        data = load(label=["label", "size", "weight"], features=["color"], outputs=outputs, stream=stream)
        rows = np.arange(len(data.train))
        assert {name: each[rows].tolist() for name, each in data.train.y.items()} == {
            "answer": ["yes", "no"],
            "both": [[1, 1], [2, 2]],
        }
        assert list(data.columns) == ["color"]

    def test_an_only_output_learns_one_of_several(self, load: Any, stream: bool) -> None:
        data = load(label=["label", "size"], features=["color"], outputs={"": ("size",)}, stream=stream)
        assert data.train.y[np.arange(len(data.train))].tolist() == [1, 2]

    def test_a_column_that_is_no_label(self, load: Any, stream: bool) -> None:
        with pytest.raises(
            DataError, match="the output b learns the column 'color', which is not among the labels"
        ) as caught:
            load(label=["label", "size"], outputs={"a": ("label",), "b": ("color",)}, stream=stream)
        assert caught.value.hint == "add it: label: [label, size, color]"

    def test_labels_that_no_output_names_are_one(self, load: Any, stream: bool) -> None:
        data = load(label=["size", "weight"], features=["color"], outputs={"a": ("a",), "b": ("b",)}, stream=stream)
        assert data.train.y[np.arange(len(data.train))].tolist() == [[1, 1], [2, 2]]


@pytest.mark.parametrize("stream", [False, True])
def test_all_other_columns_hold_what_is_said_of_them(load: Any, stream: bool) -> None:
    data = load(features={"*": "category", "weight": "number"}, stream=stream)
    assert {name: kind.value for name, kind in data.columns.items()} == {
        "size": "categorical",
        "color": "categorical",
        "day": "categorical",
        "weight": "numeric",
    }
    assert data.train.x["size"][np.arange(2)].tolist() == ["1", "2"]
