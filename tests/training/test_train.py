"""The main job: the same seed gives the same weights, and what is kept is what is reported."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
from workplace import SMALL, Trained, Workplace

pytestmark = pytest.mark.tf


def weights(run: Trained) -> list[Any]:
    return keras.models.load_model(run.directory / "model.keras").get_weights()


def same(first: Trained, second: Trained) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(weights(first), weights(second), strict=True))


WITH_DROPOUT = {
    "layers": [
        {"Dense": {"units": 8, "activation": "relu"}},
        {"Dropout": {"rate": 0.5}},
        {"Dense": {"units": 3, "activation": "softmax"}},
    ]
}


def test_the_seed_decides_every_bit(workplace: Workplace) -> None:
    first, again, other = (workplace.train(seed=seed, model=WITH_DROPOUT) for seed in (7, 7, 8))
    assert same(first, again)
    assert not same(first, other)


def test_shuffling_is_on_unless_switched_off(workplace: Workplace) -> None:
    ordered = {**SMALL["data"], "shuffle": False}
    shuffled, first, again = (workplace.train(data=data) for data in (SMALL["data"], ordered, ordered))
    assert same(first, again)
    assert not same(shuffled, first)


def test_a_callback_that_watches_changes_no_weight(workplace: Workplace) -> None:
    callbacks = [{"TensorBoard": {"histogram_freq": 1}}, {"CSVLogger": {"filename": "x.csv"}}, "TerminateOnNaN"]
    assert same(workplace.train(), workplace.train(callbacks=callbacks))


def test_a_test_split_changes_neither_name_nor_number_of_the_metrics_before(workplace: Workplace) -> None:
    run = workplace.train(data={**SMALL["data"], "test_split": 0.2})
    assert run.record["data"]["test_samples"] == 30
    assert list(run.record["metrics"]) == ["loss", "accuracy", "val_loss", "val_accuracy", "test_loss", "test_accuracy"]
    model = keras.models.load_model(run.directory / "model.keras")
    assert model.compiled


def test_without_validation(workplace: Workplace) -> None:
    run = workplace.train(data={"source": "Iris"}, expect={"loss": "< 100"})
    assert list(run.record["metrics"]) == ["loss", "accuracy"]


def test_facts_of_the_data_may_size_the_model(workplace: Workplace) -> None:
    layers = [{"Dense": {"units": "${data.num_classes}", "activation": "softmax"}}]
    optimizer = {
        "Adam": {
            "learning_rate": {"CosineDecay": {"initial_learning_rate": 0.1, "decay_steps": "${data.steps_per_epoch}"}}
        }
    }
    run = workplace.train(model={"layers": layers}, compile={**SMALL["compile"], "optimizer": optimizer})
    assert weights(run)[0].shape == (4, 3)
    assert run.history[-1]["learning_rate"] == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("precision", ["mixed_bfloat16", "float64"])
def test_precision_reaches_the_model(workplace: Workplace, precision: str) -> None:
    run = workplace.train(execution={"precision": precision})
    model = keras.models.load_model(run.directory / "model.keras")
    assert {layer.dtype_policy.name for layer in model.layers[1:]} == {precision}
    assert workplace.train().record["status"] == "done"


def test_numbers_to_predict(workplace: Workplace) -> None:
    run = workplace.train(
        data={"source": "Diabetes", "validation_split": 0.2},
        model={"layers": [{"Dense": {"units": 1}}]},
        compile={"optimizer": "adam", "loss": "mse", "metrics": ["mae"]},
        expect={"val_mae": "<= 1000"},
    )
    assert list(run.record["metrics"]) == ["loss", "mae", "val_loss", "val_mae"]
    assert run.record["data"]["num_classes"] is None


def test_the_last_batch_may_be_smaller(workplace: Workplace) -> None:
    run = workplace.train(data={**SMALL["data"], "batch_size": 50})
    assert run.record["data"]["steps_per_epoch"] == 3
    assert [event["steps"] for event in run.events if event["event"] == "EpochEnded"] == [3, 3]


def test_which_way_is_better_is_told_and_recorded(workplace: Workplace) -> None:
    metrics = ["accuracy", {"SparseTopKCategoricalAccuracy": {"k": 2, "name": "quality"}}]
    run = workplace.train(compile={**SMALL["compile"], "metrics": metrics})
    built = next(event for event in run.events if event["event"] == "ModelBuilt")
    assert built["directions"] == run.record["directions"] == {"loss": "min", "accuracy": "max", "quality": "max"}


def test_gradients_accumulated_beyond_the_end_are_refused_once_the_steps_are_known(workplace: Workplace) -> None:
    optimizer = {"Adam": {"gradient_accumulation_steps": 17}}
    config = workplace.write(compile={**SMALL["compile"], "optimizer": optimizer})
    assert workplace.call("validate", config).exit_code == 0
    ended = workplace.call("validate", "--build", config)
    assert ended.exit_code == 3
    assert "gradient_accumulation_steps: 17 is more than the 16 steps of the whole training" in ended.stderr


def test_a_class_without_a_weight_is_told(workplace: Workplace) -> None:
    source = {"Synthetic": {"samples": 60, "shape": [4], "classes": 3}}
    run = workplace.train(
        data={**SMALL["data"], "source": source}, fit={"epochs": 1, "class_weight": {"0": 2.0, "1": 3.0}}
    )
    assert "class_weight has no weight for 1 class: 2; each counts 1" in run.stderr
