"""Data that is given in Python: arrays as they are, tables as Parquet files are read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from trainctl.components.context import DataContext
from trainctl.components.spec import SOURCES
from trainctl.errors import DataError, UsageError
from trainctl.events import ignore
from trainctl.sources.given import GivenData, frame_to_arrow


class Frame:
    """As much of a DataFrame as is needed: pandas is no dependency."""

    def __init__(self, columns: dict[Any, Any]) -> None:
        self._columns = columns

    @property
    def columns(self) -> list[Any]:
        return list(self._columns)

    def assign(self, **more: Any) -> Frame:
        return Frame({**self._columns, **more})


@pytest.fixture(autouse=True)
def _read_as_arrow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trainctl.sources.given.frame_to_arrow", lambda frame: pa.table(frame._columns))


def source(name: str, **arguments: Any) -> Any:
    return SOURCES.get(name)(**arguments)  # type: ignore[misc]


IRIS = source("Iris")
TABLE = source("CSV", path="/none.csv", label="old", features=["age", "town"])
FRAME = {"age": [30, 60, 20], "town": ["Oslo", "Bonn", "Oslo"], "old": ["no", "yes", "no"]}


def load(data: Any, instead_of: Any, folder: Path, label: Any = None) -> Any:
    return GivenData(data, folder, label).source(instead_of).load(DataContext(ignore))


def test_arrays(tmp_path: Path) -> None:
    x = np.eye(3, dtype="float32")
    dataset = load((x, np.array([0, 1, 2])), IRIS, tmp_path)
    np.testing.assert_array_equal(dataset.train.x, x)
    assert len(load(((x, [0, 1, 2]), (x[:2], [0, 1])), IRIS, tmp_path).test) == 2


@pytest.mark.parametrize("data", [([[1.0], [2.0]], [0]), ([], [])], ids=["lengths", "empty"])
def test_arrays_that_cannot_be_learned_from(data: Any, tmp_path: Path) -> None:
    with pytest.raises(DataError):
        load(data, IRIS, tmp_path)


def test_a_frame_has_the_label_and_features_of_the_table_that_it_replaces(tmp_path: Path) -> None:
    dataset = load(Frame({**FRAME, "id": [1, 2, 3]}), TABLE, tmp_path)
    assert list(dataset.train.x) == ["age", "town"]
    assert list(dataset.train.y) == FRAME["old"]


def test_a_frame_with_a_label_of_its_own(tmp_path: Path) -> None:
    assert list(load(Frame(FRAME), IRIS, tmp_path, "town").train.x) == ["age", "old"]


def test_a_frame_and_its_labels(tmp_path: Path) -> None:
    inputs = {name: FRAME[name] for name in ("age", "town")}
    assert list(load((Frame(inputs), FRAME["old"]), IRIS, tmp_path).train.y) == FRAME["old"]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ([1, 2], "got list"),
        (Frame(FRAME), "without a label column"),
    ],
)
def test_what_is_no_data(data: Any, message: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=message):
        load(data, IRIS, tmp_path)


def test_a_column_whose_name_is_no_text() -> None:
    with pytest.raises(UsageError, match="named 3"):
        frame_to_arrow(Frame({3: [1], "old": [1]}))
