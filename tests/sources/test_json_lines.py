"""JSON lines as rows, with the place of what is none."""

from __future__ import annotations

from trainctl.errors import DataError
from trainctl.sources.json_lines import ENCODING, UNDECODED, json_tables, read_lines


def test_rows_and_what_is_none() -> None:
    bad: list[DataError] = []
    lines = ['{"age": 31, "town": "Oslo"}\n', "\n", "{age}\n", "7\n", '{"age": "x"}\n']
    (table,) = json_tables(read_lines(lines, "stdin", bad.append), ("age", "town"), "stdin", bad.append)
    assert {name: column.to_pylist() for name, column in table.columns.items()} == {
        "age": ["31", "x"],  # of several types: as text
        "town": ["Oslo", None],
    }
    assert (len(table), table.place(1)) == (2, "stdin:5")
    assert [error.message for error in bad] == ["stdin:3: not JSON: {age}", "stdin:4: not a row of columns"]


def test_text_that_is_none_and_huge_numbers() -> None:
    content = '\ufeff{"age": 3}\n'.encode() + '{"age": "Köln"}\n'.encode("latin-1")
    content += b'{"age": "\\ud800"}\n{"age": "\\ud83d\\ude00"}\n' + f'{{"age": {10**30}}}\n'.encode()
    bad: list[DataError] = []
    lines = content.decode(ENCODING, UNDECODED).splitlines()
    (table,) = json_tables(read_lines(lines, "stdin", bad.append), ("age",), "stdin", bad.append)
    assert table.columns["age"].to_pylist() == ["3", "\N{GRINNING FACE}", str(10**30)]
    assert [error.message for error in bad] == ["stdin:2: not UTF-8", "stdin:3: not UTF-8"]
