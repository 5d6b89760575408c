"""Expressions in a config, such as `lr if epoch < 15 else lr * 0.99`: arithmetic on data, not code.

Evaluated by simpleeval. (asteval, the other well-kept evaluator, interprets a whole language with loops and definitions
and needs NumPy, far more than is needed here.) A closed grammar of our own checks the text first: numbers, text,
names, arithmetic, comparison, `and`/`or`/`not`, `a if b else c`, `logs['loss']` and calls of known functions. There is no
attribute, no comprehension, no lambda, no format string and no loop, so an expression takes at most as many operations
as it has words, and their number is bounded.
"""

from __future__ import annotations

import ast
import math
import operator
import warnings
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from trainctl import limits
from trainctl.aliases import Function, Value

FUNCTIONS: dict[str, Function] = {
    "abs": abs,
    "ceil": math.ceil,
    "cos": math.cos,
    "exp": math.exp,
    "float": float,
    "floor": math.floor,
    "int": int,
    "isfinite": math.isfinite,
    "isnan": math.isnan,
    "log": math.log,
    "log10": math.log10,
    "max": max,
    "min": min,
    "round": lambda value, digits=None: round(float(value), digits if digits is None else int(digits)),
    "sin": math.sin,
    "sqrt": math.sqrt,
    "tanh": math.tanh,
}
CONSTANTS: dict[str, float] = {"pi": math.pi, "e": math.e, "inf": math.inf}


@dataclass(frozen=True, slots=True)
class Problem:
    """Why an expression is refused: the message, the word of it to point at, and where in the text that begins, from 0."""

    message: str
    word: str = ""
    offset: int | None = None


def problems(text: str, names: Collection[str], actions: Collection[str] = (), logs: bool = False) -> Iterator[Problem]:
    """What is wrong with the expression `text`, found without evaluating it.

    Args:
        text: The expression.
        names: The variables it may use, besides `pi`, `e` and `inf`.
        actions: The functions it may call, besides the mathematical ones.
        logs: Whether `logs['…']` may stand in it.
    """
    yield from refused_parts(text, Grammar(text, {*names, *CONSTANTS}, {*actions, *FUNCTIONS}, logs))


def refused_parts(text: str, grammar: Grammar) -> Iterator[Problem]:
    """Yield what is wrong with the expression `text` in the language that `grammar` knows."""
    if len(text) > limits.EXPRESSION:
        yield Problem(f"an expression can have at most {limits.EXPRESSION:,} characters, got {len(text):,}")
        return
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Python's own doubts about odd literals
            tree = _parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        at = getattr(error, "offset", None)
        offset = None if not at else len(text) - len(text.lstrip()) + at - 1
        yield Problem(f"not a valid expression: {getattr(error, 'msg', error)}", offset=offset)
        return
    if sum(1 for _ in ast.walk(tree)) > limits.EXPRESSION_PARTS:
        yield Problem(f"the expression is too long: it can have at most {limits.EXPRESSION_PARTS} parts")
        return
    yield from grammar.refused(tree.body)


def _parse(text: str) -> ast.Expression:
    """Return the tree of an expression; a line break in it is a space."""
    return ast.parse(text.strip().replace("\n", " "), mode="eval")


def logged_keys(text: str) -> Iterator[str]:
    """The keys that a sound expression reads from `logs`."""
    for node in ast.walk(_parse(text)):
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
            yield str(node.slice.value)


def named(text: str) -> set[str]:
    """The variables that a sound expression uses."""
    return {node.id for node in ast.walk(_parse(text)) if isinstance(node, ast.Name)}


