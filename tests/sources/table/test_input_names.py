"""Names of inputs that take the columns of a table: Keras takes no slash, and each name once."""

from __future__ import annotations

import pytest

from trainctl.sources.table.input_names import free_name, inputs_by_column


@pytest.mark.parametrize(
    ("columns", "names"),
    [
        (["age", "sex"], ["age", "sex"]),
        (["km/h"], ["km_h"]),
        (["a/b", "a_b", "a/b "], ["a_b", "a_b_", "a_b "]),
    ],
)
def test_every_column_has_a_name_of_its_own(columns: list[str], names: list[str]) -> None:
    found = inputs_by_column(columns)
    assert list(found) == columns
    assert list(found.values()) == names
    assert len(set(found.values())) == len(columns)


def test_a_name_that_is_free() -> None:
    assert free_name("a", ["b"]) == "a"
    assert free_name("a", ["a", "a_"]) == "a__"
