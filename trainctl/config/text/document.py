"""Text → tree: YAML with a place for every value, and every syntax problem as a diagnostic.

Built on PyYAML's event stream rather than its constructors: marks survive, tags never run anything, and depth and size
are bounded before memory is.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import yaml

from trainctl import limits
from trainctl.config.text.nodes import Node
from trainctl.config.text.scalars import parse_scalar
from trainctl.config.text.syntax import character_problem, syntax_problem
from trainctl.diagnostics import Diagnostic, Location, Problems, Related, Source
from trainctl.errors import ConfigError
from trainctl.text import plural, printable

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def parse(source: Source) -> Node:
    """Return the tree of `source`.

    Raises:
        ConfigError: The text is not YAML, is empty, holds tags, duplicate keys, or is too deep or too large.
    """
    try:
        builder = _build_tree(source)
    except yaml.MarkedYAMLError as error:
        raise ConfigError(diagnostics=[syntax_problem(source, error)]) from error
    except yaml.reader.ReaderError as error:
        raise ConfigError(diagnostics=[character_problem(source, error)]) from error
    if builder.problems:
        raise ConfigError(diagnostics=list(builder.problems))
    if builder.root is None or builder.root.value is None:
        empty = Diagnostic("empty-file", "the file is empty", Location(source, 1, 1), hint=_EMPTY_HINT)
        raise ConfigError(diagnostics=[empty])
    return builder.root


def _build_tree(source: Source, loader: Any = _LOADER) -> _Builder:
    builder = _Builder(source)
    try:
        for event in yaml.parse(source.text, Loader=loader):
            builder.feed(event)
    except yaml.MarkedYAMLError as error:
        if "nesting depth" not in str(error.problem):
            raise
        return _build_tree(source, yaml.SafeLoader)  # libyaml looks far ahead, past the place that we would name
    return builder


_EMPTY_HINT = "an experiment needs at least the sections data, model, compile and fit; see configs/mnist.yaml"


@dataclass
class _Frame:
    """A mapping or list being read."""

    location: Location
    is_mapping: bool
    anchor: str | None
    items: list[Node] = field(default_factory=list)
    entries: dict[str, Node] = field(default_factory=dict)
    keys: dict[str, Location] = field(default_factory=dict)
    merges: list[Node] = field(default_factory=list)
    key: str | None = None
    awaits_value: bool = False
    size: int = 1
    depth: int = 1


@dataclass(frozen=True, slots=True)
class _Expanded:
    """A node with how many values it holds and how deep they are nested, aliases expanded."""

    node: Node
    size: int = 1
    depth: int = 0


class _Builder:
    """Builds the tree from YAML events with a stack of its own, so that depth cannot overflow Python's."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.root: Node | None = None
        self.problems = Problems()
        self._stack: list[_Frame] = []
        self._anchors: dict[str, _Expanded] = {}
        self._documents = 0

    def feed(self, event: Any) -> None:
        take = _TAKERS.get(type(event))
        if take is not None:
            take(self, event)

    def start_document(self, event: Any) -> None:
        self._documents += 1
        if self._documents == 2:
            self._refuse(
                "several-documents",
                "a second YAML document starts here; a file holds one experiment",
                event,
                hint="remove the '---', or move the second experiment to its own file",
            )

    def open(self, event: Any) -> None:
        if event.tag is not None:
            self._refuse_tag(event)
        if len(self._stack) >= limits.DEPTH:
            self._refuse_depth(event)
        self._stack.append(_Frame(self._locate(event), isinstance(event, yaml.MappingStartEvent), event.anchor))

    def close(self, _event: Any) -> None:
        frame = self._stack.pop()
        if frame.is_mapping:
            node = Node(
                {**_merge_entries(frame.merges), **frame.entries},
                frame.location,
                {**_merge_keys(frame.merges), **frame.keys},
            )
        else:
            node = Node(frame.items, frame.location)
        self._add(_Expanded(node, frame.size, frame.depth), frame.anchor)

    def add_scalar(self, event: Any) -> None:
        if event.tag is not None:
            self._refuse_tag(event)
        if len(event.value) > limits.TEXT:
            self._refuse_length(event)
        frame = self._stack[-1] if self._stack else None
        if frame is not None and frame.is_mapping and not frame.awaits_value:
            self._add_key(frame, event)
            return
        value = parse_scalar(event.value) if event.implicit[0] else event.value
        self._add(_Expanded(Node(value, self._locate(event)), limits.weight(event.value)), event.anchor)

    def _add_key(self, frame: _Frame, event: Any) -> None:
        key, location = event.value, self._locate(event)
        if key in frame.keys and key != "<<":
            self.problems.describe(location, _duplicate_key, key, location, frame.keys[key])
        frame.key, frame.awaits_value = key, True
        frame.keys.setdefault(key, location)

    def add_alias(self, event: Any) -> None:
        known = self._anchors.get(event.anchor)
        if known is None:
            self._report(
                "unknown-alias",
                f"unknown alias '*{event.anchor}': there is no anchor '&{event.anchor}' above it",
                event,
                hint=f"add the anchor &{event.anchor} to a value above, or quote the text: '*{event.anchor}'",
            )
            known = _Expanded(Node(None, self._locate(event)))
        self._add(known, None, event)

    def _add(self, expanded: _Expanded, anchor: str | None, event: Any = None) -> None:
        node = expanded.node
        if anchor is not None:
            self._anchors[anchor] = expanded
        if not self._stack:
            self.root = self.root or node
            return
        frame = self._stack[-1]
        frame.size += expanded.size
        frame.depth = max(frame.depth, expanded.depth + 1)
        if frame.size > limits.VALUES:
            message = f"the file holds more than {plural(limits.VALUES, 'value')}, aliases expanded"
            self._refuse("too-large", message, event or node)
        if len(self._stack) + expanded.depth > limits.DEPTH:
            self._refuse_depth(event or node)
        if not frame.is_mapping:
            frame.items.append(node)
        elif not frame.awaits_value:
            self._report(
                "key-not-text",
                "a key must be text, got a list or a mapping",
                node,
                hint='quote the whole value: key: "{epoch}"',
            )
            frame.key, frame.awaits_value = "", True
        else:
            self._add_entry(frame, node)

    def _add_entry(self, frame: _Frame, node: Node) -> None:
        key = frame.key or ""
        frame.key, frame.awaits_value = None, False
        if key != "<<":
            frame.entries.setdefault(key, node)
            return
        del frame.keys["<<"]
        merges = node.value if node.is_list else [node]
        if not all(merge.is_mapping for merge in merges):
            self._report("bad-merge", "'<<' must be followed by a mapping, an alias of one, or a list of them", node)
        frame.merges += [merge for merge in merges if merge.is_mapping]

    def _refuse_tag(self, event: Any) -> None:
        tag = printable(re.sub(r"^tag:yaml\.org,2002:", "!!", event.tag))
        self._report("tag", f"the tag {tag} is not allowed: a config holds data only", event, hint=f"remove '{tag}'")

    def _refuse_length(self, event: Any) -> None:
        message = f"this text has {len(event.value):,} characters; the limit is {limits.TEXT:,}"
        self._refuse("too-large", message, event)

    def _refuse_depth(self, at: Any) -> None:
        self._refuse("too-deep", f"values are nested more than {limits.DEPTH} levels deep", at)

    def _refuse(self, code: str, message: str, at: Any, hint: str | None = None) -> None:
        self._report(code, message, at, hint)
        raise ConfigError(diagnostics=list(self.problems))

    def _report(self, code: str, message: str, at: Any, hint: str | None = None) -> None:
        location = at.location if isinstance(at, Node) else self._locate(at)
        self.problems.add(Diagnostic(code, message, location, hint=hint))

    def _locate(self, event: Any) -> Location:
        start, end = event.start_mark, event.end_mark
        line, column = start.line, start.column
        if isinstance(event, yaml.CollectionStartEvent):
            length = 1
        elif end.line == line:
            length = end.column - column or 1
        else:
            length = max(1, len(self.source.line(line + 1).rstrip()) - column)
        return Location(self.source, line + 1, column + 1, length)


