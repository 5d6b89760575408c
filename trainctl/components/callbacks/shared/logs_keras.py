"""The logs of training: what Keras measured, as Python values for the callbacks, and as numbers for the record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from trainctl.aliases import Logs, Value
from trainctl.backend import keras

RATE = "learning_rate"
_LONGEST = 1000


def as_python(logs: Logs) -> dict[str, Value]:
    """Return the logs as Keras hands them to callbacks: keys sorted, mappings flattened, scalars as floats.

    Args:
        logs: What Keras passes; values of any kind. What is no scalar becomes a NumPy array, or stays as it is.
    """
    found: dict[str, Value] = {}
    for key, value in sorted((logs or {}).items()):
        if isinstance(value, Mapping):
            found |= as_python(value)
        else:
            found[key] = _plain(value)
    return found


def _plain(value: Value) -> Value:
    if keras.ops.is_tensor(value):
        value = keras.ops.convert_to_numpy(value)
    try:
        return float(value)
    except (TypeError, ValueError):
        return value


def scalars(logs: Mapping[str, Value]) -> dict[str, float]:
    """Return those of the logs that are one number each."""
    return {key: float(value) for key, value in logs.items() if is_scalar(value)}


def is_scalar(value: Value) -> bool:
    """Return whether `value` is one number: of Python, of NumPy, or an array of shape ()."""
    if isinstance(value, int | float | np.number | np.bool_):
        return True
    return isinstance(value, np.ndarray) and value.ndim == 0 and value.dtype.kind in "biuf"


def vector(value: Value) -> Sequence[float] | None:
    """Return the numbers of a list or an array of shape (k,), of at most 1,000 numbers; `None` of anything else."""
    if not isinstance(value, list | tuple | np.ndarray) or not len(np.shape(value)) > 0 or not len(value):
        return None
    numbers = [float(each) for each in value if is_scalar(each)] if len(value) <= _LONGEST else []
    return numbers if len(numbers) == len(value) else None


class EpochLogs:
    """The logs of one epoch: what the callbacks share, and what of it Keras itself would give.

    A value for each class is there as their mean, which a callback can watch, and as one number for each class, as
    `f1_score/cat`. The learning rate is there from the start.

    Args:
        logs: What Keras passes.
        rate: The learning rate, where there is one.
        class_names: The names of the classes; none where they have none.
    """

    def __init__(self, logs: Logs, rate: float | None, class_names: Sequence[str] = ()) -> None:
        self._original = as_python(logs)
        self._rate = rate
        self.shared = dict(self._original)
        self._ours: dict[str, float] = {}
        for key, value in self._original.items():
            numbers = vector(value)
            if numbers is not None:
                self._ours |= {key: float(np.mean(numbers)), **dict(elements(key, numbers, class_names))}
        if rate is not None and RATE not in self.shared:
            self._ours[RATE] = rate
        self.shared |= self._ours

    def of_keras(self) -> dict[str, Value]:
        """Return the logs as they are without trainctl, with what callbacks have added so far."""
        ours = self._ours
        added = {key: value for key, value in self.shared.items() if key not in ours or value is not ours[key]}
        return dict(sorted({**self._original, **added}.items()))


def elements(key: str, numbers: Sequence[float], class_names: Sequence[str] = ()) -> Iterator[tuple[str, float]]:
    """Yield each number under a key of its own: `f1_score/cat`, or `f1_score/0` where the classes have no such names."""
    names = class_names if len(class_names) == len(numbers) else [str(index) for index in range(len(numbers))]
    yield from ((f"{key}/{name}", number) for name, number in zip(names, numbers, strict=True))


def recorded(logs: Mapping[str, Value]) -> dict[str, float]:
    """Return what is written down of the logs: the numbers, and those of short lists, each under a key of its own."""
    found: dict[str, float] = {}
    for key, value in logs.items():
        numbers = vector(value)
        if is_scalar(value):
            found[key] = float(value)
        elif numbers is not None:
            found |= dict(elements(key, numbers))
    return found


def measured(results: Mapping[str, Value], class_names: Sequence[str] = ()) -> dict[str, float]:
    """Return what an evaluation measured, `loss` first, as an epoch's logs would have it."""
    found = recorded(EpochLogs(results, None, class_names).shared)
    return dict(sorted(found.items(), key=lambda item: item[0] != "loss"))


class NumberHistory(keras.callbacks.History):
    """Keras's History of the numbers in the logs: a snapshot holds it, and can hold no other values."""

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Keep the numbers."""
        super().on_epoch_end(epoch, recorded(logs or {}))
