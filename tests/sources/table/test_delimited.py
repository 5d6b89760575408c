"""Reading CSV headers and naming the line of a row."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from trainctl.errors import DataError
from trainctl.sources.table.delimited import read_header, read_texts

if TYPE_CHECKING:
    from pathlib import Path


def written(folder: Path, content: str | bytes, name: str = "t.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize(
    ("content", "separator", "expected"),
    [
        ("a,b\n1,2\n", ",", ("a", "b")),
        ("\ufeffa, b \r\n1,2\r\n", ",", ("a", "b")),
        ('a;"b;c"', ";", ("a", "b;c")),
        ('\n\n"two\nlines",b\n', ",", ("two\nlines", "b")),
        (",a\n0,1\n", ",", ("", "a")),
        ("größe\n1\n", ",", ("größe",)),
    ],
)
def test_read_header(tmp_path: Path, content: str, separator: str, expected: tuple[str, ...]) -> None:
    assert read_header(written(tmp_path, content), separator) == expected


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "t.csv is empty"),
        ("\n\n", "t.csv is empty"),
        ("a,b, a\n", "the column 'a' appears twice"),
        ("a,b\n1,2\n".encode("utf-16"), "t.csv:1 is not UTF-8 text"),
        (b"a,b\n1,2\n3,caf\xe9\n", "t.csv:3 is not UTF-8 text"),
    ],
)
def test_headers_that_cannot_be_read(tmp_path: Path, content: str | bytes, message: str) -> None:
    with pytest.raises(DataError, match=message) as caught:
        read_header(written(tmp_path, content))
    assert caught.value.hint


def test_cells_are_stripped_and_missing_ones_are_null(tmp_path: Path) -> None:
    path = written(tmp_path, '\na,b,c\n 1 ,x," ?"\n\n,NA,"y\nz"\n')
    table = read_texts([path], ["c", "a", "b"], ",", ["?"])
    assert {name: column.to_pylist() for name, column in table.columns.items()} == {
        "a": ["1", None],
        "b": ["x", "NA"],
        "c": [None, "y\nz"],
    }


def test_the_line_of_a_row_counts_blank_and_continued_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    first = written(tmp_path, 'a,b\n1,"x\ny"\n\n2,z\n', "1.csv")
    empty = written(tmp_path, "a,b", "2.csv")
    last = written(tmp_path, "b,a\nq,3\nr,4", "3.csv")
    table = read_texts([first, empty, last], ["a"], ",", [])
    assert table.columns["a"].to_pylist() == ["1", "2", "3", "4"]
    assert [table.place(row) for row in range(4)] == ["1.csv:2", "1.csv:5", "3.csv:2", "3.csv:3"]
    assert table.name == "1.csv and 2 other files"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a,b\n1,2\n\n3\n4,5\n", "t.csv:4 has 1 cell, the header has 2"),
        ("a,b\n1,2\n3,4,5\n", "t.csv:3 has 3 cells, the header has 2"),
        ("a,b\n", "t.csv has a header but no rows"),
        (b"a,b\n1,2\n" + b"3,4\n" * 100_000 + b"5,caf\xe9\n", "t.csv:100003 is not UTF-8 text"),
    ],
)
def test_rows_that_do_not_fit(tmp_path: Path, content: str | bytes, message: str) -> None:
    with pytest.raises(DataError, match=message):
        read_texts([written(tmp_path, content)], ["a", "b"], ",", [])
