"""Tables as people have them: without a header, compressed, with amounts, with an index."""

from __future__ import annotations

import bz2
import gzip
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from trainctl.components.context import DataContext
from trainctl.components.dataset import ColumnKind, Dataset
from trainctl.components.new_inputs import ModelInput, NewFiles
from trainctl.errors import DataError
from trainctl.events import Event, Notice
from trainctl.sources.csv import CSV
from trainctl.sources.parquet import Parquet
from trainctl.sources.table import content, delimited_blocks


def load(path: Path, content: str | bytes, label: str = "y", **arguments: Any) -> tuple[Dataset, list[str]]:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    events: list[Event] = []
    spec = CSV.model_validate({"path": str(path), "label": label, **arguments})
    return spec.load(DataContext(events.append)), [each.message for each in events if isinstance(each, Notice)]


def column(data: Dataset, name: str) -> list[Any]:
    rows = data.train.x[name]
    return rows[np.arange(len(rows))].tolist()


@pytest.mark.parametrize("stream", [False, True])
class TestHeader:
    def test_a_file_without_one(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stream: bool) -> None:
        monkeypatch.setattr(delimited_blocks, "BLOCK", 8)
        data, _ = load(tmp_path / "t.csv", "1,2,0\n3,4,1\n5,6,1\n", "column_3", header=False, stream=stream)
        assert (column(data, "column_1"), column(data, "column_2")) == ([1, 3, 5], [2, 4, 6])

    @pytest.mark.parametrize(("head", "header"), [("", None), ("", False), ("x,y,z\n", True)])
    def test_names_for_the_columns(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stream: bool, head: str, header: bool | None
    ) -> None:
        monkeypatch.setattr(delimited_blocks, "BLOCK", 8)
        text = f"{head}1,2,0\n3,4,1\n5,6,1\n"
        data, _ = load(tmp_path / "t.csv", text, "c", names=["a", "b", "c"], header=header, stream=stream)
        assert (column(data, "a"), column(data, "b")) == ([1, 3, 5], [2, 4, 6])

    def test_a_mistake_is_at_its_line(self, tmp_path: Path, stream: bool) -> None:
        with pytest.raises(DataError, match=r"t\.csv:3: column 'column_1': 'x' is not a number"):
            load(tmp_path / "t.csv", "1,0\n3,1\nx,1\n4,1\n", "column_2", header=False, stream=stream)


def test_a_header_that_looks_like_data_is_suspected(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"its first line looks like data: 5\.1, 3\.5, setosa") as caught:
        load(tmp_path / "t.csv", "5.1,3.5,setosa\n4.9,3,setosa\n", "species")
    assert "header: false" in (caught.value.hint or "")


def test_too_few_names(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"has 3 columns, but names: gives 2") as caught:
        load(tmp_path / "t.csv", "1,2,3\n", "b", names=["a", "b"])
    assert caught.value.field == "names"


@pytest.mark.parametrize("stream", [False, True])
def test_cells_separated_by_blanks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stream: bool) -> None:
    monkeypatch.setattr(delimited_blocks, "BLOCK", 20)
    text = "  x   name\t y\n" + "".join(f' {i}   "a  b" \t {i % 2}\n' for i in range(9))
    data, _ = load(tmp_path / "t.txt", text, separator="whitespace", stream=stream)
    assert column(data, "x") == list(range(9))
    assert set(column(data, "name")) == {"a  b"}
    with pytest.raises(DataError, match="has no column 'y'") as caught:
        load(tmp_path / "t.txt", "x   y\n1   0\n")
    assert "separator: whitespace" in (caught.value.hint or "")
    with pytest.raises(DataError, match=r"t\.txt:3: column 'x'"):
        load(tmp_path / "t.txt", "x  y\n1  0\nz   1\n3 0\n4 1\n", separator="whitespace", stream=stream)


@pytest.mark.parametrize("ending", ["gz", "bz2", "zst"])
def test_compressed_files(tmp_path: Path, ending: str) -> None:
    text = b"x,y\n1,0\n2,1\n"
    compress = {"gz": gzip.compress, "bz2": bz2.compress}.get(
        ending, lambda raw: pa.compress(raw, "zstd", asbytes=True)
    )
    data, _ = load(tmp_path / f"t.csv.{ending}", compress(text))
    assert column(data, "x") == [1, 2]
    spec = CSV(path=str(tmp_path), label="y")
    assert len(spec.load(DataContext(print)).train) == 2
    with pytest.raises(DataError, match=r":3: column 'x'"):
        load(tmp_path / f"t.csv.{ending}", compress(b"x,y\n1,0\nz,1\n3,1\n"))


@pytest.mark.parametrize("ending", ["gz", "bz2", "zst"])
def test_compressed_files_in_blocks(tmp_path: Path, ending: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delimited_blocks, "BLOCK", 64)
    monkeypatch.setattr(content, "_PIECE", 50)
    compress = {"gz": gzip.compress, "bz2": bz2.compress}.get(
        ending, lambda raw: pa.compress(raw, "zstd", asbytes=True)
    )
    text = b"x,y\n" + b"".join(b"%d,%d\n" % (number, number % 2) for number in range(100))
    (tmp_path / "plain.csv").write_bytes(text)
    plain = CSV(path=str(tmp_path / "plain.csv"), label="y", stream=True).load(DataContext(print))
    data, _ = load(tmp_path / f"t.csv.{ending}", compress(text), stream=True)
    assert len(data.train.y.blocks) > 5
    assert data.train.x["x"][np.array([99, 0, 50])].tolist() == [99, 0, 50]
    assert data.fingerprint == plain.fingerprint
    with pytest.raises(DataError, match=rf"t\.csv\.{ending}:3: column 'x'"):
        load(tmp_path / f"t.csv.{ending}", compress(b"x,y\n1,0\nz,1\n3,1\n"), stream=True)
    with pytest.raises(DataError, match=r"cannot be (unpacked|read)"):
        load(tmp_path / f"t.csv.{ending}", compress(text)[:40], stream=True)


