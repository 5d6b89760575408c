"""Text that looks like numbers or dates to a person, and the setting that reads it so."""

from __future__ import annotations

import pyarrow as pa
import pytest

from trainctl.sources.reading.lookalikes import lookalike


@pytest.mark.parametrize(
    ("cells", "setting"),
    [
        (["1,234", "12,345.6", "7"], 'thousands: ","'),
        (["1,5", "2,25", "3"], 'decimal: ","'),
        (["1.234,5", "12.345,67"], 'decimal: "," and thousands: "."'),
        (["31/12/2025", "01.02.2026"], "2026-01-31"),
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
