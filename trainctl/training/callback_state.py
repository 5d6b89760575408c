"""What a callback remembers between two steps, as plain values and arrays.

A callback of ours, or of the user's, says so itself with two methods, called between steps:

    def state_dict(self) -> dict: ...             # plain values and NumPy arrays
    def load_state_dict(self, state) -> None: ... # after on_train_begin, which resets Keras's callbacks

For Keras's own classes it is a list of attributes. What can be made anew from the settings, such as `monitor_op`, is not
kept: Keras makes it once, and changes the sign of `min_delta` on the way.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from trainctl.aliases import Value
from trainctl.backend import keras
from trainctl.training.callback_failure import attribute_errors

_ATTRIBUTES: dict[type, tuple[str, ...]] = {
    keras.callbacks.EarlyStopping: ("wait", "stopped_epoch", "best", "best_epoch", "best_weights"),
    keras.callbacks.ReduceLROnPlateau: ("wait", "cooldown_counter", "best"),
    keras.callbacks.ModelCheckpoint: (
        "best",
        "_batches_seen_since_last_saving",
        "_last_batch_seen",
        "_current_epoch",
    ),
    keras.callbacks.OrbaxCheckpoint: (
        "best",
        "_batches_seen_since_last_saving",
        "_last_batch_seen",
        "_total_batches_seen",
    ),
    keras.callbacks.SwapEMAWeights: ("_ema_weights_in_model",),
    keras.callbacks.CSVLogger: ("keys",),
    keras.callbacks.History: ("history", "epoch"),
}


def state_of(callback: keras.callbacks.Callback) -> dict[str, Value]:
    """What `callback` remembers, as copies: it is written while training goes on. Empty where it has nothing to say.

    Raises:
        CallbackFailure: It raised.
    """
    if hasattr(callback, "state_dict"):
        with attribute_errors(callback, "state_dict"):
            return {name: _copied(value, arrays=True) for name, value in dict(callback.state_dict()).items()}
    # Keras replaces its arrays, the best weights among them, and changes none
    return {name: _copied(getattr(callback, name)) for name in _attributes(callback) if hasattr(callback, name)}


def _copied(value: Value, *, arrays: bool = False) -> Any:
    if isinstance(value, dict):
        return {key: _copied(each, arrays=arrays) for key, each in value.items()}
    if type(value) in {list, tuple}:
        return type(value)(_copied(each, arrays=arrays) for each in value)
    return value.copy() if arrays and isinstance(value, np.ndarray) else value


def load_state(callback: keras.callbacks.Callback, state: Mapping[str, Value]) -> None:
    """Let `callback` remember `state`, as `state_of` gave it.

    Raises:
        CallbackFailure: It raised.
    """
    if hasattr(callback, "load_state_dict"):
        with attribute_errors(callback, "load_state_dict"):
            callback.load_state_dict(dict(state))
        return
    for name in _attributes(callback):
        if name in state:
            setattr(callback, name, state[name])


def _attributes(callback: keras.callbacks.Callback) -> tuple[str, ...]:
    return next((names for kind, names in _ATTRIBUTES.items() if isinstance(callback, kind)), ())
