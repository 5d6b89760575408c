"""From samples to batches: the order is a function of seed and epoch, so that a run can resume anywhere.

Keras's own `fit(x=array, shuffle=True)` repeats one order in every epoch once a seed is set, and cannot start midway.
Arrays in memory are gathered by TensorFlow itself; everything else is read by NumPy, a batch at a time.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import tensorflow as tf

from trainctl.components.dataset import is_array, read, stretches
from trainctl.errors import DataError
from trainctl.runtime.order import Order

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trainctl.components.dataset import Samples

Complain = Callable[[DataError], None]
"""Told of a sample that cannot be read while batches are made, before TensorFlow puts the error into words of its own."""

PARALLEL = 4
"""Batches that are read or changed at once where none has to wait for another."""

_BATCHES_AHEAD = 4


def steps(samples: int, batch_size: int) -> int:
    """How many batches hold `samples` samples; the last one may be smaller."""
    return -(-samples // batch_size)


def steps_at_once(wanted: int, per_epoch: int) -> int:
    """The largest number up to `wanted` that divides the steps of an epoch."""
    return max(count for count in range(1, min(wanted, per_epoch) + 1) if per_epoch % count == 0)


def training(
    samples: Samples,
    batch_size: int,
    shuffle: bool | int,
    seed: int,
    start_step: int = 0,
    complain: Complain | None = None,
) -> tf.data.Dataset:
    """Batches (x, y), or (x, y, weight), without end; to be used with `steps_per_epoch=steps(len(samples), batch_size)`.

    Args:
        samples: What to train on.
        batch_size: Samples a batch; the last batch of an epoch holds the rest.
        shuffle: Whether each epoch has an order of its own, which depends on `seed` and the epoch alone; a number
            shuffles within a window of so many samples.
        seed: For the orders.
        start_step: The global step, from 0, at which to begin.
        complain: Told of a sample that cannot be read.
    """
    if samples.in_memory and isinstance(shuffle, bool):
        return _gathered(samples, batch_size, shuffle, seed, start_step)
    near = stretches(samples.x)
    order = Order(len(samples), batch_size, shuffle, seed, near)
    for rows in _flat(samples):
        if hasattr(rows, "hold"):
            rows.hold(order.together + 1)
    return _read(samples, order.indices, tf.data.Dataset.counter(start_step), complain)


def evaluation(samples: Samples, batch_size: int, complain: Complain | None = None) -> tf.data.Dataset:
    """Batches (x, y), or (x, y, weight), of all samples once, in order; their number is known to Keras."""
    numbers = tf.data.Dataset.range(steps(len(samples), batch_size))
    if not samples.in_memory:
        order = Order(len(samples), batch_size, False, 0, stretches(samples.x))
        return _read(samples, order.indices, numbers, complain)
    tensors = _tensors(samples)
    return numbers.map(lambda step: tf.nest.map_structure(lambda values: _slice(values, step, batch_size), tensors))


def _gathered(samples: Samples, batch_size: int, shuffle: bool, seed: int, start_step: int) -> tf.data.Dataset:
    """Without end, from arrays in memory."""
    count = len(samples)
    per_epoch = steps(count, batch_size)
    first_epoch, first_step = divmod(start_step, per_epoch)

    def epoch(number: tf.Tensor) -> tf.data.Dataset:
        order = tf.range(count)
        if shuffle:
            order = tf.random.experimental.stateless_shuffle(order, seed=[tf.cast(seed, tf.int64), number])
        begin = tf.where(tf.equal(number, first_epoch), tf.cast(first_step, tf.int64), 0)
        return tf.data.Dataset.range(begin, per_epoch).map(lambda step: _slice(order, step, batch_size))

    tensors = _tensors(samples)
    batches = tf.data.Dataset.counter(first_epoch).flat_map(epoch)
    return batches.map(lambda chosen: tf.nest.map_structure(lambda values: tf.gather(values, chosen), tensors))


def _read(
    samples: Samples, indices: Callable[[int], NDArray[np.int64]], numbers: tf.data.Dataset, complain: Complain | None
) -> tf.data.Dataset:
    """The batches of the steps `numbers`, each read when it is wanted."""
    values = _structure(samples)
    flat = tf.nest.flatten(values)
    types = [tf.string if each.dtype == object else tf.as_dtype(each.dtype) for each in flat]

    def fetch(step: NDArray[np.int64]) -> list[NDArray[Any]]:
        try:
            chosen = indices(int(step))
            return [read(each, chosen) for each in flat]
        except DataError as error:
            if complain is not None:
                complain(error)
            raise

    def batch(step: tf.Tensor) -> Any:
        tensors = tf.numpy_function(fetch, [step], types)
        for tensor, rows in zip(tensors, flat, strict=True):
            tensor.set_shape((None, *rows.shape[1:]))
        return tf.nest.pack_sequence_as(values, tensors)

    in_order = stretches(samples.x) is not None  # what is read for one batch serves the next
    return numbers.map(batch, num_parallel_calls=1 if in_order else PARALLEL, deterministic=True)


def ahead(batches: tf.data.Dataset, count: int | None = None) -> tf.data.Dataset:
    """The batches, a few of them made while the model works.

    Without TensorFlow's tuning, which has nothing to tune here, halves the pipeline's speed by measuring it, and whose
    thread, measured in TensorFlow 2.21, now and then holds up the end of training for seconds.
    """
    options = tf.data.Options()
    options.autotune.enabled = False
    return batches.prefetch(count or _BATCHES_AHEAD).with_options(options)


def _structure(samples: Samples) -> tuple[Any, ...]:
    """What Keras calls a batch: (x, y), or (x, y, weight)."""
    x, y = (dict(value) if hasattr(value, "items") else value for value in (samples.x, samples.y))
    return (x, y) if samples.weight is None else (x, y, samples.weight)


def _flat(samples: Samples) -> list[Any]:
    return [each for each in tf.nest.flatten(_structure(samples)) if not is_array(each)]


def _tensors(samples: Samples) -> tuple[Any, ...]:
    with tf.device("CPU"):  # else TensorFlow would keep the whole data on the GPU and copy each batch back
        tensors: tuple[Any, ...] = tf.nest.map_structure(tf.constant, _structure(samples))
    return tensors


def _slice(values: tf.Tensor, step: tf.Tensor, size: int) -> tf.Tensor:
    begin = step * size
    return values[begin : begin + size]
