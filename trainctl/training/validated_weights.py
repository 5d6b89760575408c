"""Which weights each validation measured, so that the number reported is a number of the weights that are kept.

After the last validation weights still change: Keras puts an optimizer's moving averages in place, EarlyStopping restores
an epoch's, a callback of its own does what it likes.
"""

from __future__ import annotations

from collections.abc import Mapping

from trainctl.aliases import Logs, Value
from trainctl.backend import keras, tf

_WHOLE = {1: tf.int8, 2: tf.int16, 4: tf.int32, 8: tf.int64}


class ValidatedWeights(keras.callbacks.Callback):
    """Remembers a checksum of the weights at each validation; the last callback of the list, behind those that swap weights."""

    def __init__(self) -> None:
        super().__init__()
        self._epoch = 0
        self._of_epoch: dict[int, int] = {}

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        """Note the epoch."""
        self._epoch = epoch + 1

    def on_test_begin(self, logs: Logs = None) -> None:
        """Note the weights that are about to be measured."""
        self._of_epoch[self._epoch] = checksum(self.model)

    def measured(self, epoch: int) -> bool:
        """Return whether the validation after `epoch` (from 1) measured the weights that the model has now."""
        return self._of_epoch.get(epoch) == checksum(self.model)

    def state_dict(self) -> dict[str, Value]:
        """Return the checksums so far."""
        return {"epochs": list(self._of_epoch), "checksums": list(self._of_epoch.values())}

    def load_state_dict(self, state: Mapping[str, Value]) -> None:
        """Go on with the epochs of an earlier session."""
        self._of_epoch = dict(zip(state["epochs"], state["checksums"], strict=True))


def checksum(model: keras.Model) -> int:
    """Return the sum of the bits of all weights as integers, the same in whatever order they are added."""
    sums = [_bits(tf.convert_to_tensor(weight.value)) for weight in model.weights if weight.dtype != "string"]
    return int(tf.add_n(sums).numpy()) if sums else 0


def _bits(value: tf.Tensor) -> tf.Tensor:
    value = tf.cast(value, tf.uint8) if value.dtype == tf.bool else value
    return tf.reduce_sum(tf.cast(tf.bitcast(value, _WHOLE[value.dtype.size]), tf.int64))
