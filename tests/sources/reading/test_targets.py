"""The label columns of a table: their raw values, and the rows that have them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from trainctl.errors import DataError
from trainctl.sources.reading.targets import labeled, none_labeled, raw_labels


@dataclass
class Small:
    columns: dict[str, Any]
    name: str = "a.csv"

    def place(self, row: int) -> str:
        return f"{self.name}:{row + 2}"

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))


@pytest.mark.parametrize(
    ("column", "values", "kind"),
    [
        (pa.array(["red", None, "blue"]), ["red", "blue"], "U"),
        (pa.array(["1", None, "2"]), [1, 2], "i"),
        (pa.array(["1.5", None, "2"]), [1.5, 2.0], "f"),
        (pa.array([True, None, False]), [True, False], "b"),
        (pa.array([3, None, 4]), [3, 4], "i"),
        (pa.array([0.5, float("nan"), 1.5]), [0.5, 1.5], "f"),
        (pa.chunked_array([["red"], [None, "blue"]]), ["red", "blue"], "U"),
    ],
)
def test_values_as_they_stand(column: Any, values: list[Any], kind: str) -> None:
    table = Small({"y": column})
    rows = labeled(table, ["y"])
    assert rows.tolist() == [True, False, True]
    found = raw_labels(table, ["y"], rows)
    assert (found.tolist(), found.dtype.kind) == (values, kind)


def test_several_columns_stand_beside_each_other() -> None:
    table = Small({"a": pa.array([1, 2, None]), "b": pa.array([3, None, 5])})
    rows = labeled(table, ["a", "b"])
    assert rows.tolist() == [True, False, False]
    assert raw_labels(table, ["a", "b"], rows).tolist() == [[1, 3]]


def test_text_among_numbers_is_named_with_its_row() -> None:
    table = Small({"y": pa.array(["1", "2.5", "3", "many"])})
    with pytest.raises(DataError, match=r"a\.csv:5.*'many'"):
        raw_labels(table, ["y"], np.ones(4, bool))


def test_no_label_at_all() -> None:
    assert none_labeled("a.csv", ["y", "z"]).field == "label"
    assert "'y' and 'z'" in none_labeled("a.csv", ["y", "z"]).message
