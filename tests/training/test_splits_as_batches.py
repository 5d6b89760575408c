"""What `fit:` says of epochs, steps, validation and class weights holds in the run."""

from __future__ import annotations

from typing import Any

import pytest
from workplace import SMALL, Trained, Workplace

pytestmark = pytest.mark.tf


def train(workplace: Workplace, **fit: Any) -> Trained:
    return workplace.train(fit={"epochs": 2, **fit})


def test_epochs_before_the_first_count_as_trained(workplace: Workplace) -> None:
    run = train(workplace, epochs=4, initial_epoch=2)
    assert [line["epoch"] for line in run.history] == [3, 4]
    assert run.record["status"] == "done"


def test_an_epoch_may_be_shorter_or_longer_than_the_data(workplace: Workplace) -> None:
    short, long = (train(workplace, steps_per_epoch=steps) for steps in (3, 20))
    started = [[event["steps"] for event in run.events if event["event"] == "EpochStarted"] for run in (short, long)]
    assert started == [[3, 3], [20, 20]]


def test_validation_after_each_so_many_epochs(workplace: Workplace) -> None:
    run = train(workplace, epochs=4, validation_freq=2)
    assert ["val_loss" in line for line in run.history] == [False, True, False, True]


def test_validation_on_the_first_batches(workplace: Workplace) -> None:
    whole, part = (train(workplace, **more) for more in ({}, {"validation_steps": 1}))
    assert whole.history[0]["loss"] == part.history[0]["loss"]
    assert whole.history[0]["val_loss"] != part.history[0]["val_loss"]


def test_classes_are_weighed(workplace: Workplace) -> None:
    plain, even, double = (
        train(workplace, class_weight=weights).history[0]["loss"]
        for weights in (None, {"0": 1, "1": 1, "2": 1}, {"0": 2, "1": 2, "2": 2})
    )
    assert plain == pytest.approx(even, rel=1e-5)
    assert double == pytest.approx(2 * plain, rel=0.2)  # weights that were trained otherwise


def test_the_direction_of_an_outputs_metric_is_known(workplace: Workplace) -> None:
    config = {"Synthetic": {"samples": 60, "shape": [4], "classes": {"a": 3, "b": 2}}}
    layers = [
        {"Dense": {"units": n, "activation": "softmax", "name": name}, "from": "input"}
        for name, n in (("a", 3), ("b", 2))
    ]
    run = workplace.train(
        data={"source": config, "validation_split": 0.2},
        model={"layers": layers, "outputs": ["a", "b"]},
        compile={**SMALL["compile"], "metrics": ["accuracy"]},
        callbacks=[{"EarlyStopping": {"monitor": "val_a_accuracy", "patience": 1}}],
        expect={"val_b_accuracy": ">= 0"},
    )
    assert run.record["status"] == "done"
