"""Text → tree: YAML with a place for every value, and every syntax problem as a diagnostic.

Built on PyYAML's event stream rather than its constructors: marks survive, tags never run anything, and depth and size
are bounded before memory is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Any

import yaml

from trainctl.config.text.nodes import Node
from trainctl.config.text.scalars import parse_scalar
from trainctl.config.text.syntax import character_problem, syntax_problem
from trainctl.diagnostics import Diagnostic, Location, Related, Source
from trainctl.errors import ConfigError
from trainctl.text import plural

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
MAX_DEPTH = 100
MAX_NODES = 100_000  # after aliases are expanded: far above any experiment, far below what hurts


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
        raise ConfigError(diagnostics=builder.problems)
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


class _Builder:
    """Builds the tree from YAML events with a stack of its own, so that depth cannot overflow Python's."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.root: Node | None = None
        self.problems: list[Diagnostic] = []
        self._stack: list[_Frame] = []
        self._anchors: dict[str, tuple[Node, int]] = {}
        self._documents = 0

    def feed(self, event: Any) -> None:
        if isinstance(event, yaml.DocumentStartEvent):
            self._start_document(event)
        elif isinstance(event, yaml.AliasEvent):
            self._add_alias(event)
        elif isinstance(event, yaml.ScalarEvent):
            self._add_scalar(event)
        elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            self._open(event)
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            self._close()

    def _start_document(self, event: Any) -> None:
        self._documents += 1
        if self._documents == 2:
            self._report(
                "several-documents",
                "a second YAML document starts here; a file holds one experiment",
                event,
                hint="remove the '---', or move the second experiment to its own file",
            )

    def _open(self, event: Any) -> None:
        self._refuse_tag(event)
        if len(self._stack) >= MAX_DEPTH:
            self._report("too-deep", f"values are nested more than {MAX_DEPTH} levels deep", event)
            raise ConfigError(diagnostics=self.problems)
        self._stack.append(_Frame(self._locate(event), isinstance(event, yaml.MappingStartEvent), event.anchor))

    def _close(self) -> None:
        frame = self._stack.pop()
        if frame.is_mapping:
            node = Node(
                {**_merge_entries(frame.merges), **frame.entries},
                frame.location,
                {**_merge_keys(frame.merges), **frame.keys},
            )
        else:
            node = Node(frame.items, frame.location)
        self._add(node, frame.anchor, frame.size)

    def _add_scalar(self, event: Any) -> None:
        self._refuse_tag(event)
        frame = self._stack[-1] if self._stack else None
        if frame is not None and frame.is_mapping and not frame.awaits_value:
            self._add_key(frame, event)
            return
        value = parse_scalar(event.value) if event.implicit[0] else event.value
        self._add(Node(value, self._locate(event)), event.anchor, 1)

    def _add_key(self, frame: _Frame, event: Any) -> None:
        key, location = event.value, self._locate(event)
        if key in frame.keys and key != "<<":
            self.problems.append(
                Diagnostic(
                    "duplicate-key",
                    f"duplicate key '{key}'",
                    location,
                    received=key,
                    hint="remove one of the two",
                    related=(Related("first defined here", frame.keys[key]),),
                )
            )
        frame.key, frame.awaits_value = key, True
        frame.keys.setdefault(key, location)

    def _add_alias(self, event: Any) -> None:
        known = self._anchors.get(event.anchor)
        if known is None:
            self._report(
                "unknown-alias",
                f"unknown alias '*{event.anchor}': there is no anchor '&{event.anchor}' above it",
                event,
                hint=f"add the anchor &{event.anchor} to a value above, or quote the text: '*{event.anchor}'",
            )
            known = (Node(None, self._locate(event)), 1)
        node, size = known
        self._add(node, None, size, event)

    def _add(self, node: Node, anchor: str | None, size: int, event: Any = None) -> None:
        if anchor is not None:
            self._anchors[anchor] = (node, size)
        if not self._stack:
            self.root = self.root or node
            return
        frame = self._stack[-1]
        frame.size += size
        if frame.size > MAX_NODES:
            self._report("too-large", f"aliases expand to more than {plural(MAX_NODES, 'value')}", event or node)
            raise ConfigError(diagnostics=self.problems)
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
        if event.tag is not None:
            tag = re.sub(r"^tag:yaml\.org,2002:", "!!", event.tag)
            self._report(
                "tag", f"the tag {tag} is not allowed: a config holds data only", event, hint=f"remove '{tag}'"
            )

    def _report(self, code: str, message: str, at: Any, hint: str | None = None) -> None:
        location = at.location if isinstance(at, Node) else self._locate(at)
        self.problems.append(Diagnostic(code, message, location, hint=hint))

    def _locate(self, event: Any) -> Location:
        start, end = event.start_mark, event.end_mark
        length = (
            end.column - start.column
            if end.line == start.line
            else len(self.source.line(start.line + 1).rstrip()) - start.column
        )
        if isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            length = 1
        return Location(self.source, start.line + 1, start.column + 1, max(1, length))


def _merge_entries(merges: list[Node]) -> dict[str, Node]:
    return {key: node for merge in reversed(merges) for key, node in merge.value.items()}


def _merge_keys(merges: list[Node]) -> dict[str, Location]:
    return {key: mark for merge in reversed(merges) for key, mark in merge.keys.items()}


def shifted(node: Node, source: Source, by: int) -> Node:
    """Return the tree of a `--set` value with its columns moved right by `by`, to point into the whole argument."""

    def move(location: Location) -> Location:
        return Location(source, 1, location.column + by, location.length) if location.line == 1 else location

    value = node.value
    if node.is_mapping:
        value = {key: shifted(child, source, by) for key, child in node.value.items()}
    elif node.is_list:
        value = [shifted(child, source, by) for child in node.value]
    return replace(
        node, value=value, location=move(node.location), keys={k: move(mark) for k, mark in node.keys.items()}
    )
