"""MultiOptimizer from YAML: layers with optimizers, and so learning rates, of their own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from workplace import SMALL, Workplace

from trainctl.config.load import load
from trainctl.training.train import prepare

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


DEEP = [{"Dense": {"units": 8, "name": "base"}}, {"LayerNormalization": {"name": "norm"}}, MODEL["layers"][1]]
ADAMW = {"learning_rate": 0.01, "weight_decay": 0.5}


def _by_hand(run_directory: Path, optimizer: keras.optimizers.Optimizer) -> tuple[list[Any], list[Any]]:
    """The weights that the run's model has, and those that Keras trains from the same start in the same order."""
    built = prepare(load(str(run_directory / "resolved.yaml")), 7, lambda _: None)
    script = keras.models.clone_model(built.model)
    script.set_weights(built.model.get_weights())
    script.compile(
        optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"], jit_compile=built.model.jit_compile
    )
    for batch in built.data.training().take(2 * built.data.facts["steps_per_epoch"]):
        script.train_on_batch(*batch)
    return keras.models.load_model(run_directory / "model.keras").get_weights(), script.get_weights()


def test_excluded_weights_do_not_decay_as_in_keras(workplace: Workplace) -> None:
    beside = {"AdamW": ADAMW, "exclude": ["bias", "gamma", "head/kernel"]}
    run = workplace.train(model={"layers": DEEP}, compile={**SMALL["compile"], "optimizer": beside})
    optimizer = keras.optimizers.AdamW(**ADAMW)
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "head/kernel"])
    mine, theirs = _by_hand(run.directory, optimizer)
    for one, other in zip(mine, theirs, strict=True):
        np.testing.assert_array_equal(one, other)
    _, decayed = _by_hand(run.directory, keras.optimizers.AdamW(**ADAMW))
    assert [bool((one != other).any()) for one, other in zip(mine, decayed, strict=True)] == [True] * len(mine)


def _scheduled(factor: float = 1.0) -> keras.optimizers.Optimizer:
    rate = keras.optimizers.schedules.CosineDecay(0.1 * factor, 16)
    return keras.optimizers.AdamW(rate, weight_decay=0.5)


def test_layers_have_their_factor_of_a_scheduled_rate_and_of_the_decay_also_after_a_resume(
    workplace: Workplace,
) -> None:
    beside = {
        "AdamW": {"learning_rate": SCHEDULE, "weight_decay": 0.5},
        "learning_rate_multiplier": {"base": 0.1, "no*": 0.5},
    }
    sections: dict[str, Any] = {"model": {"layers": DEEP}, "compile": {**SMALL["compile"], "optimizer": beside}}
    straight = workplace.train(**sections)
    mapped = keras.optimizers.OptimizerMap(_scheduled(), {"base/.*": _scheduled(0.1), "norm/.*": _scheduled(0.5)})
    mine, theirs = _by_hand(straight.directory, keras.optimizers.MultiOptimizer(mapped))
    for one, other in zip(mine, theirs, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)
    short = workplace.train(**sections, fit={"epochs": 1})
    assert workplace.call("resume", str(short.directory), "-s", "fit.epochs=2").exit_code == 0
    resumed = keras.models.load_model(short.directory / "model.keras").get_weights()
    for one, other in zip(mine, resumed, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("name", ["SGD", "RMSprop", "Nadam", "Lion", "Muon", "LossScaleOptimizer"])
def test_the_factor_holds_for_other_optimizers_and_while_a_callback_reduces_the_rate(
    workplace: Workplace, name: str
) -> None:
    inner = {"inner_optimizer": {"SGD": {"learning_rate": 0.01}}}
    arguments = inner if name == "LossScaleOptimizer" else {"learning_rate": 0.01}
    reduce = {"ReduceLROnPlateau": {"monitor": "loss", "min_delta": 100.0, "patience": 1, "factor": 0.5}}
    weights = {}
    for factor in (1.0, 1e-6):
        beside = {name: arguments, "learning_rate_multiplier": {"base": factor}}
        callbacks = [] if name == "LossScaleOptimizer" else [reduce]
        sections: dict[str, Any] = {"compile": {**SMALL["compile"], "optimizer": beside}, "callbacks": callbacks}
        run = workplace.train(model=MODEL, fit={"epochs": 3}, **sections)
        weights[factor] = keras.models.load_model(run.directory / "model.keras").get_weights()
    start = prepare(load(str(run.directory / "resolved.yaml")), 7, lambda _: None).model.get_weights()
    np.testing.assert_allclose(weights[1e-6][0], start[0], atol=1e-4)
    assert abs(weights[1.0][0] - start[0]).max() > 1e-3
    assert abs(weights[1e-6][2] - start[2]).max() > 1e-3


@pytest.mark.parametrize(
    ("optimizer", "message"),
    [
        ({"AdamW": None, "exclude": ["bias", "gama"]}, "no trainable variable matches 'gama'"),
        ({"AdamW": None, "exclude": ["(bias"]}, "'(bias' is not a regular expression"),
        ({"Adam": None, "exclude": ["bias"]}, "exclude has no effect: Adam has no weight decay"),
        ({"Adam": None, "learning_rate_multiplier": {"bse": 0.1}}, "no layer with trainable variables matches 'bse'"),
        (
            {"Adam": None, "learning_rate_multiplier": {"base": 0.1, "b*": 1}},
            "base/kernel matches 'base' and 'b*'; it must match one",
        ),
    ],
)
def test_what_beside_the_optimizer_matches_nothing_is_refused(
    workplace: Workplace, optimizer: dict[str, Any], message: str
) -> None:
    config = workplace.write(model=MODEL, compile={**SMALL["compile"], "optimizer": optimizer})
    ended = workplace.call("validate", "--build", str(config))
    assert ended.exit_code == 5
    assert message in ended.stderr
