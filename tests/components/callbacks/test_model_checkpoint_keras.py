"""ModelCheckpoint through YAML: what is saved when, under which name, and never half."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from workplace import Trained, Workplace

from trainctl.components.callbacks.model_checkpoint_keras import AtomicModelCheckpoint
from trainctl.components.context import CallbackContext

pytestmark = pytest.mark.tf


def train(workplace: Workplace, *args: str, exit_code: int = 0, **arguments: Any) -> Trained:
    checkpoint = {"ModelCheckpoint": {"monitor": "val_loss", **arguments}}
    return workplace.train(*args, callbacks=[checkpoint], fit={"epochs": 3}, exit_code=exit_code)


def saved(run: Trained, pattern: str) -> list[str]:
    return sorted(str(path.relative_to(run.directory)) for path in run.directory.glob(pattern))


def test_every_epoch_under_a_name_of_its_own(workplace: Workplace) -> None:
    run = train(workplace, filepath="checkpoints/cp-{epoch:04d}-{val_loss:.4f}.keras")
    names = [f"checkpoints/cp-{line['epoch']:04d}-{line['val_loss']:.4f}.keras" for line in run.history]
    assert saved(run, "checkpoints/*") == names
    assert run.notices("ModelCheckpoint") == [f"saved {name}" for name in names]
    told = [event["event"] for event in run.events if event["event"] in {"EpochEnded", "CallbackNotice"}]
    assert told == ["EpochEnded", "CallbackNotice"] * 3  # after the epoch that it is of
    last = keras.models.load_model(run.directory / names[-1])
    final = keras.models.load_model(run.directory / "model.keras")
    for ours, theirs in zip(last.get_weights(), final.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_only_the_best(workplace: Workplace) -> None:
    run = train(workplace, filepath="best.keras", monitor="val_loss", mode="max", save_best_only=True)
    losses = [line["val_loss"] for line in run.history]
    times_better = sum(loss > max([-np.inf, *losses[:number]]) for number, loss in enumerate(losses))
    notices = run.notices("ModelCheckpoint")
    assert len(notices) == times_better < 3
    assert notices[0] == f"saved best.keras (val_loss {losses[0]:.4f})"
    assert saved(run, "best*") == ["best.keras"]


def test_nothing_is_better_than_the_threshold(workplace: Workplace) -> None:
    run = train(workplace, filepath="best.keras", save_best_only=True, initial_value_threshold=0.0)
    assert saved(run, "best*") == []


def test_weights_only(workplace: Workplace) -> None:
    run = train(workplace, filepath="cp.weights.h5", save_weights_only=True)
    model = keras.models.load_model(run.directory / "model.keras")
    final = model.get_weights()
    model.set_weights([np.zeros_like(weight) for weight in final])
    model.load_weights(run.directory / "cp.weights.h5")
    for ours, theirs in zip(model.get_weights(), final, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_every_so_many_batches(workplace: Workplace) -> None:
    run = train(workplace, filepath="cp-{epoch}.keras", save_freq=5)
    assert len(run.notices("ModelCheckpoint")) == 3 * 8 // 5
    assert saved(run, "cp-*") == ["cp-1.keras", "cp-2.keras", "cp-3.keras"]


def test_every_so_many_batches_the_best(workplace: Workplace) -> None:
    run = train(workplace, filepath="best.keras", save_freq=4, save_best_only=True, monitor="loss")
    assert saved(run, "best*") == ["best.keras"]
    assert 1 <= len(run.notices("ModelCheckpoint")) <= 6


def test_a_metric_without_a_direction_does_not_matter_where_all_are_saved(workplace: Workplace) -> None:
    run = train(workplace, filepath="cp.keras", monitor="loss")
    assert len(run.notices("ModelCheckpoint")) == 3


def test_an_absolute_path_is_taken_as_it_is(workplace: Workplace) -> None:
    place = workplace.folder / "elsewhere" / "best.keras"
    train(workplace, filepath=str(place))
    assert place.exists()


def test_a_name_that_leads_out_of_the_run_is_refused(tmp_path: Path) -> None:
    context = CallbackContext(tmp_path / "run", lambda _: None, lambda value: value)
    checkpoint = AtomicModelCheckpoint(context, filepath="{epoch:c}{epoch:c}/x.keras")  # YAML would not get so far
    with pytest.raises(ValueError, match=r"'\.\./x\.keras' is outside the run directory"):
        checkpoint._save_model(ord(".") - 1, None, {})


def test_a_failing_save_ends_the_run(workplace: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    save = keras.Model.save

    def second_time_full(model: Any, name: str) -> None:
        calls.append(name)
        if len(calls) == 2:
            Path(name).write_text("half")
            raise OSError(28, "No space left on device")
        save(model, name)

    monkeypatch.setattr(keras.Model, "save", second_time_full)
    run = train(workplace, filepath="cp.keras", exit_code=7)
    assert "the disk is full" in run.record["error"]["message"]
    keras.models.load_model(run.directory / "cp.keras")
    assert saved(run, "*.keras") == ["cp.keras"]


def test_a_best_model_that_is_gone_is_reported_at_resume(workplace: Workplace) -> None:
    run = train(workplace, filepath="best.keras", save_best_only=True)
    (run.directory / "best.keras").unlink()
    ended = workplace.call("resume", str(run.directory), "--set", "fit.epochs=4")
    assert ended.exit_code == 0, ended.stderr
    best = min(line["val_loss"] for line in run.history[:3])
    gone = f"best.keras, the best so far (val_loss {best:.4f}), is gone; only a better one is saved from here on"
    assert run.notices("ModelCheckpoint").count(gone) == 1
    assert ended.stderr.count(gone) == 1


def test_a_best_model_that_is_there_is_not(workplace: Workplace) -> None:
    run = train(workplace, filepath="best.keras", save_best_only=True)
    assert workplace.call("resume", str(run.directory), "--set", "fit.epochs=4").exit_code == 0
    assert not [notice for notice in run.notices("ModelCheckpoint") if "gone" in notice]
