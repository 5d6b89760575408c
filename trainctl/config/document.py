"""Text → tree: YAML with a place for every value, and every syntax problem as a diagnostic.

Built on PyYAML's event stream rather than its constructors: marks survive, tags never run anything, and depth and size
are bounded before memory is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import yaml

from trainctl.config.nodes import Node
from trainctl.config.scalars import parse_scalar
from trainctl.diagnostics import Diagnostic, Location, Related, Source
from trainctl.errors import ConfigError
from trainctl.words import plural

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
MAX_DEPTH = 100
MAX_NODES = 100_000  # after aliases are expanded: far above any experiment, far below what hurts


def parse(source: Source) -> Node:
    """The tree of `source`.

    Raises:
        ConfigError: The text is not YAML, is empty, holds tags, duplicate keys, or is too deep or too large.
    """
    builder = _Builder(source)
    try:
        for event in yaml.parse(source.text, Loader=_LOADER):
            builder.feed(event)
    except yaml.MarkedYAMLError as error:
        raise ConfigError(diagnostics=[_syntax_problem(source, error)]) from error
    except yaml.reader.ReaderError as error:
        raise ConfigError(diagnostics=[_character_problem(source, error)]) from error
    if builder.problems:
        raise ConfigError(diagnostics=builder.problems)
    if builder.root is None or builder.root.value is None:
        raise ConfigError(diagnostics=[_problem(source, "empty-file", "the file is empty", 1, 1, hint=_EMPTY_HINT)])
    return builder.root


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
            self._alias(event)
        elif isinstance(event, yaml.ScalarEvent):
            self._scalar(event)
        elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            self._open(event)
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            self._close()

    def _start_document(self, event: Any) -> None:
        self._documents += 1
        if self._documents == 2:
            self._report("several-documents", "a second document begins here; a file holds one experiment", event,
                         hint="remove the '---', or put the second experiment into a file of its own")  # fmt: skip

    def _open(self, event: Any) -> None:
        self._refuse_tag(event)
        if len(self._stack) >= MAX_DEPTH:
            self._report("too-deep", f"values are nested more than {MAX_DEPTH} deep", event)
            raise ConfigError(diagnostics=self.problems)
        self._stack.append(_Frame(self._location(event), isinstance(event, yaml.MappingStartEvent), event.anchor))

    def _close(self) -> None:
        frame = self._stack.pop()
        if frame.is_mapping:
            node = Node(
                {**_merged(frame.merges), **frame.entries}, frame.location, {**_merged_keys(frame.merges), **frame.keys}
            )
        else:
            node = Node(frame.items, frame.location)
        self._add(node, frame.anchor, frame.size)

    def _scalar(self, event: Any) -> None:
        self._refuse_tag(event)
        frame = self._stack[-1] if self._stack else None
        if frame is not None and frame.is_mapping and not frame.awaits_value:
            self._key(frame, event)
            return
        value = parse_scalar(event.value) if event.implicit[0] else event.value
        self._add(Node(value, self._location(event)), event.anchor, 1)

    def _key(self, frame: _Frame, event: Any) -> None:
        key, location = event.value, self._location(event)
        if key in frame.keys and key != "<<":
            self.problems.append(Diagnostic(
                "duplicate-key", f"'{key}' is given twice", location, received=key,
                hint="keep one of the two", related=(Related("first given here", frame.keys[key]),),
            ))  # fmt: skip
        frame.key, frame.awaits_value = key, True
        frame.keys.setdefault(key, location)

    def _alias(self, event: Any) -> None:
        known = self._anchors.get(event.anchor)
        if known is None:
            self._report("unknown-alias", f"no anchor '&{event.anchor}' stands before this alias", event,
                         hint=f"name a value above with &{event.anchor}, or quote the text: '*{event.anchor}'")  # fmt: skip
            known = (Node(None, self._location(event)), 1)
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
            self._report("key-not-text", "a key must be text, not a list or a mapping; values with braces need quotes", node,
                         hint='quote the whole value: key: "{epoch}"')  # fmt: skip
            frame.key, frame.awaits_value = "", True
        else:
            self._entry(frame, node)

    def _entry(self, frame: _Frame, node: Node) -> None:
        key = frame.key or ""
        frame.key, frame.awaits_value = None, False
        if key != "<<":
            frame.entries.setdefault(key, node)
            return
        del frame.keys["<<"]
        merges = node.value if node.is_list else [node]
        if not all(merge.is_mapping for merge in merges):
            self._report("bad-merge", "'<<' takes a mapping, an alias of one, or a list of them", node)
        frame.merges += [merge for merge in merges if merge.is_mapping]

    def _refuse_tag(self, event: Any) -> None:
        if event.tag is not None:
            tag = re.sub(r"^tag:yaml\.org,2002:", "!!", event.tag)
            self._report("tag", f"tags such as {tag} are not allowed: a config is data", event,
                         hint=f"remove '{tag}'")  # fmt: skip

    def _report(self, code: str, message: str, at: Any, hint: str | None = None) -> None:
        location = at.location if isinstance(at, Node) else self._location(at)
        self.problems.append(Diagnostic(code, message, location, hint=hint))

    def _location(self, event: Any) -> Location:
        start, end = event.start_mark, event.end_mark
        length = (
            end.column - start.column
            if end.line == start.line
            else len(self.source.line(start.line + 1).rstrip()) - start.column
        )
        if isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            length = 1
        return Location(self.source, start.line + 1, start.column + 1, max(1, length))


def _merged(merges: list[Node]) -> dict[str, Node]:
    return {key: node for merge in reversed(merges) for key, node in merge.value.items()}


def _merged_keys(merges: list[Node]) -> dict[str, Location]:
    return {key: mark for merge in reversed(merges) for key, mark in merge.keys.items()}


def _problem(source: Source, code: str, message: str, line: int, column: int, hint: str | None = None) -> Diagnostic:
    return Diagnostic(code, message, Location(source, line, column), hint=hint)


def _character_problem(source: Source, error: Any) -> Diagnostic:
    before = source.text[: error.position]
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    return _problem(source, "not-yaml", f"the character U+{ord(str(error.character)[0]) if isinstance(error.character, str) else error.character:04X} "
                    "is not allowed in YAML", line, column, hint="remove it")  # fmt: skip


def _syntax_problem(source: Source, error: yaml.MarkedYAMLError) -> Diagnostic:
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
    for explain in (_tab, _unquoted_special, _missing_colon, _unclosed_quote, _unclosed_bracket, _misplaced_line):
        explained = explain(source, error, line, column)
        if explained is not None:
            return explained
    context = f"{error.context}, " if error.context else ""
    return _problem(source, "not-yaml", f"not YAML: {context}{error.problem}", line, column,
                    hint="check the indentation, and that brackets and quotes are closed")  # fmt: skip


def _lines_near(source: Source, error: yaml.MarkedYAMLError, line: int) -> Iterator[tuple[int, str]]:
    """The lines from where the parser began to struggle up to where it gave up, last first."""
    first = error.context_mark.line + 1 if error.context_mark is not None else line
    for number in range(line, max(0, min(first, line) - 1), -1):
        yield number, source.line(number)


def _tab(source: Source, error: yaml.MarkedYAMLError, line: int, _column: int) -> Diagnostic | None:
    for number, text in _lines_near(source, error, line):
        indent = text[: len(text) - len(text.lstrip())]
        if "\t" in indent:
            return _problem(source, "tab", "a tab is used for indentation; YAML wants spaces", number, indent.index("\t") + 1,
                            hint="replace each tab by two spaces")  # fmt: skip
    return None


# A value that YAML takes apart although a person meant it whole: `cp-{epoch}.keras`, `>= 0.9`, `{epoch}.keras`.
_IN_FLOW = re.compile(r"""[{,]\s*[A-Za-z_]\w*:\s+(?P<value>[^"'{\[,\s][^,}]*[{\[]|[>|%@`]|\{[^},]*\}[^\s,}])""")
_IN_BLOCK = re.compile(r"^[\s-]*[A-Za-z_]\w*:\s+(?P<value>\{[^}\s]*\}[^\s#,}].*|[>|%@`].*\S)\s*$")


def _unquoted_special(source: Source, error: yaml.MarkedYAMLError, line: int, _column: int) -> Diagnostic | None:
    """A value that holds `{` or `[` inside `{…}`, or begins with `>`, has to be quoted: show the quoted line."""
    for number, text in _lines_near(source, error, line):
        in_block = _IN_BLOCK.search(text)
        match = in_block or _IN_FLOW.search(text)
        if match is None:
            continue
        value = in_block["value"] if in_block else _whole_value(text, match.start("value"))
        fixed = text.replace(value, f'"{value}"', 1).strip()
        location = Location(source, number, match.start("value") + 1, len(value))
        where = "" if in_block else "inside {…} "
        return Diagnostic("unquoted", f"{where}the value {value} needs quotes", location, hint=f"write: {fixed}")
    return None


def _whole_value(text: str, start: int) -> str:
    """The value from `start` up to the comma or brace that ends it, braces inside it counted."""
    depth, end = 0, start
    while end < len(text) and not (depth == 0 and text[end] in ",}"):
        depth += {"{": 1, "[": 1, "}": -1, "]": -1}.get(text[end], 0)
        end += 1
    return text[start:end].rstrip()


def _missing_colon(source: Source, error: yaml.MarkedYAMLError, line: int, column: int) -> Diagnostic | None:
    problem = str(error.problem)
    if "could not find expected ':'" in problem and error.context_mark is not None:
        number = error.context_mark.line + 1
    elif (
        "mapping values are not allowed" in problem
        and ":" not in source.line(line - 1)
        and source.line(line - 1).strip()
    ):
        number = line - 1
    elif "mapping values are not allowed" in problem:
        return _problem(source, "not-yaml", "not YAML: a second ': ' on this line", line, column,
                        hint="begin a new, indented line for the inner mapping, or quote the text")  # fmt: skip
    else:
        return None
    text = source.line(number)
    indent = len(text) - len(text.lstrip())
    location = Location(source, number, indent + 1, max(1, len(text.strip())))
    return Diagnostic(
        "not-yaml", "not YAML: a ':' is missing after the key", location, hint=f"write: {text.strip()}: …"
    )


def _unclosed_quote(source: Source, error: yaml.MarkedYAMLError, _line: int, _column: int) -> Diagnostic | None:
    begin = error.context_mark
    if begin is None or "quoted scalar" not in str(error.context) or "end of" not in str(error.problem):
        return None
    quote = source.line(begin.line + 1)[begin.column : begin.column + 1]
    return _problem(source, "not-yaml", f"not YAML: this {quote} is never closed", begin.line + 1, begin.column + 1,
                    hint=f"end the text with {quote}")  # fmt: skip


def _unclosed_bracket(source: Source, error: yaml.MarkedYAMLError, line: int, column: int) -> Diagnostic | None:
    begin = error.context_mark
    if begin is None or "flow" not in str(error.context):
        return None
    opened, closing = ("[", "]") if "sequence" in str(error.context) else ("{", "}")
    here = Location(source, line, column)
    return Diagnostic(
        "not-yaml", f"not YAML: within this {opened}, a ',' or the closing {closing} is missing",
        Location(source, begin.line + 1, begin.column + 1), hint=f"close it with {closing}, or separate its items by ','",
        related=(Related("it is missed here", here),),
    )  # fmt: skip


def _misplaced_line(source: Source, error: yaml.MarkedYAMLError, line: int, column: int) -> Diagnostic | None:
    before = source.line(line)[: column - 1]
    if "block" not in str(error.context) or (before.strip() and column > 1):
        return None
    return _problem(source, "not-yaml", "not YAML: this line does not fit those above it", line, column,
                    hint="indent it as the lines that it belongs with; an item of a list begins with '- '")  # fmt: skip


def shifted(node: Node, source: Source, by: int) -> Node:
    """The tree of a `--set` value with its columns moved right by `by`, to point into the whole argument."""

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
