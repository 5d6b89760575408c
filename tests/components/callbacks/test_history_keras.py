"""Keras's History, of what a snapshot can hold."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from trainctl.components.callbacks.history import History
from trainctl.components.context import CallbackContext

pytestmark = pytest.mark.tf


def test_numbers_are_kept_and_all_else_is_left_out(tmp_path: Path) -> None:
    found = History().build(CallbackContext(tmp_path, print, lambda value: value))
    found.set_model(SimpleNamespace())
    found.on_train_begin()
    found.on_epoch_end(0, {"loss": np.float32(0.5), "f1": np.array([0.25, 0.75]), "note": "text", "nothing": None})
    found.on_epoch_end(1, {"loss": 0.25})
    assert found.history == {"loss": [0.5, 0.25], "f1/0": [0.25], "f1/1": [0.75]}
    assert found.epoch == [0, 1]
