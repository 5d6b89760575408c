"""What is suspicious in a table is found, and what is not is left alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import yaml

from trainctl.components.dataset import ColumnKind, Samples
from trainctl.data import findings
from trainctl.data.findings import Finding, find_problems, leave_out

RNG = np.random.default_rng(0)
ROWS = 400
CLASSES = np.repeat([0, 1, 2, 3], 100)
NUMBERS = RNG.normal(size=ROWS)
WORDS = np.array(["a", "b", "c", "d"], object)
NUMERIC, CATEGORICAL, TEXT = ColumnKind.NUMERIC, ColumnKind.CATEGORICAL, ColumnKind.TEXT


def found(values: Any, y: Any = CLASSES, kind: ColumnKind | None = None, other: Samples | None = None) -> list[Finding]:
    values = np.asarray(values)
    kind = kind or (CATEGORICAL if values.dtype.kind in "OU" else NUMERIC)
    values = values.astype(object if kind.is_words else float)
    return find_problems({"col": kind}, Samples({"col": values}, np.asarray(y)), other)


@pytest.mark.parametrize(
    ("values", "y"),
    [
        (WORDS[CLASSES], CLASSES),  # another spelling of the label
        (WORDS[CLASSES // 2], CLASSES // 2),
        (np.arange(ROWS), CLASSES),  # a row number of a table that is sorted by class
        (CLASSES * 10.0, CLASSES),
        (2 * NUMBERS + 1, NUMBERS.astype(np.float32)),  # the label in another unit
    ],
)
def test_a_column_that_alone_tells_the_label(values: Any, y: Any) -> None:
    [problem] = found(values, y)
    assert (problem.code, problem.column) == ("leakage", "col")
    assert "exclude: [col]" in problem.text


@pytest.mark.parametrize(
    ("values", "y"),
    [
        (NUMBERS, CLASSES),
        (1000 * NUMBERS - 999, CLASSES),
        (np.append(NUMBERS[1:], -999), CLASSES),  # once only
        (NUMBERS + CLASSES, CLASSES),  # tells much, but not all
        (WORDS[CLASSES // 2], CLASSES),
        (NUMBERS + 0.3 * RNG.normal(size=ROWS), NUMBERS),
        (np.where(np.arange(ROWS) % 7, NUMBERS, np.nan), CLASSES),
    ],
)
def test_columns_of_which_there_is_nothing_to_say(values: Any, y: Any) -> None:
    assert found(values, y) == []


@pytest.mark.parametrize(
    ("values", "kind", "code"),
    [
        (np.full(ROWS, 3.0), NUMERIC, "constant"),
        (np.full(ROWS, "x"), CATEGORICAL, "constant"),
        (np.full(ROWS, np.nan), NUMERIC, "constant"),
        ([f"name {i % 300}" for i in range(ROWS)], CATEGORICAL, "near-unique"),
    ],
)
def test_columns_that_do_not_help(values: Any, kind: ColumnKind, code: str) -> None:
    [problem] = found(values, RNG.permutation(CLASSES), kind)
    assert problem.code == code
    assert "exclude: [col]" in problem.text


def test_a_row_number(monkeypatch: pytest.MonkeyPatch) -> None:
    y = RNG.permutation(CLASSES)
    assert [each.code for each in found(np.arange(ROWS), y)] == ["near-unique"]
    monkeypatch.setattr(findings, "SAMPLE", 100)
    assert [each.code for each in found(np.arange(ROWS) + 7000, y)] == ["near-unique"]


@pytest.mark.parametrize("values", [[f"name {i}" for i in range(ROWS)], np.full(ROWS, "a text of many words")])
def test_texts_may_all_differ(values: Any) -> None:
    assert [each.code for each in found(values, CLASSES, TEXT)] in ([], ["constant"])


def test_rows_in_two_splits() -> None:
    y = np.arange(50) % 2
    train = Samples({"a": np.arange(50.0) ** 2 % 17, "b": np.array([f"{i}" for i in range(50)], object)}, y)
    columns = {"a": NUMERIC, "b": TEXT}
    assert find_problems(columns, train, train.take(np.arange(0))) == []
    [problem] = find_problems(columns, train, train.take(np.arange(3)))
    assert (problem.code, problem.column) == ("duplicates", None)
    assert problem.text.startswith("3 rows of 3 to validate on are also among the rows to train on")
    flipped = Samples(train.x, 1 - y)
    assert find_problems(columns, train, flipped.take(np.arange(3))) == []


def test_drift() -> None:
    same, apart = RNG.normal(size=ROWS), RNG.normal(1.5, size=ROWS)
    y = RNG.permutation(CLASSES)
    assert found(NUMBERS, y, other=Samples({"col": same}, y)) == []
    [problem] = found(NUMBERS, y, other=Samples({"col": apart}, y))
    assert (problem.code, problem.column) == ("drift", "col")
    words, others = WORDS[RNG.integers(0, 2, ROWS)], WORDS[RNG.integers(0, 4, ROWS)]
    assert [each.code for each in found(words, y, other=Samples({"col": others}, RNG.permutation(y)))][:1] == ["drift"]


def test_rows_to_test_on_that_were_trained_on() -> None:
    train = Samples({"a": np.arange(40.0)}, np.arange(40) % 2)
    found = find_problems({"a": ColumnKind.NUMERIC}, train, None, train.take(np.arange(3)))
    assert "3 rows of 3 to test on are also among the rows to train on" in found[-1].text


@pytest.mark.parametrize(
    ("column", "line"),
    [("alive", "exclude: [alive]"), ("größe_2", "exclude: [größe_2]"), ("Unnamed: 0", 'exclude: ["Unnamed: 0"]')],
)
def test_the_line_that_leaves_a_column_out_is_yaml(column: str, line: str) -> None:
    assert leave_out(column) == line
    assert yaml.safe_load(line) == {"exclude": [column]}


@pytest.mark.parametrize("number", [-999, 9999])
def test_numbers_that_may_mean_missing_values(number: int) -> None:
    [problem] = found(np.where(np.arange(ROWS) % 9, NUMBERS, number))
    assert (problem.code, f'missing: ["{number}"]' in problem.text) == ("missing", True)
