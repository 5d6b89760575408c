"""Parquet: typed columns as a CSV's, and rows named by their number."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from deciding import decided
from pyarrow import parquet

from trainctl.components.context import DataContext
from trainctl.components.dataset import ColumnKind, Dataset
from trainctl.errors import DataError
from trainctl.events import Event
from trainctl.sources.csv import CSV
from trainctl.sources.parquet import Parquet


def load(folder: Path, columns: dict[str, Any], events: list[Event] | None = None, **arguments: Any) -> Dataset:
    parquet.write_table(pa.table(columns), folder / "t.parquet", row_group_size=2)
    spec = Parquet.model_validate({"path": str(folder / "t.parquet"), "label": "y", **arguments})
    spec.look(DataContext(print))
    return spec.load(DataContext(emit=(events if events is not None else []).append))


COLUMNS: dict[str, Any] = {
    "size": [1, None, 3],
    "share": [0.5, 1.5, None],
    "member": [True, None, False],
    "since": [date(2020, 1, 2), None, date(1970, 1, 1)],
    "seen": [datetime(1970, 1, 2, 12, tzinfo=UTC), None, datetime(1970, 1, 1, tzinfo=UTC)],
    "town": pa.array(["Bonn", None, "Köln"]).dictionary_encode(),
    "y": ["a", "b", "a"],
}


def test_types_are_those_of_the_columns(tmp_path: Path) -> None:
    data = load(tmp_path, COLUMNS)
    kinds = {
        "size": "numeric",
        "share": "numeric",
        "member": "boolean",
        "since": "date",
        "seen": "date",
        "town": "categorical",
    }
    assert data.columns == {name: ColumnKind(kind) for name, kind in kinds.items()}
    x = data.train.x
    np.testing.assert_array_equal(x["size"], [1, np.nan, 3])
    np.testing.assert_array_equal(x["member"], [1, np.nan, 0])
    np.testing.assert_array_equal(x["since"], [18263, np.nan, 0])
    np.testing.assert_array_equal(x["seen"], [1.5, np.nan, 0])
    assert x["town"].tolist() == ["Bonn", "", "Köln"]
    assert data.train.y.tolist() == ["a", "b", "a"]


@pytest.mark.parametrize(
    ("y", "kind"),
    [
        ([1, 0, 2], np.int64),
        ([True, False, True], np.int64),
        ([0.5, 1, 2], np.float32),
        ([-1, 0, 1], np.float32),
    ],
)
def test_labels(tmp_path: Path, y: list[Any], kind: type) -> None:
    assert decided(load(tmp_path, {"x": [1, 2, 3], "y": y})).train.y.dtype == kind


@pytest.mark.parametrize("stream", [False, True])
def test_the_same_table_as_a_csv(tmp_path: Path, stream: bool) -> None:
    columns = {"a": [1.5, None, 3.0, 4.0], "town": ["x", "y", None, "x"], "y": [0, 1, 1, 0]}
    (tmp_path / "t.csv").write_text("a,town,y\n1.5,x,0\n,y,1\n3,,1\n4,x,0\n")
    other = CSV(path=str(tmp_path / "t.csv"), label="y").load(DataContext(emit=print)).train
    data = load(tmp_path, columns, stream=stream).train
    for name in ("a", "town"):
        np.testing.assert_array_equal(data.x[name][np.arange(4)], other.x[name])
    assert data.y[np.arange(4)].tolist() == other.y.tolist()


@pytest.mark.parametrize("stream", [False, True])
def test_nan_is_no_label(tmp_path: Path, stream: bool) -> None:
    events: list[Event] = []
    columns = {"x": [1, 2, 3, 4], "y": pa.array([0.5, float("nan"), None, 2.5])}
    data = load(tmp_path, columns, events, stream=stream)
    assert data.train.y[np.arange(2)].tolist() == [0.5, 2.5]
    assert "2 rows without label 'y' skipped" in events[-1].message


def test_mistakes(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"column 'x' holds list<.*>, which a model cannot learn from"):
        load(tmp_path, {"x": [[1], [2]], "y": [0, 1]})
    spec = Parquet(path=str(tmp_path / "t.parquet"), label="y")
    parquet.write_table(pa.table({"x": [1, 2, 3], "w": [1, 0, -1], "y": [0, 1, 0]}), tmp_path / "t.parquet")
    with pytest.raises(DataError, match=r"t\.parquet, row 3: the sample weight in column 'w' is -1"):
        spec.load(DataContext(emit=print, weight="w"))
    (tmp_path / "t.parquet").write_text("no parquet")
    with pytest.raises(DataError, match="is not a Parquet file"):
        Parquet(path=str(tmp_path / "t.parquet"), label="y").look(DataContext(print))
    parquet.write_table(
        pa.table({"x": pa.array([], pa.int64()), "y": pa.array([], pa.int64())}), tmp_path / "t.parquet"
    )
    with pytest.raises(DataError, match="has no rows"):
        Parquet(path=str(tmp_path / "t.parquet"), label="y").load(DataContext(emit=print))


def test_a_mistake_in_a_second_file_is_found_there(tmp_path: Path) -> None:
    for number, weights in enumerate(([1, 1, 1], [1, -1])):
        table = pa.table({"x": range(len(weights)), "w": weights, "y": [0] * len(weights)})
        parquet.write_table(table, tmp_path / f"{number}.parquet")
    with pytest.raises(DataError, match=r"/1\.parquet, row 2: the sample weight in column 'w' is -1"):
        Parquet(path=str(tmp_path), label="y").load(DataContext(emit=print, weight="w"))
