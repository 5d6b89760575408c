"""A large file of numbers is read as its text would be, only sooner; whatever is not plainly a number is left as text."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from trainctl.components.context import DataContext
from trainctl.components.dataset import Dataset
from trainctl.errors import DataError
from trainctl.events import Event, Notice
from trainctl.sources.csv import CSV
from trainctl.sources.table import typed_texts
from trainctl.sources.table.columns import is_text

ROWS = 30_000


@pytest.fixture(autouse=True)
def _looks_at_every_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typed_texts, "_LARGE", 0)


def table(tmp_path: Path, last: str = "1.5", cell: str = "{}.25", header: str = "a") -> Path:
    """Rows of a number, a text and a label; the last row's number is `last`."""
    rows = [f"{cell.format(number)},x{number % 3},{number % 2}" for number in range(ROWS)]
    file = tmp_path / "t.csv"
    file.write_text("\n".join([f"{header},b,y", *rows, f"{last},x0,1"]) + "\n")
    return file


def loaded(
    file: Path, *, typed: bool, monkeypatch: pytest.MonkeyPatch, **settings: object
) -> tuple[Dataset, list[str]]:
    monkeypatch.setattr(typed_texts, "_LARGE", 0 if typed else 10**12)
    events: list[Event] = []
    dataset = CSV.model_validate({"path": str(file), "label": "y", **settings}).load(DataContext(events.append))
    return dataset, [each.message for each in events if isinstance(each, Notice)]


@pytest.mark.parametrize("last", ["1.5", "", "NA", " 2 ", "+3", "-1e-3", "7.", ".5", "007", "1e38"])
def test_it_reads_what_the_text_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, last: str) -> None:
    file = table(tmp_path, last)
    expected, told = loaded(file, typed=False, monkeypatch=monkeypatch)
    dataset, notices = loaded(file, typed=True, monkeypatch=monkeypatch)
    assert dataset.columns == expected.columns
    assert notices == told
    for name, values in expected.train.x.items():
        np.testing.assert_array_equal(dataset.train.x[name], values)
    np.testing.assert_array_equal(dataset.train.y, expected.train.y)


@pytest.mark.parametrize("last", ["inf", "-Infinity", "1e39", "x", "0x10", "1,2"])
def test_what_is_no_number_is_refused_as_in_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, last: str) -> None:
    file = table(tmp_path, last)
    errors = []
    for typed in (False, True):
        with pytest.raises(DataError) as found:
            loaded(file, typed=typed, monkeypatch=monkeypatch)
        errors.append((found.value.message, found.value.hint))
    assert errors[0] == errors[1]


@pytest.mark.parametrize("cell", ["0{}", "20260131"])
def test_codes_and_dates_are_reported_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cell: str) -> None:
    file = table(tmp_path, cell.format(7), cell)
    told = [loaded(file, typed=typed, monkeypatch=monkeypatch)[1] for typed in (False, True)]
    assert told[0] == told[1] != []


def test_a_declared_category_keeps_its_zeros(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset, _ = loaded(table(tmp_path), typed=True, monkeypatch=monkeypatch, features={"a": "categorical"})
    assert dataset.train.x["a"][0] == "0.25"


def test_numbers_come_as_numbers_and_labels_as_text(tmp_path: Path) -> None:
    spec = CSV(path=str(table(tmp_path)), label="y")
    whole = spec.whole([tmp_path / "t.csv"], ("a", "b", "y"), ("a", "b"))
    assert [is_text(whole.columns[name]) for name in ("a", "b", "y")] == [False, True, True]


def test_nan_is_no_number_where_it_is_no_missing_value(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DataError, match="'nan' is not a number"):
        loaded(table(tmp_path, "nan"), typed=True, monkeypatch=monkeypatch, missing=["-"])
