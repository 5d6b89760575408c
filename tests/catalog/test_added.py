"""What the person's own modules add is known beside what Keras offers."""

from __future__ import annotations

from pathlib import Path

from trainctl.catalog import Entry, find, names
from trainctl.catalog.added import add, added, added_names


def entry(kind: str, name: str) -> Entry:
    return Entry(kind, name, "mine", "", "", (), Path("mine.py"), 1, target=object)


def test_an_addition_is_known_under_its_kind_alone() -> None:
    mine = entry("layer", "MyLayer")
    add(mine)
    assert added("layer", "MyLayer") is mine
    assert added("loss", "MyLayer") is None
    assert "MyLayer" in added_names("layer")
    assert "MyLayer" not in added_names("loss")


def test_it_is_found_like_one_of_keras() -> None:
    add(entry("metric", "MyMetric"))
    assert "MyMetric" in names("metric")
    found = find("metric", "MyMetric")
    assert found is not None
    assert found.target is object


def test_a_second_one_of_the_same_name_takes_its_place() -> None:
    first, second = entry("layer", "Twice"), entry("layer", "Twice")
    add(first)
    add(second)
    assert added("layer", "Twice") is second
    assert added_names("layer").count("Twice") == 1
