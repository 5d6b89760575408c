"""New inputs of Python become the files that `predict` reads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from trainctl.errors import UsageError
from trainctl.jobs.new_inputs import as_path


def written(inputs: Any, folder: Path, *, is_table: bool = False) -> Path:
    return as_path(inputs, folder, is_table=is_table)[0]


def test_a_path_stays_as_it_is(tmp_path: Path) -> None:
    assert as_path("rows.csv", tmp_path, is_table=True) == (Path("rows.csv"), None)


def test_rows_may_lack_columns(tmp_path: Path) -> None:
    path = written([{"age": 3, "town": "Oslo"}, {"town": "Bonn"}], tmp_path)
    assert pq.read_table(path).to_pydict() == {"age": [3, None], "town": ["Oslo", "Bonn"]}


def test_a_mapping_is_columns_of_a_table_or_inputs_of_a_model(tmp_path: Path) -> None:
    values = {"file": [1.0, 2.0], "b": [3.0, 4.0]}
    assert pq.read_table(written(values, tmp_path, is_table=True)).to_pydict() == values
    with np.load(written(values, tmp_path)) as arrays:
        assert {name: arrays[name].tolist() for name in arrays.files} == values


def test_an_array(tmp_path: Path) -> None:
    assert np.load(written([[1.0, 2.0]], tmp_path)).tolist() == [[1.0, 2.0]]


def test_files_keep_their_order_and_their_names(tmp_path: Path) -> None:
    names = [tmp_path / "b.png", tmp_path / "a.png"]
    for name in names:
        name.write_text(name.name)
    (tmp_path / "links").mkdir()
    folder, files = as_path(names, tmp_path / "links", is_table=False)
    assert [path.read_text() for path in sorted(folder.iterdir())] == ["b.png", "a.png"]
    assert files == tuple(map(str, names))


def test_texts_that_are_no_files(tmp_path: Path) -> None:
    folder = written(["good", "x" * 5000], tmp_path)
    assert [path.read_text() for path in sorted(folder.iterdir())] == ["good", "x" * 5000]


@pytest.mark.parametrize("inputs", [[], object(), None, 3.0, [[1], [1, 2]], [Path("/none.png")], [{}, {}]], ids=repr)
def test_nothing_to_predict_on(inputs: Any, tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        written(inputs, tmp_path)
