"""Expressions: what may be calculated, and that nothing else can be done."""

from __future__ import annotations

import math
import time

import pytest

from trainctl import limits
from trainctl.components.expressions import calls, evaluator, logged_keys, problems

ATTACKS = [
    "().__class__.__bases__[0].__subclasses__()",
    "__import__('os').system('true')",
    "lr.__class__",
    "lr.real",
    "open('/etc/passwd')",
    "eval('1')",
    "exec('1')",
    "getattr(lr, 'real')",
    "globals()",
    "[x for x in (1, 2)]",
    "{x for x in (1, 2)}",
    "{x: x for x in (1, 2)}",
    "sum(x for x in (1, 2))",
    "(lambda: 1)()",
    "lambda: 1",
    "f'{lr:>1000000000}'",
    "'{0.__class__}'.format(lr)",
    "'%1000000000d' % 1",
    "'a' * 10000000000",
    "10000000000 * 'a'",
    "9 ** 9 ** 9 ** 9",
    "9.0 ** 999999",
    "1 << 999999999",
    "1 / 0",
    "(x := 3)",
    "print(*logs)",
    "print(**logs)",
    "max(1, 2, key=abs)",
    "logs",
    "logs[epoch]",
    "logs['a']['b']",
    "logs['loss'].real",
    "[1, 2]",
    "(1, 2)",
    "{}",
    "...",
    "b'bytes'",
    "1j",
    "lr if",
    "lr; lr",
    "import os",
    "lr = 1",
    "",
    "   ",
    "1\x002",
    "(" * 300 + ")" * 300,
    "1 + " * 400 + "1",
    "+" * 900 + "1",
    "1" * (limits.EXPRESSION + 1),
    "~1",
    "1 @ 2",
    "lr is None",
    "'a' in 'abc'",
    "await lr",
    "yield",
]


@pytest.mark.parametrize("attack", ATTACKS, ids=range(len(ATTACKS)))
def test_what_is_no_calculation_is_refused_without_being_evaluated(attack: str) -> None:
    began = time.monotonic()
    assert list(problems(attack, ("epoch", "lr"), ("print",), logs=True))
    assert time.monotonic() - began < 60  # a bomb that goes off would take longer, or all memory


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("lr if epoch < 15 else lr * 0.99", 0.099),
        ("lr * exp(-0.1 * epoch)", 0.1 * math.exp(-2.0)),
        ("max(lr, 1e-3) + min(epoch, 3)", 3.1),
        ("0.5 * lr * (1 + cos(pi * epoch / 40))", 0.05 * (1 + math.cos(math.pi / 2))),
        ("floor(epoch / 7) % 2", 0),
        ("sqrt(16) - log(e)", 3.0),
        ("not epoch < 3 and lr > 0", True),
        ("0 < epoch <= 20 or False", True),
        ("2 ** 10", 1024.0),
        ("-epoch // 3", -7),
        ("round(2.6) == 3", True),
        ("inf", math.inf),
    ],
)
def test_arithmetic(text: str, value: float) -> None:
    assert list(problems(text, ("epoch", "lr"))) == []
    assert evaluator(text)({"epoch": 20, "lr": 0.1}, {}) == pytest.approx(value)


def test_logs_and_actions() -> None:
    text = "logs['loss'] < 0.5 and stop('now', logs['loss'])"
    assert list(problems(text, (), ("stop",), logs=True)) == []
    said: list[tuple[object, ...]] = []
    evaluate = evaluator(text)
    evaluate({"logs": {"loss": 0.9}}, {"stop": lambda *given: said.append(given)})
    evaluate({"logs": {"loss": 0.1}}, {"stop": lambda *given: said.append(given)})
    assert said == [("now", 0.1)]
    assert list(logged_keys(text)) == ["loss", "loss"]
    assert list(calls(text, "stop")) == [["now", None]]


@pytest.mark.parametrize(
    "text",
    ["1 / epoch", "log(epoch)", "logs['absent']", "2.0 ** (epoch + 99999)", "'a' + 'b' if epoch else 1 + logs['x']"],
)
def test_a_calculation_that_fails_says_which(text: str) -> None:
    with pytest.raises(ValueError, match=r".+: .+"):
        evaluator(text)({"epoch": 0, "logs": {"x": "text"}}, {})


def test_an_unknown_name_lists_the_known_ones() -> None:
    (problem,) = problems("lrr * 2", ("epoch", "lr"))
    assert problem.word == "lrr"
    assert "epoch, inf, lr, pi" in problem.message
