"""The scheduler tells each change of the rate, and nothing where there is none."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from trainctl.components.callbacks.learning_rate_scheduler import LearningRateScheduler
from trainctl.components.context import CallbackContext
from trainctl.events import CallbackNotice, Event

pytestmark = pytest.mark.tf


def test_each_change_is_told_once(tmp_path: Path) -> None:
    import keras

    heard: list[Event] = []
    context = CallbackContext(tmp_path, heard.append, lambda value: value)
    callback = LearningRateScheduler(schedule={"0": 0.5, "2": 0.25}).build(context)
    optimizer = keras.optimizers.SGD(0.5)
    callback.set_model(SimpleNamespace(optimizer=optimizer))
    for epoch in range(4):
        callback.on_epoch_begin(epoch)
    assert float(optimizer.learning_rate) == 0.25
    notices = [each for each in heard if isinstance(each, CallbackNotice)]
    assert [(each.callback, each.message) for each in notices] == [
        ("LearningRateScheduler", "learning_rate 0.5 → 0.25")
    ]
