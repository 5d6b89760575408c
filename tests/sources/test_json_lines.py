"""JSON lines as rows, with the place of what is none."""

from __future__ import annotations

from trainctl.errors import DataError
from trainctl.sources.json_lines import json_tables, read_lines


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
