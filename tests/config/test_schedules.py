"""Schedules in plain Python, against Keras's own."""

import math

import pytest

from trainctl import catalog
from trainctl.config.component import KerasComponent
from trainctl.config.schedules import rate_of

CASES = [
    ("CosineDecay", {"initial_learning_rate": 0.1, "decay_steps": 7, "alpha": 0.2}),
    (
        "CosineDecay",
        {"initial_learning_rate": 0.0, "decay_steps": 7, "warmup_target": 0.3, "warmup_steps": 4},
    ),
    ("CosineDecayRestarts", {"initial_learning_rate": 0.1, "first_decay_steps": 3, "m_mul": 0.5, "alpha": 0.1}),
    ("CosineDecayRestarts", {"initial_learning_rate": 0.1, "first_decay_steps": 3, "t_mul": 1.0}),
    ("ExponentialDecay", {"initial_learning_rate": 0.1, "decay_steps": 3, "decay_rate": 0.5}),
    ("ExponentialDecay", {"initial_learning_rate": 0.1, "decay_steps": 3, "decay_rate": 0.5, "staircase": True}),
    ("InverseTimeDecay", {"initial_learning_rate": 0.1, "decay_steps": 3, "decay_rate": 0.5}),
    ("InverseTimeDecay", {"initial_learning_rate": 0.1, "decay_steps": 3, "decay_rate": 0.5, "staircase": True}),
    ("PiecewiseConstantDecay", {"boundaries": [2, 5], "values": [0.1, 0.2, 0.3]}),
    ("PolynomialDecay", {"initial_learning_rate": 0.1, "decay_steps": 7, "power": 2.0}),
    ("PolynomialDecay", {"initial_learning_rate": 0.1, "decay_steps": 3, "cycle": True}),
]


def test_every_schedule_of_keras_is_known() -> None:
    assert {name for name, _ in CASES} == set(catalog.names("schedule"))


@pytest.mark.tf
@pytest.mark.parametrize(("name", "arguments"), CASES)
def test_it_gives_what_keras_gives(name: str, arguments: dict[str, object]) -> None:
    import keras

    ours, theirs = (
        rate_of(KerasComponent("schedule", name, arguments)),
        getattr(keras.optimizers.schedules, name)(**arguments),
    )
    assert ours is not None
    for step in range(20):
        assert math.isclose(ours(step), float(theirs(step)), rel_tol=1e-4, abs_tol=1e-7), step


def test_a_fact_of_the_data_leaves_it_unknown() -> None:
    arguments = {"initial_learning_rate": 0.1, "decay_steps": object()}
    assert rate_of(KerasComponent("schedule", "CosineDecay", arguments)) is None
