"""Errors of callbacks: which callback raised, and in which method."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from trainctl.backend import keras
from trainctl.errors import TrainctlError


class CallbackFailure(Exception):
    """A callback raised an exception. Holds the exception, since Keras cuts the chain of causes.

    Args:
        callback: Its name.
        method: Keras's hook, `state_dict` or `load_state_dict`.
        error: What it raised.
    """

    def __init__(self, callback: str, method: str, error: Exception) -> None:
        super().__init__(f"{callback} failed in {method}: {type(error).__name__}: {error}")
        self.error = error


@contextmanager
def attribute_errors(callback: keras.callbacks.Callback, method: str) -> Iterator[None]:
    """Name `callback` and `method` in an exception raised inside the block; errors that say more are kept.

    Raises:
        CallbackFailure: It raised.
    """
    try:
        yield
    except (TrainctlError, FloatingPointError, MemoryError):
        raise
    except Exception as error:
        raise CallbackFailure(_name(callback), method, error) from error


def _name(callback: keras.callbacks.Callback) -> str:
    """Return the callback's name in a config: of a class of ours, what it says or the name of Keras's class."""
    if type(callback).__module__.startswith("trainctl.") and hasattr(callback, "called"):
        return str(callback.called)
    names = [kind.__name__ for kind in type(callback).__mro__ if kind.__module__.startswith("keras.src.callbacks.")]
    own = type(callback).__name__
    return names[0] if names and names[0] not in {"Callback", "MonitorCallback"} else own
