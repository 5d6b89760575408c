"""Text that looks like numbers or dates to a person, and the setting that reads it so."""

from __future__ import annotations

import pyarrow as pa
import pytest

from trainctl.components.dataset import ColumnKind
from trainctl.sources.reading.lookalikes import amounts_taken, case_variants, lookalike, missing_words


@pytest.mark.parametrize(
    ("cells", "setting"),
    [
        (["1,234", "12,345.6", "7"], 'thousands: ","'),
        (["1,5", "2,25", "3"], 'decimal: ","'),
        (["1.234,5", "12.345,67"], 'decimal: "," and thousands: "."'),
        (["31/12/2025", "01.02.2026"], "dates: day_first"),
        (["12/31/25 1:05 PM", "01/02/26"], "dates: month_first"),
        (["01/02/2026"], "dates: day_first or dates: month_first"),
        (["31/12/2025", "12/31/2025"], "2026-01-31"),
        (["5-Jan-20"], "dates: day_first"),
        (["1,5", None, "2,5", "n.a."], 'decimal: ","'),
    ],
)
def test_what_it_looks_like_and_how_to_read_it(cells: list[str | None], setting: str) -> None:
    found = lookalike(pa.array(cells), can_be_told=True)
    assert found is not None
    assert setting in found[1]


@pytest.mark.parametrize("cells", [["red", "1,5", "blue"], [], [None, None], ["Paris, France"]])
def test_what_is_words_is_words(cells: list[str | None]) -> None:
    assert lookalike(pa.array(cells, pa.string()), can_be_told=True) is None


def test_a_source_without_such_settings_has_another_way() -> None:
    found = lookalike(pa.array(["1,5", "2,5"]), can_be_told=False)
    assert found is not None
    assert "decimal" not in found[1]


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        (["1 234", "12 345 678"], "a blank between thousands"),
        (["1\u00a0234", "12\u202f345"], "a blank between thousands"),
        (["2024-01", "2024-12"], "months"),
        (["10 mg", "1,250 mg"], "numbers with a unit"),
        (["1 banana", "2 banana", "3 banana"], "the unit 'banana'"),
        (["10-20", "20-30", "10-20", "20+", "20+", "10-20"], "ranges"),
        (["$5", "€7"], "amounts of money"),
        (["3k", "1.5M"], "a multiple"),
        (["[1, 2]"], "lists"),
        (["'5'"], "single quotes"),
    ],
)
def test_numbers_with_blanks_and_months(cells: list[str], words: str) -> None:
    found = lookalike(pa.array(cells), can_be_told=True)
    assert found is not None
    assert words in found[0]


def test_texts_that_may_mean_missing_values() -> None:
    assert missing_words(pa.array(["red", "?", None])) == (
        "holds '?', which counts as a category; if it means a missing value, write missing: [\"?\"] beside path:"
    )
    assert 'missing: ["?", "none"]' in str(missing_words(pa.array(["1", "2", "none", "?", "?"])))
    assert missing_words(pa.array(["red", "none"])) is None


def test_categories_that_differ_only_in_case() -> None:
    assert (
        case_variants(pa.array(["Cat", "dog", "cat", None]))
        == "holds 'Cat' and 'cat', which differ only in case and count as different"
    )
    assert case_variants(pa.array(["Cat", "dog"])) is None


@pytest.mark.parametrize(
    ("name", "cells", "words"),
    [
        ("zip", ["12345"], "if they are codes"),
        ("billing_postcode", ["12345"], "if they are codes"),
        ("zipper", ["12345"], None),
        ("x", ["01234"], "leading zeros"),
        ("x", ["20240131"], "declare it date"),
        ("x", ["1.200", "950"], 'thousands: "."'),
        ("x", ["0.200", "950"], None),
        ("x", ["5%"], "percent"),
    ],
)
def test_amounts_and_codes_are_told(name: str, cells: list[str], words: str | None) -> None:
    said = amounts_taken(pa.array(cells), name, ColumnKind.NUMERIC, is_label=False)
    assert said is None if words is None else words in (said or "")
