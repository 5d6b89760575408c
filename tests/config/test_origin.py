"""Where a value came from explains what is wrong with it: what it replaced, where it is written, who extends the file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from trainctl.config.origin import with_extensions, with_history
from trainctl.config.text.nodes import Node
from trainctl.diagnostics import Diagnostic, Location, Source


def test_the_values_that_were_replaced_are_related_newest_first(tree: Callable[[str], Node]) -> None:
    first, second = tree("1"), tree(" 2")
    node = tree("  3").replacing(second.replacing(first))
    (found,) = with_history([Diagnostic("c", "m", node.location)], Node({"a": node}, node.location))
    assert [each.location for each in found.related] == [second.location, first.location]


def test_an_interpolated_value_says_where_it_is_written(tree: Callable[[str], Node]) -> None:
    written = tree("   5")
    node = replace(tree("5"), origin=written.location)
    (found,) = with_history([Diagnostic("c", "m", node.location)], Node({"a": node}, written.location))
    assert [each.location for each in found.related] == [written.location]


def test_a_diagnostic_about_nothing_that_was_replaced_stays_as_it_is(tree: Callable[[str], Node]) -> None:
    problem = Diagnostic("c", "m", tree("a: 1").location)
    assert with_history([problem, Diagnostic("d", "n")], tree("a: 1")) == [problem, Diagnostic("d", "n")]


def test_every_file_that_extends_the_file_is_named() -> None:
    top = Source("top.yaml", "extends: middle.yaml", Path())
    middle = Source("middle.yaml", "extends: base.yaml", Path(), extended_from=Location(top, 1, 10))
    base = Source("base.yaml", "fit: {epochs: 0}", Path(), extended_from=Location(middle, 1, 10))
    (found,) = with_extensions([Diagnostic("c", "m", Location(base, 1, 15))])
    assert [str(each.location) for each in found.related] == ["middle.yaml:1:10", "top.yaml:1:10"]
