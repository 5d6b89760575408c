"""Which keys are in the logs at which moment."""

from __future__ import annotations

import pytest

from trainctl.config.component import KerasComponent
from trainctl.config.experiment import CompileSection, Experiment, FitSection
from trainctl.config.model.log_times import has_one_rate, is_ever_validated, is_last_validated, is_validated


def fitted(epochs: object, every: int = 1, first: int = 0) -> Experiment:
    section = FitSection.model_construct(epochs=epochs, validation_freq=every, initial_epoch=first)
    return Experiment.model_construct(fit=section)


@pytest.mark.parametrize(
    ("epochs", "every", "first", "ever", "last"),
    [
        (1, 1, 0, True, True),
        (3, 2, 0, True, False),
        (4, 2, 0, True, True),
        (3, 4, 0, False, False),
        (7, 4, 4, False, False),
        (8, 4, 4, True, True),
        (2, 1, 5, True, True),  # no epoch remains: another check says so
        ("later", 3, 0, True, True),
    ],
)
def test_validations(epochs: object, every: int, first: int, ever: bool, last: bool) -> None:
    assert is_ever_validated(fitted(epochs, every, first)) is ever
    assert is_last_validated(fitted(epochs, every, first)) is last


def test_a_validation_follows_each_of_them() -> None:
    assert is_validated(fitted(6, 2), 4)
    assert not is_validated(fitted(6, 2), 3)


@pytest.mark.parametrize(("name", "expected"), [("Adam", True), ("MultiOptimizer", False)])
def test_several_optimizers_have_several_rates(name: str, expected: bool) -> None:
    section = CompileSection.model_construct(optimizer=KerasComponent("optimizer", name))
    assert has_one_rate(Experiment.model_construct(compile=section)) is expected
