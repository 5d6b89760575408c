"""Orbax checkpoints written by a run, and restored."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from readme import example
from workplace import Trained, Workplace

pytest.importorskip("orbax.checkpoint", reason='Orbax is an extra: make test-extras, or pip install "trainctl[orbax]"')

pytestmark = [pytest.mark.tf, pytest.mark.slow]


def train(workplace: Workplace, exit_code: int = 0, epochs: int = 3, **arguments: Any) -> Trained:
    callback = {"OrbaxCheckpoint": {"directory": "checkpoints", **arguments}}
    return workplace.train(fit={"epochs": epochs}, callbacks=[callback], exit_code=exit_code)


def steps(run: Trained) -> list[int]:
    return sorted(int(path.name) for path in (run.directory / "checkpoints").iterdir() if path.name.isdigit())


def test_the_newest_checkpoint_is_the_model_with_its_optimizer(workplace: Workplace) -> None:
    import keras
    import numpy as np

    run = train(workplace)
    assert steps(run) == [2]
    restored = keras.saving.load_model(run.directory / "checkpoints")
    final = keras.saving.load_model(run.directory / "model.keras")
    for ours, theirs in zip(final.get_weights(), restored.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    for ours, theirs in zip(final.optimizer.variables, restored.optimizer.variables, strict=True):
        np.testing.assert_array_equal(np.asarray(ours), np.asarray(theirs))
    assert int(restored.optimizer.iterations) == 24


def test_the_example_of_the_readme(workplace: Workplace) -> None:
    assert steps(workplace.train(fit={"epochs": 4}, callbacks=[example("OrbaxCheckpoint")])) == [1, 2, 3]


@pytest.mark.parametrize(("max_to_keep", "kept"), [(2, [1, 2]), (None, [0, 1, 2])])
def test_how_many_stay(workplace: Workplace, max_to_keep: int | None, kept: list[int]) -> None:
    assert steps(train(workplace, max_to_keep=max_to_keep, save_on_background=False)) == kept


def test_the_best_only_within_the_epoch(workplace: Workplace) -> None:
    """Keras crashes at the second save, since it sets the direction only at the end of an epoch."""
    run = train(workplace, monitor="loss", save_best_only=True, save_freq=4, max_to_keep=None, epochs=2)
    assert steps(run)
    assert set(steps(run)) <= {4, 8, 12, 16}


def test_the_best_only(workplace: Workplace) -> None:
    """A threshold that nothing reaches: nothing is saved."""
    run = train(workplace, monitor="val_loss", save_best_only=True, initial_value_threshold=0.0)
    assert steps(run) == []


def test_weights_only_are_smaller(workplace: Workplace) -> None:
    def size(run: Trained) -> int:
        return sum(path.stat().st_size for path in Path(run.directory, "checkpoints").rglob("*") if path.is_file())

    assert size(train(workplace, save_weights_only=True)) < size(train(workplace))


def test_a_checkpoint_that_cannot_be_written_is_told(workplace: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keras closes the folder without a word about what went wrong in the background."""
    import trainctl.backend  # noqa: F401  # sees to it that Keras is imported as trainctl does
    from trainctl.components.callbacks.orbax_checkpoint_keras import TellingOrbaxCheckpoint

    class Failed:
        def result(self) -> None:
            raise OSError(28, "No space left on device")

    save = TellingOrbaxCheckpoint._save_checkpoint

    def save_badly(self: TellingOrbaxCheckpoint, step: int, logs: Any = None) -> None:
        save(self, step, logs)
        self._async_futures.append(Failed())

    monkeypatch.setattr(TellingOrbaxCheckpoint, "_save_checkpoint", save_badly)
    run = train(workplace, exit_code=7)
    assert "the disk is full" in run.stderr
