"""CSV in blocks: the same rows as read whole, wherever the blocks are cut; and the line of a mistake."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from deciding import decided

from trainctl.components.context import DataContext
from trainctl.components.dataset import Dataset
from trainctl.errors import DataError
from trainctl.events import Event, Notice
from trainctl.sources.csv import CSV
from trainctl.sources.table import delimited_blocks


def load(
    folder: Path, content: str, *, stream: bool = True, events: list[Event] | None = None, **arguments: Any
) -> Dataset:
    (folder / "t.csv").write_text(content, encoding="utf-8", newline="")
    spec = CSV.model_validate({"path": str(folder / "t.csv"), "label": "y", "stream": stream, **arguments})
    return spec.load(DataContext((events if events is not None else []).append))


def everything(rows: Any) -> list[Any]:
    return rows[np.arange(len(rows))].tolist()


ROWS = "".join(f'{i},"a ""quoted"", cell\nof {i % 7} lines",{"ab"[i % 2]},{i % 3}\r\n' for i in range(200))
TABLE = "n,text,town,y\n" + ROWS


@pytest.mark.parametrize("size", [500, 1000, 2**20])
def test_blocks_hold_the_rows_of_the_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    monkeypatch.setattr(delimited_blocks, "BLOCK", size)
    features = {"n": "numeric", "text": "text", "town": "categorical"}  # a small first block may look otherwise
    whole = load(tmp_path, TABLE, stream=False, features=features)
    data = load(tmp_path, TABLE, features=features)
    assert data.columns == whole.columns
    assert len(data.train) == 200
    assert (len(data.train.y.blocks) > 1) == (size < 2**20)
    for name in data.columns:
        assert everything(data.train.x[name]) == whole.train.x[name].tolist()
    assert everything(data.train.y) == whole.train.y.tolist()
    assert data.label_values is not None
    assert data.label_values.highest == 2


@pytest.mark.parametrize("cell", ['5" pipe', '5"', 'a"b"c', '"closed"rest"', '""', '"a ""b"""', '"two\nlines"'])
@pytest.mark.parametrize("separator", [",", ";"])
def test_a_quote_counts_only_where_a_cell_begins_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cell: str, separator: str
) -> None:
    monkeypatch.setattr(delimited_blocks, "BLOCK", 50)
    rows = [("n", "text", "y"), *((str(i), cell if i == 20 else "plain", str(i % 2)) for i in range(100))]
    content = "".join(separator.join(row) + "\n" for row in rows)
    features = {"n": "numeric", "text": "categorical"}
    whole, data = (
        load(tmp_path, content, stream=stream, features=features, separator=separator) for stream in (False, True)
    )
    assert everything(data.train.x["text"]) == whole.train.x["text"].tolist()
    assert len(data.train.y.blocks) > 20


def test_labels_mean_the_same_as_in_a_table_read_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delimited_blocks, "BLOCK", 8)
    for cells in (
        ["b", "a", "c", "a"],
        ["0", "1", "2", "1"],
        ["0", "1.5", "2", "3"],
        ["-1", "1", "1", "1"],
        ["True", "False"] * 2,
    ):
        content = "x,y\n" + "".join(f"1,{cell}\n" for cell in cells)
        whole, data = decided(load(tmp_path, content, stream=False)), decided(load(tmp_path, content))
        assert data.class_names == whole.class_names
        assert everything(data.train.y) == whole.train.y.tolist()
        assert data.train.y.dtype == whole.train.y.dtype


def test_rows_without_a_label_are_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delimited_blocks, "BLOCK", 8)
    events: list[Event] = []
    data = load(tmp_path, "x,y\n1,0\n2,\n3,1\n4,NA\n5,0\n", events=events)
    assert everything(data.train.x["x"]) == [1, 3, 5]
    assert any(isinstance(event, Notice) and "2 rows without label 'y' skipped" in event.message for event in events)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("abc,0\n", "t.csv:52: column 'x': 'abc' is not a number"),
        ("1,2,3\n", "t.csv:52 has 3 cells, the header has 2"),
        ('"a\nb",0\n', r"t.csv:52: column 'x': 'a\\nb' is not a number"),
    ],
)
def test_a_mistake_names_its_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, row: str, message: str) -> None:
    monkeypatch.setattr(delimited_blocks, "BLOCK", 32)
    content = "x,y\n" + "1,0\n" * 50 + row + "2,1\n" * 50
    with pytest.raises(DataError, match=message):
        everything(load(tmp_path, content).train.x["x"])


def test_text_that_is_not_utf8_and_an_open_quote(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delimited_blocks, "BLOCK", 32)
    monkeypatch.setattr(delimited_blocks, "_LONGEST_ROW", 100)
    (tmp_path / "t.csv").write_bytes(b"x,y\n" + b"a,0\n" * 20 + b"\xff,1\n")
    source = CSV(path=str(tmp_path / "t.csv"), label="y", stream=True)
    with pytest.raises(DataError, match=r"t\.csv:22 is not UTF-8 text"):
        source.load(DataContext(emit=print)).train.x["x"][np.arange(21)]
    with pytest.raises(DataError, match=r"t\.csv:3: a quote is opened here and never closed"):
        load(tmp_path, 'x,y\n1,0\n"2,1\n' + "3,1\n" * 100)


def test_numbers_and_no_rows(tmp_path: Path) -> None:
    data = decided(load(tmp_path, "x,y,z\n1,2,0.5\n3,4,1.5\n", label=["y", "z"]))
    assert data.train.y.dtype == np.float32
    assert everything(data.train.y) == [[2, 0.5], [4, 1.5]]
    with pytest.raises(DataError, match="has a header but no rows"):
        load(tmp_path, "x,y\n")


def test_the_fingerprint_is_of_the_content(tmp_path: Path) -> None:
    assert load(tmp_path, "x,y\n1,0\n").fingerprint == load(tmp_path, "x,y\n1,0\n").fingerprint
    assert load(tmp_path, "x,y\n1,0\n").fingerprint != load(tmp_path, "x,y\n2,0\n").fingerprint


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1"])
def test_rows_that_do_not_fit_are_left_out_and_told(tmp_path: Path, encoding: str) -> None:
    rows = 'a,b\n1,2,3\n\n4,"é\né"\n5\n6,7,8\n9,oslo\n10,"x\ny",11\n'
    (tmp_path / "t.csv").write_text(rows, encoding=encoding, newline="")
    spelling = delimited_blocks.Spelling(encoding=encoding)
    blocks = delimited_blocks.TextBlocks([tmp_path / "t.csv"], ",", (), spelling)
    told: list[DataError] = []
    found = list(blocks.read_fitting(0, ("a", "b"), told.append))
    assert [block.columns["b"].to_pylist() for block in found] == [["é\né"], ["oslo"]]
    assert [block.place(0).rpartition(":")[2] for block in found] == ["4", "8"]
    assert [each.message.partition(".csv:")[2].split(",")[0] for each in told] == [
        "2 has 3 cells",
        "6 has 1 cell",
        "7 has 3 cells",
        "9 has 3 cells",
    ]

    def stop(error: DataError) -> None:
        raise error

    with pytest.raises(DataError, match=r"t\.csv:2 has 3 cells"):
        list(blocks.read_fitting(0, ("a", "b"), stop))
