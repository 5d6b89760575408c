"""Places of checked settings, and diagnostics at them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from trainctl.components.spec import Spec
from trainctl.config.compose.paths import PathError, find, join
from trainctl.config.text.nodes import Node
from trainctl.diagnostics import Diagnostic, Location, Severity


def place_of(tree: Node, spec: Spec, field: str) -> tuple[Location | None, str]:
    """Return the place and path of `field`, or of an item of it; those of its component if the field keeps its default."""
    path = join(spec.setting, field)
    try:
        return find(tree, path.split(".")).location, path
    except PathError:
        above = field.rpartition(".")[0]
        return place_of(tree, spec, above) if above else (spec.written_at, spec.setting)


def location_at(tree: Node, path: str) -> Location:
    """Return the place of the setting `path`, or of the nearest section above it."""
    steps = path.split(".")
    while steps:
        try:
            return find(tree, steps).location
        except PathError:
            steps.pop()
    return tree.location


def error(code: str, message: str, place: tuple[Location | None, str], **more: Any) -> Diagnostic:
    """Return an error at `place`."""
    return Diagnostic(code, message, place[0], place[1], **more)


def warning(code: str, message: str, place: tuple[Location | None, str], **more: Any) -> Diagnostic:
    """Return a warning at `place`."""
    return Diagnostic(code, message, place[0], place[1], severity=Severity.WARNING, **more)


def listed(keys: Sequence[str]) -> str:
    """Return the keys as text for a message."""
    return ", ".join(keys)
