"""What is said of each column besides its kind and range."""

from __future__ import annotations

import numpy as np
import pytest

from trainctl.components.dataset import ColumnKind, Dataset, Samples
from trainctl.data import column_table, findings
from trainctl.data.column_table import with_column_table
from trainctl.data.findings import Finding
from trainctl.data.profile import Profile, details

X = {
    "size": np.array([1.0, np.nan, 1.0, 4.0]),
    "color": np.array(["red", "", "red", "blue"], object),
    "note": np.array(["a b c d", "e f g h", "", "a b c d"], object),
}
KINDS = {"size": ColumnKind.NUMERIC, "color": ColumnKind.CATEGORICAL, "note": ColumnKind.TEXT}


def table(*taken: str, problems: tuple[Finding, ...] = ()) -> dict[str, object]:
    data = Dataset(Samples(X, np.array([0, 1, 0, 1])), columns=KINDS)
    known = Profile.of(KINDS, data.train)
    return with_column_table(details(data, data.train, known), data.train, known, taken, problems)


def test_distinct_frequent_and_use() -> None:
    columns = table()["columns"]
    assert {name: each["distinct"] for name, each in columns.items()} == {"size": 2, "color": 2, "note": 2}
    assert columns["color"]["frequent"] == [("red", 2), ("blue", 1)]
    assert columns["size"]["use"] == "scaled"
    assert "distinct_of" not in columns["size"]


def test_what_the_model_takes_is_its_input() -> None:
    uses = {name: each["use"] for name, each in table("size")["columns"].items()}
    assert uses == {"size": "input of the model", "color": "not used", "note": "not used"}


def test_of_many_rows_a_sample_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(findings, "SAMPLE", 2)
    monkeypatch.setattr(column_table, "SAMPLE", 2)
    size = table()["columns"]["size"]
    assert (size["distinct"], size["distinct_of"]) == (2, 2)


def test_warnings_are_recorded() -> None:
    assert table(problems=(Finding("constant", "a", "fact", "advice"),))["warnings"] == [
        {"code": "constant", "column": "a", "text": "fact; advice"}
    ]


def test_other_data_has_no_columns() -> None:
    samples = Samples(np.zeros((2, 3)), np.zeros(2, np.int64))
    assert with_column_table({"inputs": {}}, samples, Profile.of({}, samples), (), ()) == {"inputs": {}}
