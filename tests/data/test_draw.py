"""A fair order: every stretch of it is a draw in proportion, and the same generator gives the same one."""

from __future__ import annotations

import numpy as np
import pytest

from trainctl.data.draw import Rules, fair_order, last_first


def rng(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


@pytest.mark.parametrize("stratify", [False, True])
def test_it_holds_every_sample_once_and_depends_on_the_generator_alone(stratify: bool) -> None:
    y = np.arange(50) % 3
    order = fair_order(y, stratify, rng())
    assert sorted(order.tolist()) == list(range(50))
    assert order.tolist() == fair_order(y, stratify, rng()).tolist()
    assert order.tolist() != fair_order(y, stratify, rng(2)).tolist()


@pytest.mark.parametrize("length", [10, 25, 50, 90])
def test_a_stretch_holds_the_classes_in_proportion(length: int) -> None:
    y = np.repeat([0, 1], [80, 20])
    chosen = y[fair_order(y, True, rng())[:length]]
    assert abs(int((chosen == 1).sum()) - length / 5) <= 1


def test_a_rare_class_comes_last() -> None:
    y = np.array([0] * 20 + [1] * 2)
    order = fair_order(y, True, rng(), rare=3)
    assert set(y[order[-2:]].tolist()) == {1}


def test_labels_that_have_no_classes_are_drawn_by_chance() -> None:
    several = {"a": np.zeros(6), "b": np.zeros(6)}
    assert sorted(fair_order(several, True, rng()).tolist()) == list(range(6))
    assert sorted(fair_order(np.zeros((6, 2)), True, rng()).tolist()) == list(range(6))


def test_the_latest_come_first() -> None:
    when = np.array([3.0, 1.0, 2.0, 9.0])
    assert set(last_first(when, 2)[:2].tolist()) == {0, 3}


def test_nothing_is_split_unless_a_rule_says_so() -> None:
    assert (Rules().validation, Rules().test, Rules().limit, Rules().stratify) == (None, None, None, False)
