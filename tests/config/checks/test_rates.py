"""Learning rates that a schedule will give."""

from collections.abc import Callable

import pytest

from trainctl.diagnostics import Diagnostic

Problems = Callable[..., list[Diagnostic]]

BAD = [
    ("PolynomialDecay: {initial_learning_rate: 0.1, decay_steps: 10, power: -1}", "divides by zero at step 10"),
    ("InverseTimeDecay: {initial_learning_rate: 0.1, decay_steps: 10, decay_rate: -1}", "divides by zero at step 10"),
    ("InverseTimeDecay: {initial_learning_rate: 0.1, decay_steps: 10, decay_rate: -1.7}", "gives the learning rate -"),
    ("ExponentialDecay: {initial_learning_rate: 0.1, decay_steps: 10, decay_rate: -0.9}", "fails at step 1"),
    (
        "ExponentialDecay: {initial_learning_rate: 0.1, decay_steps: 10, decay_rate: -0.9, staircase: true}",
        "gives the learning rate -0.09 at step 10",
    ),
    ("CosineDecay: {initial_learning_rate: 0.1, decay_steps: 10, alpha: -1}", "gives the learning rate -"),
    ("CosineDecayRestarts: {initial_learning_rate: 0.1, first_decay_steps: 10, t_mul: 0.5}", "fails at step 20"),
    (
        "CosineDecayRestarts: {initial_learning_rate: 0.1, first_decay_steps: 10, m_mul: -1}",
        "gives the learning rate -",
    ),
    (
        "PiecewiseConstantDecay: {boundaries: [5, 9], values: [0.1, -0.1, 0.1]}",
        "gives the learning rate -0.1 at step 6",
    ),
    ("PiecewiseConstantDecay: {boundaries: [9, 5], values: [0.1, 0.2, 0.3]}", "`boundaries` must ascend, got [9, 5]"),
    ("PiecewiseConstantDecay: {boundaries: [5, 9], values: [0.1, 0.2]}", "one entry more than `boundaries`: 3, got 2"),
    ("PiecewiseConstantDecay: {boundaries: [], values: [0.1]}", "`boundaries` is empty"),
    ("ExponentialDecay: {initial_learning_rate: 0.1, decay_steps: 1, decay_rate: 1.1}", "raises the learning rate to"),
    ("CosineDecay: {initial_learning_rate: 0.0, decay_steps: 10}", "gives the learning rate 0 throughout"),
]

GOOD = [
    "PolynomialDecay: {initial_learning_rate: 0.1, decay_steps: 10, cycle: true}",
    "PolynomialDecay: {initial_learning_rate: 0.001, decay_steps: 10, end_learning_rate: 0.1}",
    "InverseTimeDecay: {initial_learning_rate: 0.1, decay_steps: 10, decay_rate: 0.5, staircase: true}",
    "CosineDecay: {initial_learning_rate: 0.0, decay_steps: 10, warmup_target: 0.1, warmup_steps: 10}",
    "CosineDecayRestarts: {initial_learning_rate: 0.1, first_decay_steps: 10, t_mul: 1.0}",
    "PiecewiseConstantDecay: {boundaries: [5, 9], values: [0.1, 0.2, 0]}",
]


def _with(experiment: str, schedule: str) -> str:
    return experiment.replace("learning_rate: 1e-3", f"learning_rate: {{{schedule}}}")


@pytest.mark.parametrize(("schedule", "message"), BAD)
def test_a_bad_schedule_is_told(problems: Problems, experiment: str, schedule: str, message: str) -> None:
    found = problems(_with(experiment, schedule))
    assert message in found[0].message
    assert [str(each.location).split(":")[1] for each in found] == ["10"] * len(found)


@pytest.mark.parametrize("schedule", GOOD)
def test_a_good_schedule_is_not(problems: Problems, experiment: str, schedule: str) -> None:
    assert problems(_with(experiment, schedule)) == []


def test_what_comes_after_the_training_does_not_matter(problems: Problems, experiment: str) -> None:
    text = _with(experiment, "InverseTimeDecay: {initial_learning_rate: 0.1, decay_steps: 100, decay_rate: -1}")
    assert [each.code for each in problems(text)] == ["bad-rate"]
    assert problems(text.replace("epochs: 5", "epochs: 5\n  steps_per_epoch: 2")) == []


@pytest.mark.parametrize(
    ("schedule", "message"),
    [
        ('"lr / epoch"', "LearningRateScheduler divides by zero at epoch 0"),
        ('"0.01 / (epoch - 3)"', "LearningRateScheduler gives the learning rate -0.00333333 at epoch 0"),
        ('"lr - 0.0004"', "LearningRateScheduler gives the learning rate -0.0002 at epoch 2"),
        ('"log(epoch)"', "LearningRateScheduler fails at epoch 0"),
        ('"lr * 100"', "LearningRateScheduler raises the learning rate to 10 by epoch 1, from 0.001"),
        ("{CosineDecay: {initial_learning_rate: 0.1, decay_steps: 4, alpha: -1}}", "LearningRateScheduler gives the"),
    ],
)
def test_a_planned_rate_is_evaluated(problems: Problems, experiment: str, schedule: str, message: str) -> None:
    text = experiment.replace("TerminateOnNaN", f"LearningRateScheduler: {{schedule: {schedule}}}")
    [problem] = problems(text)
    assert problem.message.startswith(message)
    assert str(problem.location).startswith("experiment.yaml:17:")


@pytest.mark.parametrize("schedule", ['"lr if epoch < 2 else lr * 0.9"', "{0: 1e-3, 2: 1e-4}", '"0.1 / (epoch + 1)"'])
def test_a_sound_plan_is_not_told(problems: Problems, experiment: str, schedule: str) -> None:
    text = experiment.replace("TerminateOnNaN", f"LearningRateScheduler: {{schedule: {schedule}, warmup: 2}}")
    assert problems(text) == []
