"""`Saved: {run: latest}`: words whose meaning changes with every run, replaced by the place of the run that they mean now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from trainctl.config.text.nodes import Node


def named_runs(tree: Node) -> Iterator[Node]:
    """Yield what is written under `run` of each `Saved` of the experiment; secrets stay what they are, words."""
    for node in tree.walk():
        run = _run_of(node)
        if run is not None:
            yield run


def with_places(tree: Node, places: Mapping[str, str]) -> Node:
    """Return the experiment with each `run` that is in `places` replaced by the `path` there."""
    if tree.is_list:
        return replace(tree, value=[with_places(item, places) for item in tree.value])
    if not tree.is_mapping:
        return tree
    found = replace(tree, value={key: with_places(child, places) for key, child in tree.value.items()})
    run = _run_of(tree)
    if run is None or run.value not in places:
        return found
    saved = found.value["Saved"]
    path = replace(run, value=places[run.value], raw=None)
    return found.with_entry("Saved", saved.without("run").with_entry("path", path, saved.key_location("run")))


def _run_of(node: Node) -> Node | None:
    saved = node.value.get("Saved") if node.is_mapping else None
    run: Node | None = saved.value.get("run") if saved is not None and saved.is_mapping else None
    return run if run is not None and isinstance(run.value, str) and not run.secret else None
