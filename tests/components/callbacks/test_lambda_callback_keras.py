"""Expressions at Keras's hooks: what they see, and what they do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.tf


class Model:
    """As much of a Keras model as the actions touch."""

    def __init__(self) -> None:
        self.stop_training = False
        self.saved: list[str] = []
        self.save_weights = self.save = self._keep

    def _keep(self, path: str) -> None:
        self.saved.append(Path(path).name.split(".", 1)[-1])
        Path(path).touch()


def callback(directory: Path, heard: list[Any], **hooks: list[str]) -> Any:
    from trainctl.components.callbacks.lambda_callback_keras import ExpressionCallback
    from trainctl.components.context import CallbackContext

    found = ExpressionCallback(hooks, CallbackContext(directory, heard.append, lambda value: value))
    found.set_model(Model())
    return found


def test_an_expression_reads_the_epoch_the_batch_and_the_logs(tmp_path: Path) -> None:
    heard: list[Any] = []
    found = callback(tmp_path, heard, on_epoch_end=["print(epoch, logs['loss'] * 2)"], on_batch_end=["print(batch)"])
    found.on_train_batch_end(3, {"loss": 1.0})
    found.on_epoch_end(4, {"loss": 0.5})
    assert [event.message for event in heard] == ["3", "4 1.0000"]


def test_what_is_recorded_is_in_the_logs_of_those_that_follow(tmp_path: Path) -> None:
    found = callback(tmp_path, [], on_epoch_end=["record('gap', logs['val_loss'] - logs['loss'])"])
    logs = {"loss": 1.0, "val_loss": 1.5}
    found.on_epoch_end(0, logs)
    assert logs["gap"] == 0.5


def test_it_stops_and_saves(tmp_path: Path) -> None:
    found = callback(
        tmp_path, [], on_epoch_end=["epoch >= 1 and stop_training()"], on_train_end=["save('a/{epoch}.keras')"]
    )
    found.on_epoch_end(0, {})
    assert not found.model.stop_training
    found.on_epoch_end(1, {})
    assert found.model.stop_training
    found.on_train_end({})
    assert (tmp_path / "a" / "2.keras").is_file()


def test_one_hook_under_two_names_runs_both(tmp_path: Path) -> None:
    heard: list[Any] = []
    found = callback(tmp_path, heard, on_batch_end=["print('a')"], on_train_batch_end=["print('b')"])
    found.on_train_batch_end(0, {})
    assert [event.message for event in heard] == ["a", "b"]
