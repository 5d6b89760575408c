"""Files of predictions: written part by part, the same whatever the parts."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from trainctl.data.prediction_files import Part, whole, written_to
from trainctl.data.predictions import Predictions
from trainctl.errors import DataError, RunDirError, UsageError

VALUES = np.array([[0.25], [0.75], [0.1]], "float32")
ALL = Predictions(VALUES, ("no", "yes", "no"), (0.75, 0.75, 0.9))
PARTS = [
    Part(Predictions(VALUES[:2], ("no", "yes"), (0.75, 0.75)), {"id": pa.array(["a", None])}),
    Part(Predictions(VALUES[2:], ("no",), (0.9,)), {"id": pa.array(["c"])}),
]
ROWS = [
    {"id": "a", "prediction": "no", "probability": 0.75},
    {"id": None, "prediction": "yes", "probability": 0.75},
    {"id": "c", "prediction": "no", "probability": 0.9},
]


def written(path: Path) -> Path:
    with written_to(path) as file:
        for part in PARTS:
            file.add(part)
    return path


def test_rows_by_ending(tmp_path: Path) -> None:
    assert whole(iter(PARTS)) == ROWS
    assert written(tmp_path / "a.csv").read_text() == "id,prediction,probability\na,no,0.75\n,yes,0.75\nc,no,0.9\n"
    assert [json.loads(line) for line in written(tmp_path / "a.jsonl").read_text().splitlines()] == ROWS
    assert pq.read_table(written(tmp_path / "a.parquet")).to_pylist() == ROWS


def test_cells_of_the_input_stay_as_they_are(tmp_path: Path) -> None:
    columns = {"id": pa.array([123456789.5, 1.0]), "day": pa.array(["007", None])}
    with written_to(tmp_path / "a.csv") as file:
        file.add(Part(PARTS[0].predictions, columns))
    assert (tmp_path / "a.csv").read_text().splitlines()[1:] == ["123456789.5,007,no,0.75", "1.0,,yes,0.75"]


def test_raw_outputs_by_ending(tmp_path: Path) -> None:
    assert np.array_equal(np.load(written(tmp_path / "a.npy")), VALUES)
    with np.load(written(tmp_path / "a.npz")) as found:
        assert np.array_equal(found["output"], VALUES)


def test_columns_whose_type_changes(tmp_path: Path) -> None:
    parts = {value: Part(PARTS[1].predictions, {"id": pa.array([value])}) for value in (None, 1, "x")}
    out = tmp_path / "a.parquet"
    with written_to(out) as file:
        file.add(parts[None])
        file.add(parts[1])
    assert pq.read_table(out)["id"].to_pylist() == [None, "1"]
    with written_to(out) as file:
        file.add(parts[1])
        with pytest.raises(DataError, match="has one type"):
            file.add(parts["x"])


def test_what_cannot_be_written_leaves_what_is_there(tmp_path: Path) -> None:
    old = tmp_path / "a.npy"
    old.write_text("old")
    several = Part(Predictions({"x": VALUES, "y": VALUES}), {})
    with pytest.raises(UsageError, match="several outputs"), written_to(old) as file:
        file.add(several)
    assert old.read_text() == "old"
    with pytest.raises(RunDirError, match="cannot write"), written_to(tmp_path / "none" / "a" / "b.csv"):
        (tmp_path / "none").write_text("")