def calls(text: str, action: str) -> Iterator[list[Value]]:
    """The literal arguments (`None` where one is calculated) of every call of `action` in a sound expression."""
    for node in ast.walk(_parse(text)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == action:
            yield [each.value if isinstance(each, ast.Constant) else None for each in node.args]


def evaluator(
    text: str, operators: Mapping[type[ast.AST], Function] | None = None
) -> Callable[[Mapping[str, Value], Mapping[str, Function]], Any]:
    """The sound expression `text`, ready to be evaluated often.

    Args:
        text: The expression.
        operators: What its operators do; by default they calculate with numbers.

    Returns:
        A function of the variables and the actions. It raises `ValueError` where the calculation fails.
    """
    import simpleeval

    tree = _parse(text).body

    def evaluate(names: Mapping[str, Value], actions: Mapping[str, Function]) -> Value:
        engine = simpleeval.SimpleEval(
            operators=operators or _OPERATORS, functions={**FUNCTIONS, **actions}, names={**CONSTANTS, **names}
        )
        try:
            return engine.eval(text, previously_parsed=tree)
        except (ArithmeticError, LookupError, TypeError, ValueError, simpleeval.InvalidExpression) as error:
            raise ValueError(f"{text.strip()}: {error}") from error

    return evaluate


def _numbers(function: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """The operator for numbers alone: on text, `*` and `%` make much out of little."""

    def apply(left: Any, right: Any) -> Value:
        if isinstance(left, str) or isinstance(right, str):
            raise TypeError("cannot calculate with text")
        return function(left, right)

    return apply


def _power(base: float, exponent: float) -> float:
    """As floating point: a huge integer power would take all memory, this overflows at once. Whole where both are."""
    power = float(float(base) ** float(exponent))
    are_whole = isinstance(base, int) and isinstance(exponent, int) and exponent >= 0
    return int(power) if are_whole and abs(power) < 2**53 else power


_OPERATORS: dict[type[ast.AST], Function] = {
    ast.Add: _numbers(operator.add),
    ast.Sub: _numbers(operator.sub),
    ast.Mult: _numbers(operator.mul),
    ast.Div: _numbers(operator.truediv),
    ast.FloorDiv: _numbers(operator.floordiv),
    ast.Mod: _numbers(operator.mod),
    ast.Pow: _numbers(_power),
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Not: operator.not_,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}

_OTHER_OPERATORS: Mapping[type[ast.AST], tuple[str, str]] = {
    ast.BitXor: ("^", "**"),
    ast.BitAnd: ("&", "and"),
    ast.BitOr: ("|", "or"),
    ast.Invert: ("~", "not"),
    ast.MatMult: ("@", ""),
    ast.LShift: ("<<", ""),
    ast.RShift: (">>", ""),
    ast.Is: ("is", "=="),
    ast.IsNot: ("is not", "!="),
    ast.In: ("in", ""),
    ast.NotIn: ("not in", ""),
}
"""The operators of Python that are not in the language, and what is meant."""

_REFUSED = {
    ast.Attribute: "attributes such as '{}' are not allowed",
    ast.Lambda: "functions cannot be defined here",
    ast.JoinedStr: "format strings are not allowed; pass several arguments to print",
    ast.ListComp: "comprehensions are not allowed",
    ast.SetComp: "comprehensions are not allowed",
    ast.DictComp: "comprehensions are not allowed",
    ast.GeneratorExp: "comprehensions are not allowed",
    ast.NamedExpr: "':=' is not allowed",
    ast.Starred: "'*' before an argument is not allowed",
    ast.Await: "'await' is not allowed",
}


_CONSTANT_PARTS = (ast.Constant, ast.BinOp, ast.UnaryOp, ast.operator, ast.unaryop)


class Grammar:
    """Walks an expression and yields every part that is not in the language.

    Args:
        text: The expression.
        names: The variables and constants.
        functions: The functions.
        logs: Whether `logs['…']` may stand in it.
    """

    other_operators: ClassVar[Mapping[type[ast.AST], tuple[str, str]]] = _OTHER_OPERATORS

    def __init__(self, text: str, names: set[str], functions: set[str], logs: bool = False) -> None:
        self.text, self.names, self.functions, self.logs = text.strip().replace("\n", " "), names, functions, logs
        self._indent = len(text) - len(text.lstrip())

    def refused(self, node: ast.AST) -> Iterator[Problem]:
        """Yield what is wrong with a part of the expression."""
        elsewhere = self._as_elsewhere(node)
        if elsewhere is not None:
            yield elsewhere
            return
        match node:
            case ast.Constant(value=bool() | int() | float() | str() | None):
                return
            case ast.Name(id=name):
                if name not in self.names:
                    yield self.unknown(node, name, self.names, "name")
            case ast.BinOp() | ast.UnaryOp() | ast.BoolOp() | ast.Compare() | ast.IfExp():
                yield from self._parts(node)
            case ast.Subscript(value=ast.Name(id="logs"), slice=ast.Constant(value=str())) if self.logs:
                return
            case ast.Call(func=ast.Name(id=name), keywords=[]):
                if name not in self.functions:
                    yield self.unknown(node, name, self.functions, "function")
                for argument in node.args:
                    yield from self.refused(argument)
            case _:
                said = _REFUSED.get(type(node), "'{}' is not allowed in an expression")
                yield self.problem(node, said.format(getattr(node, "attr", None) or self.text_of(node)))

    def _as_elsewhere(self, node: ast.AST) -> Problem | None:
        """Return how to write here what is written as in Python or TensorFlow; `None` for all else."""
        match node:
            case ast.Call(func=ast.Name(id="pow") | ast.Attribute(attr="pow"), args=[base, exponent], keywords=[]):
                name = self.text_of(node).partition("(")[0]
                instead = f"{self.text_of(base)} ** {self.text_of(exponent)}"
                return self.problem(node, f"unknown function '{name}'; write {instead}")
            case ast.Lambda(args=ast.arguments(args=names), body=body) if {each.arg for each in names} <= self.names:
                return self.problem(node, f"{_REFUSED[ast.Lambda]}; write {self.text_of(body)}")
            case ast.Call(func=ast.Attribute(attr=name) as function) if name in self.functions:
                return self.problem(function, f"unknown function '{self.text_of(function)}'; write {name}")
            case ast.Attribute(attr=name) if name in CONSTANTS:
                return self.problem(node, f"unknown name '{self.text_of(node)}'; write {name}")
        return None

    def text_of(self, node: ast.AST) -> str:
        """Return a part of the expression as it is written."""
        return ast.get_source_segment(self.text, node) or ""

    def problem(self, node: ast.AST, message: str, word: str | None = None) -> Problem:
        """Return the problem of a part: the message, and where the part is written."""
        before = self.text.encode()[: getattr(node, "col_offset", 0)].decode(errors="replace")
        return Problem(message, self.text_of(node) if word is None else word, self._indent + len(before))

    def _parts(self, node: ast.AST) -> Iterator[Problem]:
        if isinstance(node, ast.BinOp):
            yield from self._impossible(node)
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.operator | ast.unaryop | ast.cmpop):
                if type(child) not in _OPERATORS:
                    symbol, instead = self.other_operators[type(child)]
                    fix = f"; write {instead}" if instead else ""
                    yield Problem(f"the operator '{symbol}' is not allowed in an expression{fix}", symbol)
            elif not isinstance(child, ast.boolop):
                yield from self.refused(child)

    def _impossible(self, node: ast.BinOp) -> Iterator[Problem]:
        """A calculation with text, or one of constants alone that fails: a huge power, a division by zero."""
        word = self.text_of(node)
        if any(isinstance(side, ast.Constant) and isinstance(side.value, str) for side in (node.left, node.right)):
            yield self.problem(node, f"cannot calculate with text: {word}")
        elif all(isinstance(part, _CONSTANT_PARTS) for part in ast.walk(node)):
            try:
                evaluator(word)({}, {})
            except ValueError as error:
                yield self.problem(node, str(error))

    def unknown(self, node: ast.AST, name: str, known: set[str], what: str) -> Problem:
        """Return the problem of a name that is none of those that are `known`."""
        shown = sorted(known | {"logs['…']"} if self.logs and what == "name" else known)
        return self.problem(node, f"unknown {what} '{name}'; available: {', '.join(shown)}", name)
