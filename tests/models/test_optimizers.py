"""MultiOptimizer from YAML: layers with optimizers, and so learning rates, of their own."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
from workplace import SMALL, Workplace

pytestmark = pytest.mark.tf

MODEL = {
    "layers": [
        {"Dense": {"units": 8, "activation": "relu", "name": "base"}},
        {"Dense": {"units": 3, "activation": "softmax", "name": "head"}},
    ]
}


def _compile(patterns: dict[str, Any]) -> dict[str, Any]:
    whole = {"OptimizerMap": {"default_optimizer": {"Adam": {"learning_rate": 0.01}}, "optimizer_map": patterns}}
    return {**SMALL["compile"], "optimizer": {"MultiOptimizer": {"optimizer_map": whole}}}


SCHEDULE = {"CosineDecay": {"initial_learning_rate": 0.1, "decay_steps": 16}}


def test_each_layer_is_trained_by_its_own_and_a_run_trained_longer_continues(workplace: Workplace) -> None:
    frozen, scheduled = {"SGD": {"learning_rate": 0.0}}, {"SGD": {"learning_rate": SCHEDULE}}
    sections: dict[str, Any] = {"model": MODEL, "compile": _compile({"base/.*": frozen, "head/.*": scheduled})}
    short = workplace.train(**sections, fit={"epochs": 1})
    longer = workplace.call("resume", str(short.directory), "-s", "fit.epochs=2")
    assert longer.exit_code == 0, longer.stderr
    straight = workplace.train(**sections, fit={"epochs": 2})
    one, two, other = (
        keras.models.load_model(directory / "model.keras").get_weights()
        for directory in (short.directory, straight.directory, workplace.train(**sections, fit={"epochs": 1}).directory)
    )
    for mine, theirs in zip(one, two, strict=True):
        np.testing.assert_array_equal(mine, theirs)
    np.testing.assert_array_equal(two[0], other[0])  # the base is not trained
    assert (two[2] != other[2]).any()


@pytest.mark.parametrize(
    ("patterns", "message"),
    [
        ({"bse/.*": "sgd"}, "no trainable variable matches 'bse/.*'"),
        ({"base/.*": "sgd", ".*/kernel": "adam"}, "base/kernel matches 'base/.*' and '.*/kernel'; it must match one"),
    ],
)
def test_patterns_that_match_nothing_or_overlap_are_refused(
    workplace: Workplace, patterns: dict[str, Any], message: str
) -> None:
    config = workplace.write(model=MODEL, compile=_compile(patterns))
    ended = workplace.call("validate", "--build", str(config))
    assert ended.exit_code == 5
    assert message in ended.stderr
