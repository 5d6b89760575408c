"""Where a setting is written, or what stands nearest to it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from trainctl.config.checks.places import error, location_at, place_of, warning
from trainctl.config.load import Loaded
from trainctl.config.text.nodes import Node


@pytest.mark.parametrize(
    ("path", "line"),
    [("fit.epochs", 3), ("fit.batch_size", 2), ("data.source", 1), ("callbacks.EarlyStopping", 1)],
)
def test_the_nearest_section_stands_in_for_a_setting_that_nobody_wrote(
    tree: Callable[[str], Node], path: str, line: int
) -> None:
    found = tree("name: a\nfit:\n  epochs: 5\n")
    expected = found.value["fit"].location.line if path.startswith("fit.b") else line
    assert location_at(found, path).line == expected


def test_an_argument_left_to_its_default_is_at_its_component(load_text: Callable[..., Loaded]) -> None:
    loaded = load_text()
    stopping = loaded.experiment.callbacks[0]
    location, path = place_of(loaded.resolved, stopping, "patience")
    assert location is not None
    assert path.endswith("EarlyStopping.patience")
    assert place_of(loaded.resolved, stopping, "min_delta") == (stopping.written_at, stopping.setting)


def test_an_error_and_a_warning_at_a_place(tree: Callable[[str], Node]) -> None:
    place = (tree("a: 1").location, "a")
    first, second = error("c", "m", place, hint="h"), warning("c", "m", place)
    assert (first.location, first.path, first.hint, first.is_error) == (*place, "h", True)
    assert not second.is_error
