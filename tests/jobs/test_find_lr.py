"""`find-lr` as a job: the whole test of an experiment, the same for the same seed, and ranges that make no curve."""

from __future__ import annotations

from pathlib import Path

import pytest
from workplace import Workplace

from trainctl.errors import UsageError
from trainctl.jobs.find_lr import require_range


@pytest.mark.parametrize(("lowest", "highest", "steps"), [(0, 1, 100), (1, 1, 100), (1e-6, 1, 19)])
def test_a_range_needs_two_ends_and_enough_steps(lowest: float, highest: float, steps: int) -> None:
    with pytest.raises(UsageError):
        require_range(lowest, highest, steps)


@pytest.mark.tf
def test_an_experiment_is_tested_from_the_lowest_rate_until_it_breaks(workplace: Workplace) -> None:
    from trainctl.config.load import load
    from trainctl.jobs.find_lr import find_lr

    file = workplace.write(
        data={"source": "Digits", "batch_size": 64},
        model={"layers": ["Flatten", {"Dense": {"units": 10}}]},
        compile={"optimizer": "sgd", "loss": {"SparseCategoricalCrossentropy": {"from_logits": True}}},
    )
    told: list[None] = []
    loaded = load(str(file), ["compile.optimizer.learning_rate=1e-6"])
    found = find_lr(loaded, print, lambda: told.append(None), lowest=1e-6, highest=10, steps=80)
    assert len(told) == len(found.losses) == len(found.learning_rates)
    assert found.learning_rates[0] == pytest.approx(1e-6)
    assert found.suggestion is not None
    assert 1e-6 < found.suggestion < found.lowest_at
    assert found.broke_at is not None
    again = find_lr(loaded, print, lambda: None, lowest=1e-6, highest=10, steps=80)
    assert again == found, "the same seed gives the same curve"


@pytest.mark.tf
def test_losses_that_are_not_finite_are_an_error(workplace: Workplace, tmp_path: Path) -> None:
    import numpy as np

    from trainctl.config.load import load
    from trainctl.errors import TrainingError
    from trainctl.jobs.find_lr import find_lr

    np.savez(tmp_path / "nan.npz", x=np.full((40, 4), np.nan, np.float32), y=np.zeros(40, np.float32))
    file = workplace.write(
        data={"source": {"NPZ": {"path": str(tmp_path / "nan.npz")}}},
        model={"layers": [{"Dense": {"units": 1}}]},
        compile={"optimizer": "sgd", "loss": "mse"},
    )
    with pytest.raises(TrainingError, match="not finite at a learning rate of 1e-05"):
        find_lr(load(str(file)), lambda _: None, lambda: None, lowest=1e-5, highest=1, steps=20)