@pytest.mark.parametrize(
    ("path", "address"),
    [
        ("/home/me/https:/example.org/a.csv", "https://example.org/a.csv"),
        ("s3://bucket/a.csv", "s3://bucket/a.csv"),
        ("/x/https:/example.org/a.csv?raw=1", "https://example.org/a.csv?raw=1"),
    ],
)
def test_addresses_are_refused_in_those_words(path: str, address: str) -> None:
    for spec in (CSV(path=path, label="y"), Parquet(path=path, label="y")):
        with pytest.raises(DataError, match="is an address on the network") as caught:
            spec.look(DataContext(print))
        assert caught.value.message.startswith(address)
        assert "download it first" in (caught.value.hint or "")


def test_the_index_that_pandas_wrote_is_no_feature(tmp_path: Path) -> None:
    parquet.write_table(pa.table({"x": [1, 2], "y": [0, 1], "__index_level_0__": [1, 0]}), tmp_path / "t.parquet")
    events: list[Event] = []
    data = Parquet(path=str(tmp_path / "t.parquet"), label="y").load(DataContext(events.append))
    assert list(data.columns) == ["x"]
    assert "column 3 has no name and is not used" in str(events)


@pytest.mark.parametrize("stream", [False, True])
class TestAmounts:
    def test_those_of_one_form_are_understood_and_told(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stream: bool
    ) -> None:
        monkeypatch.setattr(delimited_blocks, "BLOCK", 60)
        rows = [f'{i}%,"${i},000.50",12:00:{i:02},{i:02}-Jan-2020,{i % 2}' for i in range(1, 10)]
        text = "rate,price,at,day,y\n" + "\n".join(rows) + "\n"
        data, told = load(tmp_path / "t.csv", text, stream=stream)
        assert column(data, "rate") == list(range(1, 10))
        assert column(data, "price") == [i * 1000 + 0.5 for i in range(1, 10)]
        assert column(data, "at") == [43200 + i for i in range(1, 10)]
        assert column(data, "day") == [18261 + i for i in range(1, 10)]
        assert [each.split(";")[0] for each in told] == [
            "column 'rate' is read as percent, 5.2% as 5.2",
            "column 'price' is read as amounts of money, $1,000 as 1000",
            "column 'at' is read as times of day, 12:30:00 as 45000 seconds",
            "column 'day' is read as dates",
        ]
        as_text, told = load(tmp_path / "t.csv", text, stream=stream, features={"rate": "categorical"})
        assert column(as_text, "rate")[0] == "1%"

    def test_what_numbers_may_be_instead(self, tmp_path: Path, stream: bool) -> None:
        text = "zip,day,dose,y\n01234,20200131,10 mg,0\n99999,20200201,20 mg,1\n"
        data, told = load(tmp_path / "t.csv", text, stream=stream)
        assert data.columns["dose"] is ColumnKind.CATEGORICAL
        assert [each.split(";")[0] for each in told] == [
            "column 'zip' holds numbers with leading zeros",
            "column 'day' holds numbers such as 20260131",
            "column 'dose' looks like numbers with a unit, but is treated as categories: write the numbers alone, or "
            "declare it categorical under features",
        ]
        declared = {"zip": "category", "day": "date"}
        data, _ = load(tmp_path / "t.csv", text, stream=stream, features=declared)
        assert (column(data, "zip"), column(data, "day")) == (["01234", "99999"], [18292, 18293])

    def test_a_label_in_money(self, tmp_path: Path, stream: bool) -> None:
        data, told = load(tmp_path / "t.csv", 'x,price\n1,"$1,000"\n2,$20.5\n', "price", stream=stream)
        assert data.train.y[np.arange(2)].tolist() == [1000, 20.5]
        assert told == ["column 'price' is read as amounts of money, $1,000 as 1000"]


def test_new_rows_are_read_as_the_training_data_was(tmp_path: Path) -> None:
    data, _ = load(tmp_path / "t.csv", "1%,0\n3%,1\n", "label", names=["rate", "label"])
    spec = CSV(path=str(tmp_path / "t.csv"), label="label", names=("rate", "label"))
    schema = type(NewFiles((), ()).schema)(data.columns)
    new = NewFiles((tmp_path / "t.csv",), (ModelInput("rate", (1,), "float32"),), schema)
    assert spec.read_new(new).values["rate"].tolist() == [[1], [3]]


@pytest.mark.parametrize(
    ("name", "kind"), [("number", "numeric"), ("category", "categorical"), ("bool", "boolean"), ("datetime", "date")]
)
def test_other_words_for_kinds(name: str, kind: str) -> None:
    spec = CSV.model_validate({"path": "x", "label": "y", "features": {"a": name}})
    assert spec.options("a").held is ColumnKind(kind)
