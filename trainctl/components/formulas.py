"""Formulas of a loss or a metric, such as `mean(abs(y - p) * where(y > p, 2, 1))`: expressions over arrays, checked without Keras.

The language is that of `expressions.py` with the functions of keras.ops. `y` is the label and `p` the prediction, both with
the samples first and the values of one place (a sample, a pixel, a step) on the last axis. What a function reduces is that
axis alone, which stays with length 1: no formula can mix samples, and what is left of the axis is averaged at the end. So
there is one value for each place, and sample weights count.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar

from trainctl.components.expressions import CONSTANTS, Grammar, Problem, named, refused_parts
from trainctl.text import nearest, plural

LABEL, PREDICTION = "y", "p"

REDUCTIONS = ("all", "any", "argmax", "logsumexp", "max", "mean", "min", "prod", "std", "sum", "var")
"""Functions that make one value of the last axis."""

ALONG_LAST_AXIS = ("cumsum", "log_softmax", "softmax", "sort")
"""Functions of the whole last axis that keep its length."""

_ONE = [
    "abs",
    "ceil",
    "cos",
    "cosh",
    "erf",
    "exp",
    "expm1",
    "floor",
    "isfinite",
    "isnan",
    "log",
    "log10",
    "log1p",
    "log2",
    "log_sigmoid",
    "logical_not",
    "negative",
    "reciprocal",
    "relu",
    "round",
    "rsqrt",
    "sigmoid",
    "sign",
    "sin",
    "sinh",
    "softplus",
    "sqrt",
    "square",
    "stop_gradient",
    "tan",
    "tanh",
]
_TWO = ["logaddexp", "logical_and", "logical_or", "maximum", "minimum"]
_THREE = ("clip", "where")

FUNCTIONS: Mapping[str, int] = {
    **dict.fromkeys([*REDUCTIONS, *ALONG_LAST_AXIS, *_ONE], 1),
    **dict.fromkeys(_TWO, 2),
    **dict.fromkeys(_THREE, 3),
}
"""Every function, under its name in keras.ops, with the number of its arguments."""

_ELSEWHERE = {
    "y_true": LABEL,
    "label": LABEL,
    "target": LABEL,
    "y_pred": PREDICTION,
    "y_hat": PREDICTION,
    "prediction": PREDICTION,
    "output": PREDICTION,
    "reduce_mean": "mean",
    "reduce_sum": "sum",
    "if_else": "where",
    "ln": "log",
    "pow": "**",
}


def formula_problems(text: str) -> Iterator[Problem]:
    """Yield what is wrong with a formula."""
    found = list(refused_parts(text, _FormulaGrammar(text, {LABEL, PREDICTION, *CONSTANTS}, {*FUNCTIONS})))
    yield from found
    if not found and PREDICTION not in named(text):
        yield Problem(f"the formula does not use {PREDICTION}, the prediction")


class _FormulaGrammar(Grammar):
    """Walks a formula. Of arrays there is no truth and no text, and each function takes so many arguments."""

    other_operators: ClassVar[Mapping[type[ast.AST], tuple[str, str]]] = {
        **Grammar.other_operators,
        ast.BitAnd: ("&", "logical_and(a, b)"),
        ast.BitOr: ("|", "logical_or(a, b)"),
        ast.Invert: ("~", "logical_not(a)"),
    }

    def refused(self, node: ast.AST) -> Iterator[Problem]:
        match node:
            case ast.Constant(value=str() | None):
                yield self.problem(node, f"a formula calculates with numbers, got {self.text_of(node)}")
            case ast.BoolOp(op=operator, values=values):
                name = "logical_and" if isinstance(operator, ast.And) else "logical_or"
                instead = f"{name}({self.text_of(values[0])}, {self.text_of(values[1])})"
                yield self.problem(node, f"'and' and 'or' do not work on arrays; write {instead}")
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                yield self.problem(node, f"'not' does not work on arrays; write logical_not({self.text_of(operand)})")
            case ast.IfExp(test=test, body=body, orelse=orelse):
                instead = f"where({', '.join(map(self.text_of, (test, body, orelse)))})"
                yield self.problem(node, f"'if' does not work on arrays; write {instead}")
            case ast.Compare(ops=[_, _, *_]):
                yield self.problem(node, "comparisons cannot be chained; write logical_and(a < b, b < c)")
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), keywords=[keyword, *_]) if (
                name in FUNCTIONS
            ):
                why = (
                    "functions reduce the last axis, never the samples"
                    if keyword.arg == "axis"
                    else "arguments have no names"
                )
                yield self.problem(keyword, f"remove {self.text_of(keyword)}: {why}")
            case ast.Call(func=ast.Name(id=name), args=given, keywords=[]) if len(given) != FUNCTIONS.get(
                name, len(given)
            ):
                takes = plural(FUNCTIONS[name], "argument")
                yield self.problem(node, f"{name} takes {takes}, got {len(given)}{self._instead(name, given)}", name)
            case _:
                yield from super().refused(node)

    def _instead(self, name: str, given: Sequence[ast.expr]) -> str:
        """How to write what takes several arguments in Python: `max(a, b)`."""
        is_of_two = name in {"max", "min"} and len(given) == 2
        return f"; write {name}imum({', '.join(map(self.text_of, given))})" if is_of_two else ""

    def unknown(self, node: ast.AST, name: str, known: set[str], what: str) -> Problem:
        instead = _ELSEWHERE.get(name) or nearest(name, known)
        hint = f"did you mean '{instead}'?" if instead else f"available: {', '.join(sorted(known))}"
        return self.problem(node, f"unknown {what} '{name}'; {hint}", name)
