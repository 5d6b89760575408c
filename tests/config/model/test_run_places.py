"""`Saved: {run: latest}`: the run is replaced by its place, and nothing else is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from trainctl.config.model.run_places import named_runs, with_places
from trainctl.config.text.nodes import Node

Tree = Callable[[str], Node]

TEXT = "model: {layers: [{Saved: {run: latest, until: pool}}, {Dense: {units: 3}}, {Saved: {path: a.keras}}]}"


def test_the_runs_that_are_named(tree: Tree) -> None:
    assert [node.value for node in named_runs(tree(TEXT))] == ["latest"]


def test_a_run_becomes_the_path_of_its_model(tree: Tree) -> None:
    found = with_places(tree(TEXT), {"latest": "/runs/a/1", "other": "/runs/b/2"})
    assert found.plain()["model"]["layers"] == [
        {"Saved": {"until": "pool", "path": "/runs/a/1"}},
        {"Dense": {"units": 3}},
        {"Saved": {"path": "a.keras"}},
    ]


def test_a_run_without_a_place_stays(tree: Tree) -> None:
    assert with_places(tree(TEXT), {}).plain() == tree(TEXT).plain()


def test_a_secret_is_never_read_as_a_run(tree: Tree) -> None:
    node = tree("{Saved: {run: x}}")
    secret = replace(node.value["Saved"].value["run"], secret=True)
    hidden = node.with_entry("Saved", node.value["Saved"].with_entry("run", secret))
    assert not list(named_runs(hidden))
