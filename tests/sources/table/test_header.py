"""What a first line says that names no columns, or too many."""

from __future__ import annotations

from pathlib import Path

import pytest

from trainctl.components.context import DataContext
from trainctl.errors import DataError
from trainctl.sources.csv import CSV
from trainctl.sources.table import header, table


def refused(folder: Path, content: str | bytes) -> DataError:
    file = folder / "t.csv"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(DataError) as caught:
        CSV(path=str(file), label="y").load(DataContext(print))
    return caught.value


@pytest.mark.parametrize(
    ("content", "message", "hint"),
    [
        (
            "0,0.3,0\n1,0.5,1\n",
            "its first line, which should name the columns, looks like data: 0, 0.3, 0",
            "header: false",
        ),
        ("a,a,y\n1,2,0\n", "the column 'a' appears twice", "names: [...] with a name for each column"),
        ("# made by x\na,y\n1,0\n", "in its first line, but in line 2", 'set comment: "#", or remove the lines above'),
        ("Station 7;\n\na;y\n1;0\n", "in its first line, but in line 3", 'set skip: 2 and separator: ";"'),
        ("# made by x\na,z\n1,0\n", "its first line looks like a comment: # made by x", "remove the lines above"),
        ("red,cat\nblue,cat\nred,dog\n", "looks like data: red, cat", "header: false"),
        ("a,y\n1,0\n".encode("utf-16"), "is not UTF-8 text", "encoding: utf-16"),
    ],
)
def test_a_first_line_that_names_no_columns(tmp_path: Path, content: str | bytes, message: str, hint: str) -> None:
    error = refused(tmp_path, content)
    assert message in error.message
    assert hint in (error.hint or "")


def test_more_columns_than_are_encoded_one_by_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(header, "MOST_COLUMNS", 2)
    monkeypatch.setattr(table, "MOST_COLUMNS", 2)
    error = refused(tmp_path, "a,b,c,y\n1,2,3,0\n")
    assert "has 3 columns to learn from, more than 2" in error.message
    assert "NPZ" in (error.hint or "")


def test_a_row_longer_than_a_block_of_arrows(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a,y\n" + f"{'x' * 3_000_000},0\nz,1\n" * 2)
    assert len(CSV(path=str(tmp_path / "t.csv"), label="y").load(DataContext(print)).train) == 4
