"""Keras's checkpoints, with the direction of a metric set before it is needed, and not where nobody needs it."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = pytest.mark.tf


def checkpoint(tmp_path: Any, **arguments: Any) -> Any:
    import keras

    from trainctl.components.callbacks.shared.checkpoint_keras import BestKept

    class Checkpoint(BestKept, keras.callbacks.ModelCheckpoint):
        pass

    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile(optimizer="sgd", loss="mse")
    found = Checkpoint(str(tmp_path / "a.keras"), **arguments)
    found.set_model(model)
    found.on_train_begin()
    return found


def test_a_metric_that_nobody_watches_is_not_refused(tmp_path: Any) -> None:
    found = checkpoint(tmp_path, monitor="no_such_metric")
    found.on_epoch_begin(0)
    found.on_epoch_end(0, {"loss": 1.0})
    assert (tmp_path / "a.keras").is_file()


def test_the_best_is_kept_also_within_an_epoch(tmp_path: Any) -> None:
    found = checkpoint(tmp_path, monitor="loss", save_best_only=True, save_freq=1)
    found.on_epoch_begin(0)
    found.on_train_batch_end(0, {"loss": 1.0})
    assert found.best == 1.0
    found.on_train_batch_end(1, {"loss": 2.0})
    assert found.best == 1.0
