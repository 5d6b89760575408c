"""The table of columns fits the line, and folds what is too much."""

from __future__ import annotations

from typing import Any

import pytest

from trainctl.ui.columns import column_lines


def number(**more: Any) -> dict[str, Any]:
    return {"kind": "numeric", "missing": 0, "distinct": 3, "min": 0.5, "max": 2.0, "use": "scaled", **more}


TOWN = {"kind": "categorical", "missing": 1234, "distinct": 2, "frequent": [["Bonn", 3], ["Köln", 1]], "use": "each"}


def test_each_column_has_a_line() -> None:
    head, *rows = column_lines({"age": number(), "town": TOWN})
    assert head.split() == ["column", "kind", "missing", "distinct", "values", "use"]
    assert rows[0].split() == ["age", "numeric", "3", "0.5", "to", "2", "scaled"]
    assert rows[1].split() == ["town", "categorical", "1,234", "2", "Bonn", "3,", "Köln", "1", "each"]


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        (number(kind="boolean", min=0.0, max=1.0, mean=0.25), "25% true"),
        (number(min=3.0, max=3.0), "3"),
        (number(distinct=20_000, distinct_of=20_000), "20,000+"),
        ({"kind": "numeric", "missing": 4, "distinct": 0, "use": "scaled"}, "4"),
    ],
)
def test_values(facts: dict[str, Any], words: str) -> None:
    _, row = column_lines({"a": facts})
    assert words in [cell.strip() for cell in row.split("  ")]


def test_lines_are_no_longer_than_asked_for() -> None:
    columns = {f"a name that is long {index}" * 3: {**TOWN, "frequent": [["x" * 60, 3]]} for index in range(3)}
    assert max(map(len, column_lines(columns))) > 80
    assert all(len(line) <= 80 for line in column_lines(columns, width=80))


def test_many_columns_are_folded_with_their_count() -> None:
    columns = {**{f"n{index}": number() for index in range(200)}, "town": TOWN}
    lines = list(column_lines(columns, width=80, most=16))
    assert len(lines) == 17
    assert lines[-1] == "… and 186 more columns: 185 numeric, 1 categorical"
    assert len(list(column_lines(columns))) == 202


def test_no_columns_no_table() -> None:
    assert list(column_lines({}, most=5)) == []