_TAKERS: dict[type, Callable[[_Builder, Any], None]] = {
    yaml.DocumentStartEvent: _Builder.start_document,
    yaml.AliasEvent: _Builder.add_alias,
    yaml.ScalarEvent: _Builder.add_scalar,
    yaml.MappingStartEvent: _Builder.open,
    yaml.SequenceStartEvent: _Builder.open,
    yaml.MappingEndEvent: _Builder.close,
    yaml.SequenceEndEvent: _Builder.close,
}


def _duplicate_key(key: str, location: Location, first: Location) -> Diagnostic:
    return Diagnostic(
        "duplicate-key",
        f"duplicate key '{printable(key)}'",
        location,
        received=key,
        hint="remove one of the two",
        related=(Related("first defined here", first),),
    )


def _merge_entries(merges: list[Node]) -> dict[str, Node]:
    return {key: node for merge in reversed(merges) for key, node in merge.value.items()}


def _merge_keys(merges: list[Node]) -> dict[str, Location]:
    return {key: mark for merge in reversed(merges) for key, mark in merge.keys.items()}


def shifted(node: Node, source: Source, by: int) -> Node:
    """Return the tree of a `--set` value with its columns moved right by `by`, to point into the whole argument."""

    def move(location: Location) -> Location:
        by_here = by if location.line == 1 else 0
        return Location(source, location.line, location.column + by_here, location.length)

    value = node.value
    if node.is_mapping:
        value = {key: shifted(child, source, by) for key, child in node.value.items()}
    elif node.is_list:
        value = [shifted(child, source, by) for child in node.value]
    return replace(
        node, value=value, location=move(node.location), keys={k: move(mark) for k, mark in node.keys.items()}
    )
