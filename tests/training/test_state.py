"""The state of training is captured as copies, and goes back only into the model it is of."""

from __future__ import annotations

import random
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from trainctl.errors import RunDirError
from trainctl.training import state

pytestmark = pytest.mark.tf


def model(units: int = 2, optimizer: object = "adam") -> keras.Model:
    keras.utils.clear_session()
    made = keras.Sequential([keras.Input((3,)), keras.layers.Dense(units), keras.layers.Dropout(0.5)])
    made.compile(optimizer, "mse", metrics=["mae"])
    state.build_optimizer(made)
    return made


X, Y = np.ones((4, 3), np.float32), np.ones((4, 2), np.float32)


def test_all_of_it_comes_back() -> None:
    first = model()
    first.fit(X, Y, epochs=2, verbose=0)
    random.seed(3)
    np.random.seed(3)
    kept = state.capture(first, {})
    expected = (random.random(), np.random.rand(), [v.numpy() for v in first.variables + first.optimizer.variables])
    digest = state.digest(first)
    first.fit(X, Y, verbose=0)
    assert state.digest(first) != digest  # what is kept are copies

    second = model()
    state.build_metrics(second, (X, Y))
    state.restore(second, {}, kept, metrics=True)
    assert state.digest(second) == digest
    for found, value in zip(second.variables + second.optimizer.variables, expected[2], strict=True):
        np.testing.assert_array_equal(found.numpy(), value)
    for name, values in zip(kept["metrics"]["paths"], kept["metrics"]["values"], strict=True):
        assert name
        assert any(np.array_equal(v.numpy(), values) for m in second.metrics for v in m.variables)
    assert (random.random(), np.random.rand()) == expected[:2]


def test_a_step_is_traced_once_and_no_metric_sees_what_is_no_data() -> None:
    seen = []

    class Least(keras.metrics.Metric):
        def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
            seen.append(tf.inside_function())

        def result(self) -> float:
            return 0.0

    given = keras.Input((3,))
    made = keras.Model(given, keras.layers.Dense(2)(given))
    made.compile("sgd", "mse", metrics=["accuracy", Least()])
    state.build_optimizer(made)
    state.build_metrics_early(made, (tf.constant(X), tf.constant(Y)))
    assert seen == []
    found = tf.function(made.train_step).get_concrete_function((X, Y))
    assert set(found.structured_outputs) == {"loss", "accuracy", "least"}
    assert seen == [True]


@pytest.mark.parametrize(
    ("other", "message"),
    [
        ({"units": 3}, "to another model: it has sequential/dense/kernel"),
        ({"optimizer": "sgd"}, "to another optimizer"),
    ],
)
def test_another_model_is_refused(other: dict[str, object], message: str) -> None:
    kept = state.capture(model(), {})
    with pytest.raises(RunDirError, match=message):
        state.restore(model(**other), {}, kept, metrics=False)  # type: ignore[arg-type]


def test_a_learning_rate_beside_it_counts_more() -> None:
    kept = state.capture(model(), {}) | {"learning_rate": 0.5}
    second = model()
    state.restore(second, {}, kept, metrics=False)
    assert float(second.optimizer.learning_rate) == 0.5


def test_a_state_with_nan_is_not_worth_keeping() -> None:
    made = model()
    assert state.is_finite(made, state.capture(made, {}))
    made.layers[0].bias.assign([0, np.inf])
    assert not state.is_finite(made, state.capture(made, {}))


def test_a_number_in_place_of_a_schedule_and_back() -> None:
    schedule = keras.optimizers.schedules.ExponentialDecay(0.5, 1, 0.5)
    for before, after, rate in ((schedule, 0.25, 0.25), (0.25, schedule, 0.5**5)):
        first, second = (model(optimizer=keras.optimizers.Adam(each, name="adam")) for each in (before, after))
        first.fit(X, Y, epochs=4, verbose=0)
        state.restore(second, {}, state.capture(first, {}) | {"learning_rate": None}, metrics=False)
        assert int(second.optimizer.iterations) == 4
        assert float(second.optimizer.learning_rate) == pytest.approx(rate)
