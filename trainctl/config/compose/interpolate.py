"""`${…}`: values from elsewhere in the file, from the environment, or from the data.

A value that is one interpolation keeps its type. `${data.num_classes}` and its like stay `Late` until the data is loaded,
when the tree is interpolated once more with the facts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from trainctl.aliases import Value
from trainctl.config.compose.arithmetic import Calculation, is_arithmetic, with_values
from trainctl.config.compose.paths import PathError, find
from trainctl.config.model.parameters import is_scoped
from trainctl.config.text.nodes import EnvText, Late, Node
from trainctl.config.text.scalars import parse_scalar
from trainctl.diagnostics import Diagnostic, Location
from trainctl.errors import ConfigError
from trainctl.masking import conceal
from trainctl.text import literal, nearest, one_of

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
_LATE_SECTIONS = ("model", "compile", "fit", "callbacks")
_MOST_NODES = 200_000  # references multiply as aliases do; no real experiment comes close
_LONGEST_CHAIN = 100
_LONGEST_TEXT = 1_000_000
_REFERENCE = re.compile(r"\$(?P<escaped>\$\{)|\$\{(?P<body>[^${}]*)\}|(?P<open>\$\{)")


def interpolate(tree: Node, environ: Mapping[str, str], facts: Mapping[str, object] | None = None) -> Node:
    """Return the tree with every `${…}` replaced by its value.

    Args:
        tree: The composed tree, overrides applied.
        environ: The environment variables for `${env:NAME}`.
        facts: Values for the late `data.*` references; `None` leaves them `Late`.

    Raises:
        ConfigError: References to nothing, circles, unset variables, all of them.
    """
    worker = _Interpolation(tree, environ, facts)
    result = worker.node(tree, ())
    if worker.problems:
        raise ConfigError(diagnostics=worker.problems)
    return result


class _Interpolation:
    def __init__(self, tree: Node, environ: Mapping[str, str], facts: Mapping[str, object] | None) -> None:
        self.tree = tree
        self.environ = environ
        self.facts = facts
        self.problems: list[Diagnostic] = []
        self._nodes = 0
        self._circles: set[frozenset[str]] = set()

    def node(self, node: Node, circle: tuple[str, ...], section: str = "") -> Node:
        """`node` with all below it interpolated; `circle` holds the references being followed."""
        self._nodes += 1
        if self._nodes > _MOST_NODES or len(circle) > _LONGEST_CHAIN:
            self._refuse_size(node.location)
        if node.is_mapping:
            entries = {k: self.node(v, circle, section or k) for k, v in node.value.items()}
            return replace(node, value=entries)
        if node.is_list:
            return replace(node, value=[self.node(item, circle, section) for item in node.value])
        if isinstance(node.value, str) and "${" in node.value:
            return self._interpolate_text(node, circle, section)
        return node

    def _interpolate_text(self, node: Node, circle: tuple[str, ...], section: str) -> Node:
        text = node.value
        whole = _REFERENCE.fullmatch(text)
        if whole is not None and whole["body"] is not None:
            found = self._resolve_reference(
                whole["body"].strip(), node, self._mark(node, 0, len(text)), circle, section
            )
            origin = found.location if found.location != node.location else None
            return replace(found, location=node.location, raw=text, earlier=node.earlier, origin=found.origin or origin)
        parts: list[str] = []
        secret, late, end = False, False, 0
        for match in _REFERENCE.finditer(text):
            parts.append(text[end : match.start()])
            end = match.end()
            if match["escaped"]:
                parts.append("${")
                continue
            mark = self._mark(node, match.start(), len(match[0]))
            if match["open"]:
                self._report_unclosed(text[match.end() :], mark)
                continue
            found = self._resolve_reference(match["body"].strip(), node, mark, circle, section)
            secret, late = secret or found.secret, late or isinstance(found.value, Late)
            parts.append(self._convert_to_text(found, match["body"], mark))
        parts.append(text[end:])
        if sum(map(len, parts)) > _LONGEST_TEXT:
            self._refuse_size(node.location)
        value = Late("".join(parts)) if late else "".join(parts)
        return replace(node, value=value, raw=text, secret=secret)

    def _report_unclosed(self, rest: str, mark: Location) -> None:
        if "}" in rest:
            self._report(
                "bad-interpolation",
                "an interpolation cannot contain '$', '{' or '}'",
                mark,
                hint="write the full path; interpolations cannot be nested",
            )
        else:
            self._report(
                "bad-interpolation",
                "'${' is not closed by '}'",
                mark,
                hint="add the '}', or write $${ for a literal ${",
            )

    def _convert_to_text(self, found: Node, body: str, mark: Location) -> str:
        if found.is_mapping or found.is_list:
            self._report(
                "bad-interpolation",
                f"${{{body}}} is {literal(found.public())}, which cannot be part of a text",
                mark,
                hint="make the interpolation the whole value",
            )
            return ""
        value = found.plain()
        return (
            {True: "true", False: "false", None: ""}[value] if value is None or isinstance(value, bool) else str(value)
        )

    def _resolve_reference(self, body: str, node: Node, mark: Location, circle: tuple[str, ...], section: str) -> Node:
        if body.startswith("env:"):
            return self._read_environment(body[4:], node, mark)
        if body in LATE_FACTS or _LATE_COLUMN.fullmatch(body):
            return self._resolve_late_fact(body, node, mark, section)
        if is_arithmetic(body) and not self._is_path(body):
            return self._calculate(body, node, mark, circle, section)
        if section == "model" and is_scoped(body):
            return Node(Late(f"${{{body}}}"), node.location)  # replaced where the block or repeat is unrolled
        if body in circle:
            self._report_cycle((*circle[circle.index(body) :], body), mark)
            return Node(None, node.location)
        try:
            target = find(self.tree, body.split("."))
        except PathError as error:
            self._report_unknown(body, mark, error)
            return Node(None, node.location)
        return self.node(target, (*circle, body), body.split(".", maxsplit=1)[0])

    def _is_path(self, body: str) -> bool:
        """Whether there is a key of this name, unusual as it is."""
        try:
            find(self.tree, body.split("."))
        except PathError:
            return False
        return True

    def _calculate(self, body: str, node: Node, mark: Location, circle: tuple[str, ...], section: str) -> Node:
        """The result of arithmetic; `Late` as long as a reference in it is."""
        try:
            calculation = Calculation.parse(body)
            found = {name: self._resolve_reference(name, node, mark, circle, section) for name in calculation.outside()}
            secret = any(each.secret for each in found.values())
            if any(each.is_late for each in found.values()):
                known = {name: _number(each) for name, each in found.items() if not each.is_late}
                return Node(Late(f"${{{with_values(body, known)}}}"), node.location, secret=secret)
            if self.problems and any(each.value is None for each in found.values()):
                return Node(None, node.location)  # one of them leads nowhere, which is reported
            value = calculation.value({name: _number(each) for name, each in found.items()})
        except ValueError as error:
            self._report("bad-interpolation", f"cannot calculate ${{{body}}}: {error}", mark)
            return Node(None, node.location)
        return Node(value, node.location, secret=secret)

    def _resolve_late_fact(self, body: str, node: Node, mark: Location, section: str) -> Node:
        if section not in _LATE_SECTIONS:
            self._report(
                "late-interpolation",
                f"${{{body}}} is known only after the data is loaded and cannot be used in '{section}'",
                mark,
                hint=f"use it in {one_of(_LATE_SECTIONS)}",
            )
            return Node(None, node.location)
        if self.facts is None:
            return Node(Late(f"${{{body}}}"), node.location)
        try:
            value = self.facts[body.removeprefix("data.")]
        except KeyError as error:
            self._report("late-interpolation", f"cannot resolve ${{{body}}}: {error.args[0]}", mark)
            return Node(None, node.location)
        if value is None:
            self._report(
                "late-interpolation", f"the data has no {body.removeprefix('data.')}: its labels are numbers", mark
            )
        if isinstance(value, tuple | list):
            return Node([Node(each, node.location) for each in value], node.location)
        return Node(value, node.location)

    def _read_environment(self, body: str, node: Node, mark: Location) -> Node:
        name, _, default = body.partition(":-")
        if name in self.environ:
            conceal(name, self.environ[name])
            return Node(EnvText(self.environ[name]), node.location, secret=True)
        if ":-" in body:
            return Node(EnvText(default), node.location)
        self._report(
            "unset-variable",
            f"the environment variable {name} is not set",
            mark,
            hint=f"export {name}=…, or give a default: ${{env:{name}:-…}}",
        )
        return Node(None, node.location)

    def _report_cycle(self, names: tuple[str, ...], mark: Location) -> None:
        if frozenset(names) not in self._circles:  # it is found once from each of its members
            self._circles.add(frozenset(names))
            chain = " → ".join(f"${{{name}}}" for name in names)
            self._report(
                "interpolation-circle", f"references form a cycle: {chain}", mark, hint="give one of them a value"
            )

    def _refuse_size(self, mark: Location) -> None:
        raise ConfigError(diagnostics=[Diagnostic("too-large", "the interpolations are too large once expanded", mark)])

    def _report_unknown(self, body: str, mark: Location, error: PathError) -> None:
        known = [*_list_paths(self.tree), *LATE_FACTS]
        close = nearest(body, known) or next((path for path in known if path.endswith(f".{body}")), None)
        hint = (
            f"did you mean ${{{close}}}?"
            if close
            else error.hint or "a reference is a path in this file, such as vars.width"
        )
        self._report("unknown-reference", f"cannot resolve ${{{body}}}: {error}", mark, hint=hint)

    def _mark(self, node: Node, start: int, length: int) -> Location:
        """Return the place of the reference within its value, where the value stands as it is in one line."""
        location = node.location
        line = location.source.line(location.line)
        found = line.find(node.value[start : start + length], location.column - 1)
        return replace(location, column=found + 1, length=length) if found >= 0 else location

    def _report(self, code: str, message: str, location: Location, hint: str | None = None) -> None:
        problem = Diagnostic(code, message, location, hint=hint)
        if problem not in self.problems:
            self.problems.append(problem)


def _number(node: Node) -> Value:
    """Return what arithmetic takes the value as: text of the environment is a number where it reads as one."""
    return parse_scalar(node.value) if isinstance(node.value, EnvText) else node.plain()


def _list_paths(node: Node, prefix: str = "") -> Iterator[str]:
    """Yield the paths of all mappings' keys, for suggestions."""
    if node.is_mapping:
        for key, child in node.value.items():
            yield f"{prefix}{key}"
            yield from _list_paths(child, f"{prefix}{key}.")
