"""Formulas: what may be calculated of labels and predictions."""

from __future__ import annotations

import pytest

from trainctl.components.formulas import formula_problems


@pytest.mark.parametrize(
    "text",
    [
        "mean(abs(y - p) * where(y > p, 2, 1))",
        "-sum(y * log(p + 1e-7))",
        "p - mean(p)",
        "mean(abs(y - p)\n  * 2)",
        "where(logical_and(y > 0, p < pi), 1, clip(p, 0, 1)) ** 2",
    ],
)
def test_it_is_a_formula(text: str) -> None:
    assert list(formula_problems(text)) == []


@pytest.mark.parametrize(
    ("text", "message", "offset"),
    [
        ("y", "the formula does not use p, the prediction", None),
        ("men(p)", "unknown function 'men'; did you mean 'mean'?", 0),
        ("1 + y_pred", "unknown name 'y_pred'; did you mean 'p'?", 4),
        ("2 * abs(y, p)", "abs takes 1 argument, got 2", 4),
        ("max(y, p)", "max takes 1 argument, got 2; write maximum(y, p)", 0),
        ("mean(p, axis=0)", "remove axis=0: functions reduce the last axis, never the samples", 8),
        ("clip(p, x_min=0, x_max=1)", "remove x_min=0: arguments have no names", 8),
        ("1 if y else p", "'if' does not work on arrays; write where(y, 1, p)", 0),
        ("y and p", "'and' and 'or' do not work on arrays; write logical_and(y, p)", 0),
        ("not p", "'not' does not work on arrays; write logical_not(p)", 0),
        ("(y > 0) & (p > 0)", "the operator '&' is not allowed in an expression; write logical_and(a, b)", None),
        ("0 < p < 1", "comparisons cannot be chained; write logical_and(a < b, b < c)", 0),
        ("tf.abs(p)", "unknown function 'tf.abs'; write abs", 0),
        ("'a' * p", "cannot calculate with text: 'a' * p", 0),
        ("matmul(y, p)", None, 0),
        ("p.shape", None, 0),
        ("[p for p in y]", None, 0),
        ("ä + p", None, 0),
        ("p + ä", None, 4),
        ("p +", None, None),
    ],
)
def test_it_is_refused_at_its_word(text: str, message: str | None, offset: int | None) -> None:
    problem, *_ = formula_problems(text)
    assert problem.offset == offset
    assert message is None or problem.message == message
