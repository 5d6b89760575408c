"""Schedules in plain Python, against Keras's own."""

import math

import pytest

from trainctl import catalog
from trainctl.config.component import KerasComponent
from trainctl.config.schedules import in_steps, rate_of
from trainctl.config.text.nodes import Late

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
    assert {name for name, _ in CASES} == set(catalog.names("schedule")) - {"OneCycle", "Warmup"}


def one(name: str, **arguments: object) -> KerasComponent:
    return KerasComponent("schedule", name, arguments)


def test_one_cycle_is_a_cosine_with_a_warm_up() -> None:
    cycle = in_steps(one("OneCycle", max_learning_rate=0.5), epochs=10, steps_per_epoch=7)
    assert cycle is not None
    rate = rate_of(cycle)
    assert (cycle.name, rate is not None) == ("CosineDecay", True)
    assert rate is not None
    assert [rate(0), rate(21), rate(70)] == pytest.approx([0.02, 0.5, 2e-6])
    ends = {"initial_learning_rate": 0.1, "end_learning_rate": 0.2, "warmup_fraction": 0.5}
    shorter = in_steps(one("OneCycle", max_learning_rate=0.5, steps=10, **ends), epochs=None, steps_per_epoch=None)
    rate = rate_of(shorter) if shorter is not None else None
    assert rate is not None
    assert [rate(0), rate(5), rate(10), rate(99)] == pytest.approx([0.1, 0.5, 0.2, 0.2])


def test_a_warm_up_takes_a_growing_share() -> None:
    line = in_steps(one("Warmup", learning_rate=0.4, epochs=2), epochs=9, steps_per_epoch=2)
    rate = rate_of(line) if line is not None else None
    assert rate is not None
    assert [rate(step) for step in range(6)] == pytest.approx([0.1, 0.2, 0.3, 0.4, 0.4, 0.4])
    inner = one("ExponentialDecay", initial_learning_rate=0.8, decay_steps=2, decay_rate=0.5)
    warm = in_steps(one("Warmup", learning_rate=inner, steps=4), epochs=None, steps_per_epoch=None)
    rate, plain = (rate_of(each) if each is not None else None for each in (warm, inner))
    assert rate is not None
    assert plain is not None
    assert [rate(step) / plain(step) for step in range(5)] == pytest.approx([0.25, 0.5, 0.75, 1, 1])


def test_what_the_data_will_say_leaves_the_length_unknown() -> None:
    assert in_steps(one("OneCycle", max_learning_rate=0.5), epochs=3, steps_per_epoch=None) is None
    assert in_steps(one("Warmup", learning_rate=0.5, steps=Late("${data.steps_per_epoch}")), 3, 4) is None


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
