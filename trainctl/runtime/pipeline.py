"""From arrays to batches: the order of the samples is a function of seed and epoch, so that a run can resume anywhere.

Keras's own `fit(x=array, shuffle=True)` repeats one order in every epoch once a seed is set, and cannot start midway.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import tensorflow as tf

if TYPE_CHECKING:
    from numpy.typing import NDArray

_BATCHES_AHEAD = 4


def steps(samples: int, batch_size: int) -> int:
    """How many batches hold `samples` samples; the last one may be smaller."""
    return -(-samples // batch_size)


def training(
    x: NDArray[Any], y: NDArray[Any], batch_size: int, shuffle: bool, seed: int, start_step: int | tf.Tensor = 0
) -> tf.data.Dataset:
    """Batches (x, y) without end, epoch after epoch of `steps(len(x), batch_size)` each.

    Args:
        x: Inputs (n, …).
        y: Labels (n, …).
        batch_size: Samples a batch; the last batch of an epoch holds the rest.
        shuffle: Whether each epoch has an order of its own, which depends on `seed` and the epoch alone.
        seed: For the orders.
        start_step: The global step, from 0, at which to begin; a scalar int64 where it is a tensor.
    """
    count = len(x)
    per_epoch = steps(count, batch_size)
    first_epoch, first_step = start_step // per_epoch, start_step % per_epoch

    def epoch(number: tf.Tensor) -> tf.data.Dataset:
        order = tf.range(count)
        if shuffle:
            order = tf.random.experimental.stateless_shuffle(order, seed=[tf.cast(seed, tf.int64), number])
        begin = tf.where(tf.equal(number, first_epoch), tf.cast(first_step, tf.int64), 0)
        return tf.data.Dataset.range(begin, per_epoch).map(lambda step: _slice(order, step, batch_size))

    with tf.device("CPU"):  # else TensorFlow would keep the whole data on the GPU and copy each batch back
        inputs, labels = tf.constant(x), tf.constant(y)
    batches = tf.data.Dataset.range(first_epoch, tf.int64.max).flat_map(epoch)
    return _ahead(batches.map(lambda chosen: (tf.gather(inputs, chosen), tf.gather(labels, chosen))))


class Epochs:
    """The training data as Keras goes through it: once an epoch, each time from the step it is told to begin at.

    Keras begins a new iteration with each epoch, and each iteration reads where to begin. So the last call of a step of
    several batches ends where the epoch ends, and a run resumes in the middle of an epoch within one `fit`.

    Args:
        batches: Batches without end from a global step on, a scalar int64 tensor.
        steps: Batches of an epoch.
    """

    def __init__(self, batches: Callable[[tf.Tensor], tf.data.Dataset], steps: int) -> None:
        self.steps = steps
        with tf.device("CPU"):
            self._start_and_rest = tf.Variable([0, steps], dtype=tf.int64, trainable=False)
        self.dataset = _untuned(tf.data.Dataset.from_tensors(0).flat_map(lambda _: self._rest(batches)))
        # The epoch in which a run resumes is shorter; Keras, which asks once, has to know how long the others are.
        self.dataset.cardinality = lambda: tf.constant(steps, tf.int64)

    def begin_at(self, epoch: int, step: int) -> None:
        """Let the next iterations go through `epoch` (from 0) from `step` (from 0) on; there may be none left."""
        self._start_and_rest.assign([epoch * self.steps + step, self.steps - step])

    def _rest(self, batches: Callable[[tf.Tensor], tf.data.Dataset]) -> tf.data.Dataset:
        position = self._start_and_rest.read_value()
        return batches(position[0]).take(position[1])  # tf.unstack crashes TensorFlow 2.21's rewriting of `take`


def evaluation(x: NDArray[Any], y: NDArray[Any], batch_size: int) -> tf.data.Dataset:
    """Batches (x, y) of all samples once, in order; their number is known to Keras."""
    with tf.device("CPU"):
        inputs, labels = tf.constant(x), tf.constant(y)
    batches = tf.data.Dataset.range(steps(len(x), batch_size))
    return _ahead(batches.map(lambda step: (_slice(inputs, step, batch_size), _slice(labels, step, batch_size))))


def _ahead(batches: tf.data.Dataset) -> tf.data.Dataset:
    """The batches, a few of them made while the model works."""
    return _untuned(batches.prefetch(_BATCHES_AHEAD))


def _untuned(batches: tf.data.Dataset) -> tf.data.Dataset:
    """The batches without TensorFlow's tuning.

    It has nothing to tune here, halves the pipeline's speed by measuring it, and its thread, measured in TensorFlow 2.21,
    now and then holds up the end of training for seconds.
    """
    options = tf.data.Options()
    options.autotune.enabled = False
    return batches.with_options(options)


def _slice(values: tf.Tensor, step: tf.Tensor, size: int) -> tf.Tensor:
    begin = step * size
    return values[begin : begin + size]
