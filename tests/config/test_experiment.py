"""The sections: one home for each setting, bounds that hold or do not, components at any depth."""

from __future__ import annotations

import math

import pytest

from trainctl.config.component import KerasComponent, walk_components
from trainctl.config.experiment import EXPECTATION, SECTIONS, Expectation, Experiment, home_of


@pytest.mark.parametrize(
    ("operator", "value", "holds"),
    [
        (">=", 0.9, True),
        (">=", 0.89, False),
        (">", 0.9, False),
        ("<=", 0.9, True),
        ("<", 0.9, False),
        ("<", 0.8, True),
        (">=", math.nan, False),
        ("<", math.nan, False),
    ],
)
def test_a_bound_holds_or_not(operator: str, value: float, holds: bool) -> None:
    bound = Expectation.model_validate({"metric": "val_auc", "operator": operator, "value": 0.9})
    assert bound.holds(value, 0.9) is holds


def test_what_an_expectation_says() -> None:
    best, over = Expectation.parse("val_loss", "best < 1e-3"), Expectation.parse("val_auc", "> baseline + 0.05")
    assert best is not None
    assert over is not None
    assert (best.called, best.value, best.over) == ("best val_loss", 1e-3, None)
    assert (over.called, over.value, over.over, over.wants_more) == ("val_auc", 0.05, "baseline", True)
    assert Expectation.parse("val_auc", "high") is None


@pytest.mark.parametrize(
    "text", [">= 0.93", "<1e-3", " > -.5 ", "<=3.", "best >= 1", "last<2", "> baseline", "< baseline - .1"]
)
def test_text_that_is_a_bound(text: str) -> None:
    assert EXPECTATION.fullmatch(text)


@pytest.mark.parametrize("text", ["0.93", "=> 0.93", ">= high", "== 1", "> baseline 0.1", "worst > 1", ">= 0.9 0.8"])
def test_text_that_is_none(text: str) -> None:
    assert not EXPECTATION.fullmatch(text)


@pytest.mark.parametrize(
    ("key", "home"),
    [("epochs", "fit"), ("batch_size", "data"), ("optimizer", "compile"), ("callbacks", ""), ("epoch", None)],
)
def test_each_setting_has_one_home(key: str, home: str | None) -> None:
    assert home_of(key) == home


def test_no_setting_has_two_homes() -> None:
    found = [name for spec in SECTIONS.values() for name in spec.model_fields if name != "name"]
    assert len(found) == len(set(found))
    assert not set(found) & set(Experiment.model_fields)


def test_components_are_found_at_any_depth_outer_first() -> None:
    inner = KerasComponent("regularizer", "L2")
    middle = KerasComponent("layer", "LSTM", {"kernel_regularizer": inner, "units": 8})
    outer = KerasComponent("layer", "Bidirectional", {"layer": middle, "weights": [1, "two"]})
    assert list(walk_components({"a": (outer, 3)})) == [outer, middle, inner]
    assert not list(walk_components("Dense"))


def test_an_identifier_is_written_in_lower_case() -> None:
    assert KerasComponent("optimizer", "adam").is_identifier
    assert not KerasComponent("optimizer", "Adam").is_identifier
