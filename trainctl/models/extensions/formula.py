"""A formula over keras.ops: what loss and metric `Expression` calculate."""

from __future__ import annotations

import ast
from collections.abc import Callable
from functools import partial

from trainctl.aliases import Function, Tensors
from trainctl.backend import keras
from trainctl.components.expressions import evaluator
from trainctl.components.formulas import ALONG_LAST_AXIS, FUNCTIONS, LABEL, PREDICTION, REDUCTIONS


def compute_values(formula: str) -> Callable[[Tensors, Tensors], Tensors]:
    """Return the formula as a function of labels and predictions.

    Returns:
        A function of labels (samples, …, values) and predictions of the same shape, either without a last axis of one value,
        that gives float32 (samples, …): one value for each place. It raises `ValueError` where the shapes differ.
    """
    evaluate = evaluator(formula, _operators())
    functions = _functions()

    def values(y_true: Tensors, y_pred: Tensors) -> Tensors:
        y, p = _aligned(_as_float(y_true), _as_float(y_pred))
        found = _as_float(evaluate({LABEL: y, PREDICTION: p}, functions))
        return keras.ops.mean(found, axis=-1)

    return values


def _as_float(value: Tensors) -> Tensors:
    return keras.ops.cast(keras.ops.convert_to_tensor(value), keras.backend.floatx())


def _aligned(y: Tensors, p: Tensors) -> tuple[Tensors, Tensors]:
    """Labels and predictions with the same axes: what would be broadcast is (n,) against (n, 1), or (n, 1) against (n, k)."""
    longest = max(len(y.shape), len(p.shape), 2)
    y, p = (keras.ops.expand_dims(each, -1) if len(each.shape) == longest - 1 else each for each in (y, p))
    differ = [a != b for a, b in zip(y.shape[1:], p.shape[1:], strict=False) if a is not None and b is not None]
    if len(y.shape) != len(p.shape) or any(differ):
        raise ValueError(f"labels of shape {tuple(y.shape[1:])} do not match outputs of shape {tuple(p.shape[1:])}")
    return y, p


def _functions() -> dict[str, Function]:
    functions: dict[str, Function] = {name: getattr(keras.ops, name) for name in FUNCTIONS if hasattr(keras.ops, name)}
    for name in REDUCTIONS:
        functions[name] = partial(functions[name], axis=-1, keepdims=True)
    for name in ALONG_LAST_AXIS:
        functions[name] = partial(functions[name], axis=-1)
    functions["where"] = lambda condition, *values: keras.ops.where(keras.ops.cast(condition, "bool"), *values)
    return {name: _of_floats(function) for name, function in functions.items()}


def _operators() -> dict[type[ast.AST], Function]:
    """What the operators of a formula do."""
    ops = keras.ops
    operators: dict[type[ast.AST], Function] = {
        ast.Add: ops.add,
        ast.Sub: ops.subtract,
        ast.Mult: ops.multiply,
        ast.Div: ops.true_divide,
        ast.FloorDiv: ops.floor_divide,
        ast.Mod: ops.mod,
        ast.Pow: ops.power,
        ast.USub: ops.negative,
        ast.UAdd: lambda value: value,
        ast.Eq: ops.equal,
        ast.NotEq: ops.not_equal,
        ast.Lt: ops.less,
        ast.LtE: ops.less_equal,
        ast.Gt: ops.greater,
        ast.GtE: ops.greater_equal,
    }
    return {kind: _of_floats(operator) for kind, operator in operators.items()}


def _of_floats(function: Function) -> Function:
    """The function of floats: of integers 10**10 would be 1,410,065,408 and 2**40 be 0, and comparisons could not be added."""
    return lambda *values: function(*map(_as_float, values))
