"""The origin of a wrong value: where it is written, what it replaced, which file extends its file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from trainctl.config.messages.phrases import shown
from trainctl.config.text.nodes import Node
from trainctl.diagnostics import Diagnostic, Location, Related


def with_history(problems: Iterable[Diagnostic], tree: Node) -> list[Diagnostic]:
    """Return the diagnostics with where an interpolated value to blame is written, and the values that it replaced."""
    nodes = {node.location: node for node in tree.walk() if node.earlier or node.origin}
    return [replace(each, related=(*each.related, *_list_history(nodes, each.location))) for each in problems]


def _list_history(nodes: Mapping[Location, Node], location: Location | None) -> Iterator[Related]:
    if location is None or location not in nodes:
        return
    node = nodes[location]
    if node.origin is not None:
        yield Related(f"{shown(node)} is written here", node.origin)
    yield from (Related(f"overrides {shown(old)}, written here", old.location) for old in node.earlier)


def with_extensions(problems: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Return the diagnostics with the places that extend the files they are about."""
    return [replace(each, related=(*each.related, *_list_extensions(each.location))) for each in problems]


def _list_extensions(location: Location | None) -> Iterator[Related]:
    while location is not None and location.source.extended_from is not None:
        location = location.source.extended_from
        yield Related("extended from here", location)
