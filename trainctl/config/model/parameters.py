"""`${params.…}`, `${repeat.…}` and `${each.…}`: values that a block, a repeat or a branch gives to what is written in it.

They are replaced when the model is unrolled, once for each use; until then a value that holds one is `Late`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from trainctl.config.compose.arithmetic import Calculation, is_arithmetic, references, with_values
from trainctl.config.compose.paths import PathError, find
from trainctl.config.text.nodes import Late, Node
from trainctl.diagnostics import Diagnostic, Problems
from trainctl.text import literal, nearest

SCOPED = ("params", "repeat", "each")
"""Heads of references that only mean something within a block, a repeat or a branch."""

_REFERENCE = re.compile(r"\$\{\s*([^${}]*\b(?:params|repeat|each)\.[^${}]*?)\s*\}")

Values = Mapping[str, Node]
"""What `params`, `repeat` and `each` stand for: mapping nodes."""


def is_scoped(body: str) -> bool:
    """Return whether the reference `body` is one of a block, a repeat or a branch."""
    return body.partition(".")[0] in SCOPED


def substituted(node: Node, values: Values, problems: Problems) -> Node:
    """`node` with every such reference below it replaced; those that lead nowhere are added to `problems`."""
    if node.is_mapping:
        return replace(node, value={key: substituted(child, values, problems) for key, child in node.value.items()})
    if node.is_list:
        return replace(node, value=[substituted(item, values, problems) for item in node.value])
    if not isinstance(node.value, Late) or not _REFERENCE.search(node.value.text):
        return node
    whole = _REFERENCE.fullmatch(node.value.text)
    if whole is not None:
        found = _result(whole[1], node, values, problems)
        return replace(found, location=node.location, earlier=node.earlier) if found else node
    text = _REFERENCE.sub(lambda match: _as_text(_result(match[1], node, values, problems)), node.value.text)
    return replace(node, value=Late(text) if "${" in text else text)


def _result(body: str, node: Node, values: Values, problems: Problems) -> Node | None:
    """What a reference, or arithmetic with references, stands for here; `Late` as long as the data is not loaded."""
    if not is_arithmetic(body):
        return _found(body, node, values, problems)
    found = {name: _found(name, node, values, problems) for name in filter(is_scoped, references(body))}
    known = {name: each.value if each.is_late else each.plain() for name, each in found.items() if each is not None}
    if len(known) < len(found):
        return None
    inlined = with_values(body, known)
    if references(inlined):
        return Node(Late(f"${{{inlined}}}"), node.location)
    try:
        return Node(Calculation.parse(inlined).value({}), node.location)
    except ValueError as error:
        problem = Diagnostic("bad-interpolation", f"cannot calculate ${{{body}}}: {error}", node.location)
    problems.add(problem)
    return None


def _found(body: str, node: Node, values: Values, problems: Problems) -> Node | None:
    head, *steps = body.split(".")
    scope = values.get(head)
    if scope is None:
        where = {"params": "in a block", "repeat": "under repeat:", "each": "beside each: or in its layers"}[head]
        problem = Diagnostic(
            "unknown-reference",
            f"${{{body}}} can only be used {where}",
            node.location,
            hint="define values for the whole file under vars",
        )
    else:
        try:
            return find(scope, steps)
        except PathError as error:
            if (head, steps) == ("each", ["categories"]):  # the facts of the data have none
                column = scope.value["name"].plain()
                problems.add(
                    Diagnostic(
                        "unknown-reference",
                        f"{column!r} has no categories, so ${{{body}}} has no value",
                        node.location,
                        hint=f"remove {column} from each:, or declare it categorical under features",
                    )
                )
                return None
            close = nearest(steps[0], scope.value)
            hint = f"did you mean ${{{head}.{close}}}?" if close and len(steps) == 1 else error.hint
            problem = Diagnostic(
                "unknown-reference",
                f"${{{body}}} does not exist",
                node.location,
                hint=hint or f"defined here: {literal(list(scope.value))}",
            )
    problems.add(problem)
    return None


def _as_text(node: Node | None) -> str:
    value = node.plain() if node else ""
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else "" if value is None else str(value)
