"""Where a checked setting is written, and diagnostics there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from trainctl.components.spec import Spec
from trainctl.config.compose.paths import PathError, find, join
from trainctl.config.text.nodes import Node
from trainctl.diagnostics import Diagnostic, Location, Severity


def place_of(tree: Node, spec: Spec, field: str) -> tuple[Location | None, str]:
    """Where `field` of a component of ours is written (the component itself where it is left to its default), and its path."""
    path = join(spec.setting, field)
    try:
        return find(tree, path.split(".")).location, path
    except PathError:
        return spec.written_at, spec.setting


def location_at(tree: Node, path: str) -> Location:
    """Where the setting `path` is written, or the nearest section above it."""
    steps = path.split(".")
    while steps:
        try:
            return find(tree, steps).location
        except PathError:
            steps.pop()
    return tree.location


def error(code: str, message: str, place: tuple[Location | None, str], **more: Any) -> Diagnostic:
    """An error at `place`."""
    return Diagnostic(code, message, place[0], place[1], **more)


def warning(code: str, message: str, place: tuple[Location | None, str], **more: Any) -> Diagnostic:
    """A warning at `place`."""
    return Diagnostic(code, message, place[0], place[1], severity=Severity.WARNING, **more)


def listed(keys: Sequence[str]) -> str:
    """Keys for a message."""
    return ", ".join(keys)
