"""`${…}`: values from elsewhere in the file, from the environment, or from the data.

A value that is one interpolation keeps its type. `${data.num_classes}` and its like stay `Late` until the data is loaded,
when the tree is interpolated once more with the facts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from trainctl import limits
from trainctl.aliases import Value
from trainctl.config.compose.arithmetic import Calculation, is_arithmetic, with_values
from trainctl.config.compose.paths import PathError, find
from trainctl.config.model.parameters import is_scoped
from trainctl.config.text.nodes import EnvText, Late, Node
from trainctl.config.text.scalars import parse_scalar
from trainctl.diagnostics import Diagnostic, Location, Problems, Replace
from trainctl.errors import ConfigError
from trainctl.masking import conceal
from trainctl.text import literal, nearest, one_of, sole_match

LATE_FACTS = (
    "data.num_classes",
    "data.input_shape",
    "data.num_samples",
    "data.steps_per_epoch",
    "data.channels",
    "data.sequence_length",
    "data.vocabulary_size",
    "data.sampling_rate",
)
_LATE_COLUMN = re.compile(r"data\.columns\.((?!data\.columns\.)[^+*/%(),<>])+\.categories")
_LATE_SIZE = re.compile(r"data\.input_shape(\.\w+)+")
_LATE_SECTIONS = ("model", "compile", "fit", "callbacks", "stages")
_REFERENCE = re.compile(r"\$(?P<escaped>\$\{)|\$\{(?P<body>[^${}]*)\}|(?P<open>\$\{)")


def escaped(value: Value) -> Value:
    """Return a plain value as it is written in a file, so that no text in it is a reference: `${` as `$${`."""
    if isinstance(value, str):
        return value.replace("${", "$${")
    if isinstance(value, Mapping):
        return {key: escaped(each) for key, each in value.items()}  # a key is none
    return [escaped(each) for each in value] if isinstance(value, list | tuple) else value


def interpolate(
    tree: Node,
    environ: Mapping[str, str],
    facts: Mapping[str, object] | None = None,
    sections: Collection[str] | None = None,
) -> Node:
    """Return the tree with every `${…}` replaced by its value.

    Args:
        tree: The composed tree, overrides applied.
        environ: The environment variables for `${env:NAME}`.
        facts: Values for the late `data.*` references; `None` leaves them `Late`.
        sections: The keys of the tree that are wanted; what they refer to may be anywhere. `None` wants all.

    Raises:
        ConfigError: References to nothing, circles, unset variables, all of them.
    """
    worker = _Interpolation(tree, environ, facts)
    wanted = tree if sections is None else replace(tree, value={k: v for k, v in tree.value.items() if k in sections})
    result = worker.node(wanted, ())
    if worker.problems:
        raise ConfigError(diagnostics=list(worker.problems))
    return result


@dataclass(frozen=True, slots=True)
class _Use:
    """One `${…}` within the text of a node."""

    node: Node
    start: int
    length: int

    @property
    def location(self) -> Location:
        """Its place within the value, where the value stands as it is in one line."""
        location = self.node.location
        line = location.source.line(location.line)
        found = line.find(self.node.value[self.start : self.start + self.length], location.column - 1)
        return replace(location, column=found + 1, length=self.length) if found >= 0 else location


class _Interpolation:
    def __init__(self, tree: Node, environ: Mapping[str, str], facts: Mapping[str, object] | None) -> None:
        self.tree = tree
        self.environ = environ
        self.facts = facts
        self.problems = Problems()
        self._size = 0
        self._depth = 0
        self._followed: dict[str, tuple[Node, int, int]] = {}
        self._circles: set[frozenset[str]] = set()

    def node(self, node: Node, circle: tuple[str, ...], section: str = "") -> Node:
        """`node` with all below it interpolated; `circle` holds the references being followed."""
        self._grow(node.location, 1)
        if len(circle) > limits.REFERENCES:
            self._refuse(f"more than {limits.REFERENCES} references lead from one to the next", node.location)
        if node.is_mapping or node.is_list:
            return self._interpolate_within(node, circle, section)
        if isinstance(node.value, str) and "${" in node.value:
            return self._interpolate_text(node, circle, section)
        return node

    def _interpolate_within(self, node: Node, circle: tuple[str, ...], section: str) -> Node:
        self._depth += 1
        if self._depth > limits.DEPTH:
            self._refuse_depth(node.location)
        value: object = (
            {k: self.node(v, circle, section or k) for k, v in node.value.items()}
            if node.is_mapping
            else [self.node(item, circle, section) for item in node.value]
        )
        self._depth -= 1
        return replace(node, value=value)

    def _grow(self, location: Location, size: int) -> None:
        """Count values and the length of texts: references multiply as aliases do."""
        self._size += size
        if self._size > limits.VALUES:
            self._refuse(f"the file holds more than {limits.VALUES:,} values, interpolations expanded", location)

    def _interpolate_text(self, node: Node, circle: tuple[str, ...], section: str) -> Node:
        text = node.value
        whole = _REFERENCE.fullmatch(text)
        if whole is not None and whole["body"] is not None:
            use = _Use(node, 0, len(text))
            found = self._resolve_reference(whole["body"].strip(), use, circle, section)
            origin = found.location if found.location != node.location else None
            return replace(found, location=node.location, raw=text, earlier=node.earlier, origin=found.origin or origin)
        parts: list[str] = []
        secret, late, end, length = False, False, 0, 0
        for match in _REFERENCE.finditer(text):
            parts.append(text[end : match.start()])
            end = match.end()
            if match["escaped"]:
                parts.append("${")
                continue
            use = _Use(node, match.start(), len(match[0]))
            if match["open"]:
                self._report_unclosed("}" in text[match.end() :], use)
                continue
            found = self._resolve_reference(match["body"].strip(), use, circle, section)
            secret, late = secret or found.secret, late or isinstance(found.value, Late)
            parts.append(self._convert_to_text(found, match["body"], use))
            length += len(parts[-1])
            if length > limits.TEXT:
                self._refuse(
                    f"the text has more than {limits.TEXT:,} characters, interpolations expanded", node.location
                )
        parts.append(text[end:])
        joined = "".join(parts)
        self._grow(node.location, limits.weight(joined))
        return replace(node, value=Late(joined) if late else joined, raw=text, secret=secret)

    def _report_unclosed(self, is_nested: bool, use: _Use) -> None:
        if is_nested:
            self._report(
                "bad-interpolation",
                "an interpolation cannot contain '$', '{' or '}'",
                use,
                hint="write the full path; interpolations cannot be nested",
            )
        else:
            self._report(
                "bad-interpolation",
                "'${' is not closed by '}'",
                use,
                hint="add the '}', or write $${ for a literal ${",
            )

    def _convert_to_text(self, found: Node, body: str, use: _Use) -> str:
        if found.is_mapping or found.is_list:
            self._describe(use, _not_text, found, body)
            return ""
        value = found.plain()
        return (
            {True: "true", False: "false", None: ""}[value] if value is None or isinstance(value, bool) else str(value)
        )

    def _resolve_reference(self, body: str, use: _Use, circle: tuple[str, ...], section: str) -> Node:
        node = use.node
        if body.startswith("env:"):
            return self._read_environment(body[4:], use)
        if body in LATE_FACTS or _LATE_COLUMN.fullmatch(body) or _LATE_SIZE.fullmatch(body):
            return self._resolve_late_fact(body, use, section)
        if is_arithmetic(body) and not self._is_path(body):
            return self._calculate(body, use, circle, section)
        if section == "model" and is_scoped(body):
            return Node(Late(f"${{{body}}}"), node.location)  # replaced where the block or repeat is unrolled
        if body in circle:
            self._report_cycle((*circle[circle.index(body) :], body), use)
            return Node(None, node.location)
        try:
            target = find(self.tree, body.split("."))
        except PathError as error:
            self._describe(use, self._unknown, body, error)
            return Node(None, node.location)
        return self._follow(body, target, circle, node.location)

    def _is_path(self, body: str) -> bool:
        """Whether there is a key of this name, unusual as it is."""
        try:
            find(self.tree, body.split("."))
        except PathError:
            return False
        return True

    def _calculate(self, body: str, use: _Use, circle: tuple[str, ...], section: str) -> Node:
        """The result of arithmetic; `Late` as long as a reference in it is."""
        node = use.node
        try:
            calculation = Calculation.parse(body)
            found = {name: self._resolve_reference(name, use, circle, section) for name in calculation.outside()}
            secret = any(each.secret for each in found.values())
            if any(each.is_late for each in found.values()):
                known = {name: _number(each) for name, each in found.items() if not each.is_late}
                return Node(Late(f"${{{with_values(body, known)}}}"), node.location, secret=secret)
            if self.problems and any(each.value is None for each in found.values()):
                return Node(None, node.location)  # one of them leads nowhere, which is reported
            value = calculation.value({name: _number(each) for name, each in found.items()})
        except ValueError as error:
            self._report("bad-interpolation", f"cannot calculate ${{{body}}}: {error}", use)
            return Node(None, node.location)
        return Node(value, node.location, secret=secret)

    def _follow(self, body: str, target: Node, circle: tuple[str, ...], location: Location) -> Node:
        """What the reference `body` stands for; it is the same wherever it is written."""
        if body in self._followed:
            found, size, depth = self._followed[body]
            self._grow(location, size)
            if self._depth + depth > limits.DEPTH:
                self._refuse_depth(location)
            return found
        before = self._size
        found = self.node(target, (*circle, body), body.split(".", maxsplit=1)[0])
        if not self.problems:  # else a circle may have cut it short
            self._followed[body] = found, self._size - before, _depth_of(found)
        return found

    def _resolve_late_fact(self, body: str, use: _Use, section: str) -> Node:
        node = use.node
        if section not in _LATE_SECTIONS:
            self._report(
                "late-interpolation",
                f"${{{body}}} is known only after the data is loaded and cannot be used in '{section}'",
                use,
                hint=f"use it in {one_of(_LATE_SECTIONS)}",
            )
            return Node(None, node.location)
        if self.facts is None:
            return Node(Late(f"${{{body}}}"), node.location)
        fact, *steps = (
            body.removeprefix("data.").split(".") if _LATE_SIZE.fullmatch(body) else [body.removeprefix("data.")]
        )
        try:
            value = self.facts[fact]
            for step in steps:
                value, fact = _entry(value, step, fact), f"{fact}.{step}"
        except KeyError as error:
            self._report("late-interpolation", f"cannot resolve ${{{body}}}: {error.args[0]}", use)
            return Node(None, node.location)
        if value is None:
            self._report(
                "late-interpolation", f"the data has no {body.removeprefix('data.')}: its labels are numbers", use
            )
        if isinstance(value, tuple | list):
            return Node([Node(each, node.location) for each in value], node.location)
        return Node(value, node.location)

    def _read_environment(self, body: str, use: _Use) -> Node:
        node = use.node
        name, _, default = body.partition(":-")
        value = self.environ.get(name)
        if value or (value is not None and ":-" not in body):  # as in a shell, an empty one takes the default
            conceal(name, value)
            return Node(EnvText(value), node.location, secret=True)
        if ":-" in body:
            return Node(EnvText(default), node.location)
        self._report(
            "unset-variable",
            f"the environment variable {name} is not set",
            use,
            hint=f"export {name}=…, or give a default: ${{env:{name}:-…}}",
        )
        return Node(None, node.location)

    def _report_cycle(self, names: tuple[str, ...], use: _Use) -> None:
        if frozenset(names) not in self._circles:  # it is found once from each of its members
            self._circles.add(frozenset(names))
            chain = " → ".join(f"${{{name}}}" for name in names)
            self._report(
                "interpolation-circle", f"references form a cycle: {chain}", use, hint="give one of them a value"
            )

    def _refuse_depth(self, at: Location) -> None:
        self._refuse(f"values are nested more than {limits.DEPTH} levels deep, interpolations expanded", at, "too-deep")

    def _refuse(self, message: str, at: Location, code: str = "too-large") -> None:
        raise ConfigError(diagnostics=[Diagnostic(code, message, at)])

    @cached_property
    def _known(self) -> list[str]:
        return [*_list_paths(self.tree), *LATE_FACTS]

    def _unknown(self, use: _Use, body: str, error: PathError) -> Diagnostic:
        close = nearest(body, self._known) or next((path for path in self._known if path.endswith(f".{body}")), None)
        hint = (
            f"did you mean ${{{close}}}?"
            if close
            else error.hint or "a reference is a path in this file, such as vars.width"
        )
        sole = sole_match(body, self._known)
        fix = Replace(use.location, sole, body) if sole is not None else None
        return Diagnostic("unknown-reference", f"cannot resolve ${{{body}}}: {error}", use.location, hint=hint, fix=fix)

    def _describe(self, use: _Use, words: Callable[..., Diagnostic], *args: object) -> None:
        """Report a reference; finding its place, and what may be meant, takes long."""
        self.problems.describe((use.node.location, use.start), words, use, *args)

    def _report(self, code: str, message: str, use: _Use, hint: str | None = None) -> None:
        self._describe(use, _problem, code, message, hint)


def _problem(use: _Use, code: str, message: str, hint: str | None) -> Diagnostic:
    return Diagnostic(code, message, use.location, hint=hint)


def _not_text(use: _Use, found: Node, body: str) -> Diagnostic:
    message = f"${{{body}}} is {literal(found.public())}, which cannot be part of a text"
    return Diagnostic("bad-interpolation", message, use.location, hint="make the interpolation the whole value")


def _entry(value: Value, step: str, fact: str) -> Value:
    """Return one size of a shape by its index, or the shape of one input by its name.

    Raises:
        KeyError: There is none; its argument says what there is.
    """
    entries = dict(value) if isinstance(value, Mapping) else dict(enumerate(value)) if _is_list(value) else {}
    found = {str(key): each for key, each in entries.items()}
    if step not in found:
        choices = f"; choose {one_of(found)}" if found else ""
        raise KeyError(f"{fact} is {literal(value)} and has no '{step}'{choices}")
    return found[step]


def _is_list(value: Value) -> bool:
    return isinstance(value, list | tuple)


def _depth_of(node: Node) -> int:
    children = node.value.values() if node.is_mapping else node.value if node.is_list else ()
    return 1 + max(map(_depth_of, children), default=0) if node.is_mapping or node.is_list else 0


def _number(node: Node) -> Value:
    """Return what arithmetic takes the value as: text of the environment is a number where it reads as one."""
    return parse_scalar(node.value) if isinstance(node.value, EnvText) else node.plain()


def _list_paths(node: Node, prefix: str = "") -> Iterator[str]:
    """Yield the paths of all mappings' keys, for suggestions."""
    if node.is_mapping:
        for key, child in node.value.items():
            yield f"{prefix}{key}"
            yield from _list_paths(child, f"{prefix}{key}.")
