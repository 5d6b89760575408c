"""From arrays to batches: the order of the samples is a function of seed and epoch, so that a run can resume anywhere.

Keras's own `fit(x=array, shuffle=True)` repeats one order in every epoch once a seed is set, and cannot start midway.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import tensorflow as tf

if TYPE_CHECKING:
    from numpy.typing import NDArray

_BATCHES_AHEAD = 4


def steps(samples: int, batch_size: int) -> int:
    """How many batches hold `samples` samples; the last one may be smaller."""
    return -(-samples // batch_size)


def steps_at_once(wanted: int, per_epoch: int) -> int:
    """The largest number up to `wanted` that divides the steps of an epoch."""
    return max(count for count in range(1, min(wanted, per_epoch) + 1) if per_epoch % count == 0)


def training(
    x: NDArray[Any], y: NDArray[Any], batch_size: int, shuffle: bool, seed: int, start_step: int = 0
) -> tf.data.Dataset:
    """Batches (x, y) without end, epoch after epoch; to be used with `steps_per_epoch=steps(len(x), batch_size)`.

    Args:
        x: Inputs (n, …).
        y: Labels (n, …).
        batch_size: Samples a batch; the last batch of an epoch holds the rest.
        shuffle: Whether each epoch has an order of its own, which depends on `seed` and the epoch alone.
        seed: For the orders.
        start_step: The global step, from 0, at which to begin.
    """
    count = len(x)
    per_epoch = steps(count, batch_size)
    first_epoch, first_step = divmod(start_step, per_epoch)

    def epoch(number: tf.Tensor) -> tf.data.Dataset:
        order = tf.range(count)
        if shuffle:
            order = tf.random.experimental.stateless_shuffle(order, seed=[tf.cast(seed, tf.int64), number])
        begin = tf.where(tf.equal(number, first_epoch), tf.cast(first_step, tf.int64), 0)
        return tf.data.Dataset.range(begin, per_epoch).map(lambda step: _slice(order, step, batch_size))

    with tf.device("CPU"):  # else TensorFlow would keep the whole data on the GPU and copy each batch back
        inputs, labels = tf.constant(x), tf.constant(y)
    batches = tf.data.Dataset.counter(first_epoch).flat_map(epoch)
    return _ahead(batches.map(lambda chosen: (tf.gather(inputs, chosen), tf.gather(labels, chosen))))


def evaluation(x: NDArray[Any], y: NDArray[Any], batch_size: int) -> tf.data.Dataset:
    """Batches (x, y) of all samples once, in order; their number is known to Keras."""
    with tf.device("CPU"):
        inputs, labels = tf.constant(x), tf.constant(y)
    batches = tf.data.Dataset.range(steps(len(x), batch_size))
    return _ahead(batches.map(lambda step: (_slice(inputs, step, batch_size), _slice(labels, step, batch_size))))


def _ahead(batches: tf.data.Dataset) -> tf.data.Dataset:
    """The batches, a few of them made while the model works.

    Without TensorFlow's tuning, which has nothing to tune here, halves the pipeline's speed by measuring it, and whose
    thread, measured in TensorFlow 2.21, now and then holds up the end of training for seconds.
    """
    options = tf.data.Options()
    options.autotune.enabled = False
    return batches.prefetch(_BATCHES_AHEAD).with_options(options)


def _slice(values: tf.Tensor, step: tf.Tensor, size: int) -> tf.Tensor:
    begin = step * size
    return values[begin : begin + size]
