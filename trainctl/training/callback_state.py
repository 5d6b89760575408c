"""What a callback remembers between two steps, as plain values and arrays.

A callback of ours, or of the user's, says so itself with two methods, called between steps:

    def state_dict(self) -> dict: ...             # plain values and NumPy arrays
    def load_state_dict(self, state) -> None: ... # after on_train_begin, which resets Keras's callbacks

For Keras's own classes, and a class that has no such methods, it is `state_attributes`: names of attributes, declared by the
class or by Keras's that it derives from. What can be created again from the settings, such as `monitor_op`, is not
kept: Keras makes it once, and changes the sign of `min_delta` on the way.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from trainctl.aliases import Value
from trainctl.backend import keras
from trainctl.components.declared import state_attributes
from trainctl.training.callback_failure import attribute_errors


def state_of(callback: keras.callbacks.Callback) -> dict[str, Value]:
    """Return a copy of the state of `callback`, since it is written while training continues; empty if it has none.

    Raises:
        CallbackFailure: It raised.
    """
    if hasattr(callback, "state_dict"):
        with attribute_errors(callback, "state_dict"):
            return {name: _copied(value, arrays=True) for name, value in dict(callback.state_dict()).items()}
    # Keras replaces its arrays, the best weights among them, and changes none; a user's class may
    kind: type = type(callback)
    is_users = not kind.__module__.startswith(("keras.", "trainctl."))
    names = [name for name in state_attributes(kind) if hasattr(callback, name)]
    return {name: _copied(getattr(callback, name), arrays=is_users) for name in names}


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
    kind: type = type(callback)
    for name in state_attributes(kind):
        if name in state:
            setattr(callback, name, state[name])
