"""Edits of a YAML text that keep everything else as it is: comments, layout, quotes, anchors and line ends."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml

from trainctl.diagnostics import Location, Move, Replace

_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
"""What ends a line in YAML."""
_INDENT = 2


def edited(text: str, fix: Replace | Move) -> str | None:
    """Return the text with one mistake repaired; `None` where that cannot be done without touching more."""
    try:
        return _replaced(text, fix) if isinstance(fix, Replace) else _moved(text, fix)
    except yaml.YAMLError:
        return None


def offset_of(text: str, location: Location) -> int:
    """Return where a place begins in the text, in characters."""
    return _Lines(text).offset(location.line - 1, location.column - 1)


def _replaced(text: str, fix: Replace) -> str | None:
    begin = offset_of(text, fix.location)
    stretch = text[begin : begin + fix.location.length]
    word = fix.word
    if fix.without_quotes:
        word = next((each for each in (word, f'"{word}"', f"'{word}'") if each == stretch), "")
    if not word or stretch.count(word) != 1:
        return None  # it is written in another way: escaped, or by an interpolation
    begin += stretch.index(word)
    return text[:begin] + fix.text + text[begin + len(word) :]


class _Lines:
    """Where the lines of a text begin."""

    def __init__(self, text: str) -> None:
        self.begins = [0, *(match.end() for match in _BREAK.finditer(text))]
        self.text = text

    def offset(self, line: int, column: int) -> int:
        """Return the offset of a mark; lines and columns count from 0."""
        return self.begins[min(line, len(self.begins) - 1)] + column

    def at(self, mark: Any) -> int:
        """Return the offset of a mark of PyYAML."""
        return self.offset(mark.line, mark.column)

    def line_of(self, offset: int) -> int:
        """Return the line, from 0, in which an offset lies."""
        return next(n for n in range(len(self.begins) - 1, -1, -1) if self.begins[n] <= offset)

    def begin(self, line: int) -> int:
        """Return where a line begins; the end of the text for the line behind the last."""
        return self.begins[line] if line < len(self.begins) else len(self.text)


@dataclass(slots=True)
class _Part:
    """A value of the text, and where it is written.

    Args:
        begin: Its first character.
        end: Behind its last one, without comments and blank lines.
        kind: `mapping`, `list`, `scalar` or `alias`.
        is_flow: Whether it is written in braces or brackets.
        items: Keys and values, one after the other, or items.
    """

    begin: int
    end: int
    kind: str
    is_flow: bool = False
    items: list[_Part] = field(default_factory=list)

    def entries(self) -> Iterator[tuple[_Part, _Part]]:
        """Yield the keys with their values."""
        if self.kind == "mapping":
            yield from zip(self.items[::2], self.items[1::2], strict=True)

    def walk(self) -> Iterator[_Part]:
        """Yield it and all that is within."""
        yield self
        for item in self.items:
            yield from item.walk()


def _parsed(text: str) -> _Part | None:
    """Return the root of the text."""
    lines, stack = _Lines(text), [_Part(0, 0, "list")]
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        if isinstance(event, yaml.NodeEvent):
            part = _part(event, lines)
            stack[-1].items.append(part)
            if part.kind in {"mapping", "list"}:
                stack.append(part)
        elif isinstance(event, yaml.CollectionEndEvent):
            closed = stack.pop()
            end = lines.at(event.end_mark)
            closed.end = end if closed.is_flow else max([closed.begin, *(item.end for item in closed.items)])
    return stack[0].items[0] if stack[0].items else None


def _part(event: Any, lines: _Lines) -> _Part:
    begin, end = lines.at(event.start_mark), lines.at(event.end_mark)
    if isinstance(event, yaml.MappingStartEvent):
        return _Part(begin, end, "mapping", bool(event.flow_style))
    if isinstance(event, yaml.SequenceStartEvent):
        return _Part(begin, end, "list", bool(event.flow_style))
    if isinstance(event, yaml.AliasEvent):
        return _Part(begin, end, "alias")
    return _Part(begin, begin + len(lines.text[begin:end].rstrip()), "scalar")


@dataclass(frozen=True, slots=True)
class _Entry:
    """A key with its value, within its mapping."""

    owner: _Part
    key: _Part
    value: _Part


def _moved(text: str, fix: Move) -> str | None:
    root = _parsed(text)
    entry = _entry_at(root, offset_of(text, fix.key)) if root is not None else None
    if root is None or entry is None or (entry.owner.items[:1] == [entry.key] and _begins_an_item(text, entry)):
        return None
    taken = _Taken.of(text, entry)
    if isinstance(fix.into, Location):
        target = _entry_at(root, offset_of(text, fix.into))
    else:
        target = next((_Entry(root, k, v) for k, v in root.entries() if text[k.begin : k.end] == fix.into), None)
    if fix.into == "":
        change = _into_mapping(text, root, taken)
    elif target is not None:
        change = _into_entry(text, target, taken)
    else:
        change = None if root.is_flow else _as_section(text, root, str(fix.into), taken)
    if change is None:
        return None
    place, added = change
    if taken.begin < place < taken.end:
        return None
    changes = [(taken.begin, taken.end, ""), (place, place, added)]
    if (emptied := _behind_key_of(entry, root, text)) is not None:
        changes.append((emptied, emptied, " {}"))
    for begin, end, new in sorted(changes, reverse=True):
        text = text[:begin] + new + text[end:]
    return text


def _entries(root: _Part) -> Iterator[_Entry]:
    for part in root.walk():
        for key, value in part.entries():
            yield _Entry(part, key, value)


def _entry_at(root: _Part, offset: int) -> _Entry | None:
    return next((each for each in _entries(root) if each.key.begin == offset), None)


def _behind_key_of(entry: _Entry, root: _Part, text: str) -> int | None:
    """Return where to write that the mapping of the entry is empty, if it is a block that holds no other.

    Without that, `null` would be left, which removes what the file that is extended has there.
    """
    if entry.owner.is_flow or len(entry.owner.items) > 2:
        return None
    holder = next((each for each in _entries(root) if each.value is entry.owner), None)
    return None if holder is None else text.index(":", holder.key.end) + 1


def _begins_an_item(text: str, entry: _Entry) -> bool:
    """Whether a block mapping begins behind the `-` of a list, in whose line its first key then is."""
    lines = _Lines(text)
    line = lines.begin(lines.line_of(entry.key.begin))
    return not entry.owner.is_flow and bool(text[line : entry.key.begin].strip())


@dataclass(frozen=True, slots=True)
class _Taken:
    """An entry that is taken out of its mapping.

    Args:
        begin: Where the text to remove begins: its line, with the comments directly above it, or the key in braces.
        end: Behind that.
        indent: Columns before the key.
        body: The text to write elsewhere, without its line end.
        key: The key as it is written.
        line_end: How lines of the text end.
    """

    begin: int
    end: int
    indent: int
    body: str
    key: str
    line_end: str

    @classmethod
    def of(cls, text: str, entry: _Entry) -> _Taken:
        """Return what is to be moved."""
        lines, key = _Lines(text), text[entry.key.begin : entry.key.end]
        found = _BREAK.search(text)
        line_end = found[0] if found else "\n"
        last = max(entry.value.end, entry.key.end)
        if entry.owner.is_flow:
            before, after = text[: entry.key.begin], text[last:]
            begin, end = entry.key.begin, last
            if following := re.match(r"\s*,\s*", after):
                end += following.end()
            elif preceding := re.search(r"\s*,\s*$", before):
                begin = preceding.start()
            return cls(begin, end, 0, text[entry.key.begin : last], key, line_end)
        first = lines.line_of(entry.key.begin)
        indent = entry.key.begin - lines.begin(first)
        above = first
        while above and _is_comment(text[lines.begin(above - 1) : lines.begin(above)], indent):
            above -= 1
        first = above or first  # what begins the file is about all of it
        begin, end = lines.begin(first), lines.begin(lines.line_of(last) + 1)
        return cls(begin, end, indent, _BREAK.sub("\n", text[begin:end]).rstrip("\n"), key, line_end)

    def shifted(self, indent: int) -> str:
        """Return the body with another indentation, each line with its end."""
        rows = [row[self.indent :] if row[: self.indent].isspace() else row for row in self.body.split("\n")]
        return "".join(f"{' ' * indent}{row}".rstrip() + self.line_end for row in rows)


def _is_comment(line: str, indent: int) -> bool:
    return line.strip().startswith("#") and len(line) - len(line.lstrip()) == indent


def _into_entry(text: str, target: _Entry, taken: _Taken) -> tuple[int, str] | None:
    """Return where the moved entry goes in the value of another one, and its text there."""
    value = target.value
    if value.kind == "mapping":
        return _into_mapping(text, value, taken)
    is_empty = value.kind == "scalar" and text[value.begin : value.end] in {"", "~", "null"}
    if not is_empty or target.owner.is_flow or value.end > value.begin:
        return None
    lines = _Lines(text)
    line = lines.line_of(target.key.begin)
    return lines.begin(line + 1), taken.shifted(_child_indent(target.key.begin - lines.begin(line)))


def _into_mapping(text: str, mapping: _Part, taken: _Taken) -> tuple[int, str] | None:
    if any(text[key.begin : key.end] == taken.key for key, _ in mapping.entries()):
        return None
    if mapping.is_flow:
        if "\n" in taken.body.strip() or "#" in taken.body:
            return None
        close = mapping.end - 1
        behind = len(text[:close].rstrip())
        return behind, f"{', ' if mapping.items else ''}{taken.body.strip()}"
    lines = _Lines(text)
    line = lines.line_of(mapping.end)
    indent = mapping.begin - lines.begin(lines.line_of(mapping.begin))
    place = lines.begin(line + 1)
    start = "" if _BREAK.search(text[lines.begin(line) : place]) else taken.line_end
    return place, start + taken.shifted(indent)


def _as_section(text: str, root: _Part, name: str, taken: _Taken) -> tuple[int, str] | None:
    """Return a new section with the entry: where the entry stood, if that is at the top level, else at the end."""
    lines = _Lines(text)
    is_at_top = any(key.begin == taken.begin or taken.begin <= key.begin < taken.end for key, _ in root.entries())
    place = taken.begin if is_at_top else lines.begin(lines.line_of(root.end) + 1)
    start = "" if place == 0 or _BREAK.search(text[place - 1 : place]) else taken.line_end
    return place, f"{start}{name}:{taken.line_end}{taken.shifted(_INDENT)}"


def _child_indent(indent: int) -> int:
    return indent + _INDENT


def apply_all(text: str, fixes: Sequence[Replace | Move]) -> tuple[str, list[Replace | Move]]:
    """Return the text with words replaced, or else with one entry moved, and what was done.

    Args:
        text: The text.
        fixes: Repairs of it. Those of one place that differ are left out.

    Replacing a word leaves the places above it as they are, so that many can be done at once; after a move all places
    are others.
    """
    replacements = _unambiguous(fix for fix in fixes if isinstance(fix, Replace))
    done: list[Replace | Move] = []
    for fix in sorted(replacements, key=lambda each: offset_of(text, each.location), reverse=True):
        changed = edited(text, fix)
        if changed is not None:
            text = changed
            done.append(fix)
    if done:
        return text, done
    for move in (fix for fix in fixes if isinstance(fix, Move)):
        changed = edited(text, move)
        if changed is not None:
            return changed, [move]
    return text, []


def _unambiguous(fixes: Iterable[Replace]) -> list[Replace]:
    """Return the repairs, of each place those that agree, once."""
    by_place: dict[tuple[int, int], set[Replace]] = {}
    for fix in fixes:
        by_place.setdefault((fix.location.line, fix.location.column), set()).add(fix)
    return [next(iter(each)) for each in by_place.values() if len(each) == 1]
