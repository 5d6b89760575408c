"""Where every value of an experiment comes from: file and line, base, default, `--set`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from trainctl.aliases import Value
from trainctl.components.spec import CallbackSpec
from trainctl.config.compose.paths import PathError, find
from trainctl.config.experiment import Experiment
from trainctl.config.fill import filled
from trainctl.config.load import Loaded
from trainctl.config.model.log_keys import direction
from trainctl.config.render import on_one_line, written
from trainctl.config.text.nodes import Late, Node
from trainctl.diagnostics import Diagnostic
from trainctl.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Origin:
    """One value that a setting has or had.

    Args:
        value: The value, secrets as they were written.
        place: `configs/mnist.yaml:41:11`, `--set #1:1:12`, or `default`.
        through: The files that extend the one it is in, nearest first.
        written: What is there, where an interpolation made the value of it.
    """

    value: Value
    place: str
    through: tuple[str, ...] = ()
    written: str | None = None

    def __str__(self) -> str:
        through = "".join(f", extended from {place}" for place in self.through)
        return f"{self.place}{f', from {self.written}' if self.written else ''}{through}"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an explained experiment: its text, and the origins of its value, newest first."""

    text: str
    origins: tuple[Origin, ...] = ()


def explain(loaded: Loaded, path: str = "") -> tuple[Any, tuple[Origin, ...], list[Line]]:
    """Return the value at `path` (the whole experiment if empty), its origin, and its lines with their origins.

    Raises:
        ConfigError: The path leads nowhere.
    """
    tree = filled(loaded.resolved, loaded.name)
    try:
        node = find(tree, path.split(".")) if path else tree
    except PathError as error:
        raise ConfigError(diagnostics=[Diagnostic("path", str(error), None, path, hint=error.hint)]) from None
    return written(node), origins(node), list(_explain_lines(node))


def explain_recorded(resolved: Node, composed: Node | None) -> list[Line]:
    """Return the lines of a recorded experiment with their origins; without these where no one knows how it was written.

    Args:
        resolved: The experiment with everything filled in, as it was recorded.
        composed: The same as it was written, before interpolation.
    """
    if composed is None:
        return [Line(line.text) for line in _explain_lines(_with_places(resolved, None))]
    return list(_explain_lines(_with_places(resolved, composed)))


def _as_recorded(node: Node) -> Node:
    """Return a text that the record leaves open as what it is, so that it is shown as it was written."""
    is_open = isinstance(node.value, str) and "${" in node.value
    return replace(node, value=Late(node.value), raw=node.value) if is_open else node


def _with_places(node: Node, written: Node | None) -> Node:
    """Return a resolved value with the places where it was written; what was not written is a default."""
    if node.is_mapping:
        entries = {key: _with_places(child, _find_written(written, key, child)) for key, child in node.value.items()}
        return replace(node, value=entries)
    if node.is_list:
        items = [_with_places(child, _find_written(written, place, child)) for place, child in enumerate(node.value)]
        return replace(node, value=items)
    node = _as_recorded(node)
    if written is None or written.is_mapping or written.is_list:
        return replace(node, default=True)
    if node.is_late:
        return replace(node, location=written.location, earlier=written.earlier)
    raw = written.value if isinstance(written.value, str) and "${" in written.value else None
    return replace(node, location=written.location, raw=raw, earlier=written.earlier)


def _find_written(written: Node | None, step: str | int, part: Node) -> Node | None:
    """Return what was written for a part of a value: all of an interpolation, or of what is short for a section."""
    if written is None:
        return None
    if isinstance(step, str) and written.is_mapping:
        found: Node | None = written.value.get(step)
        return found
    if isinstance(step, int) and written.is_list:
        return written.value[step] if step < len(written.value) else None
    is_interpolated = isinstance(written.value, str) and "${" in written.value
    return written if is_interpolated or written.value == part.value else None


@dataclass(frozen=True, slots=True)
class Called:
    """A callback in the order of calls: its name, the hooks at which it acts, and what it watches."""

    name: str
    hooks: tuple[str, ...]
    watches: str = ""


@dataclass(frozen=True, slots=True)
class CallOrder:
    """The callbacks of one `fit`, as they will be called; the stage's name, "" without stages."""

    stage: str
    callbacks: tuple[Called, ...]


def call_orders(loaded: Loaded, path: str) -> list[CallOrder]:
    """Return how the callbacks at `path` will be called, trainctl's own included.

    Args:
        loaded: The experiment.
        path: `callbacks`, which in an experiment with stages are each stage's, or those of a stage. Other paths have none.
    """
    experiment = loaded.experiment
    if not experiment.stages:
        return [CallOrder("", _called(experiment))] if path == "callbacks" else []
    return [
        CallOrder(stage.name or str(number + 1), _called(experiment.at_stage(number)))
        for number, stage in enumerate(experiment.stages)
        if path in {"callbacks", f"{stage.setting}.callbacks", f"stages.{number}.callbacks"}
    ]


def _called(experiment: Experiment) -> tuple[Called, ...]:
    own_first = Called("History (trainctl)", ("on_train_begin", "on_epoch_end"))
    own_last = Called("Report (trainctl)", ("on_epoch_begin", "on_epoch_end"))
    theirs = [
        Called(each.name_in_yaml, each.hooks, _describe_monitor(experiment, each)) for each in experiment.callbacks
    ]
    return (own_first, *theirs, own_last)


def _describe_monitor(experiment: Experiment, callback: CallbackSpec) -> str:
    """`val_loss, lower is better`."""
    for _, key in callback.monitored():
        mode = getattr(callback, "mode", "auto")
        better = direction(experiment, key) if mode == "auto" else mode
        return f"{key}, {'higher' if better == 'max' else 'lower'} is better"
    return ""


def origins(node: Node) -> tuple[Origin, ...]:
    """Return the value's origin, and those of the values it replaced."""
    return tuple(_find_origin(each) for each in (node, *node.earlier))


def _find_origin(node: Node) -> Origin:
    through: list[str] = []
    extended = None if node.default else node.location.source.extended_from
    while extended is not None:
        through.append(str(extended))
        extended = extended.source.extended_from
    raw = node.raw if node.raw is not None and node.raw != node.value else None
    return Origin(written(node), "default" if node.default else str(node.location), tuple(through), raw)


def _explain_lines(node: Node, indent: str = "", bullet: str = "") -> Iterator[Line]:
    """Yield the node as block YAML, one scalar a line."""
    if node.is_mapping and node.value:
        for key, child in node.value.items():
            yield from _explain_entry(child, f"{indent}{bullet}{on_one_line(key)}:", indent + " " * len(bullet))
            bullet = " " * len(bullet)
            indent, bullet = indent + bullet, ""
    elif node.is_list and node.value:
        for item in node.value:
            yield from _explain_lines(item, indent + " " * len(bullet), "- ")
    else:
        yield Line(f"{indent}{bullet}{scalar(node)}", origins(node))


def _explain_entry(child: Node, head: str, indent: str) -> Iterator[Line]:
    if (child.is_mapping or child.is_list) and child.value:
        yield Line(head)
        yield from _explain_lines(child, f"{indent}  ")
    else:
        yield Line(f"{head} {scalar(child)}", origins(child))


def scalar(node: Node) -> str:
    """Return a scalar as YAML on one line."""
    return on_one_line(written(node))
