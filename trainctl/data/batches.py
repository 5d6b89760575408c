"""From samples to batches: the order is a function of seed and epoch, so that a run can resume anywhere.

Keras's own `fit(x=array, shuffle=True)` repeats one order in every epoch once a seed is set, and cannot start midway.
Arrays in memory are gathered by TensorFlow itself; everything else is read by NumPy, a batch at a time.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from trainctl.aliases import Array, Tensors
from trainctl.backend import as_written, tf
from trainctl.components.dataset import is_array, lengths, read, stretches
from trainctl.data.in_memory import InMemory, Walk, steps, structure
from trainctl.data.order import Order
from trainctl.errors import DataError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trainctl.components.dataset import Samples

Complain = Callable[[DataError], None]
"""Told of a sample that cannot be read while batches are made, before TensorFlow puts the error into words of its own."""

PARALLEL = 4
"""Batches that are read or changed immediately where none must wait for another."""

_BATCHES_AHEAD = 4
_BATCHES_IN_A_BUCKET = 100


def training(
    samples: Samples,
    batch_size: int,
    shuffle: bool | int,
    seed: int,
    start_step: int | tf.Tensor = 0,
    complain: Complain | None = None,
    bucket: bool | int = False,
) -> tf.data.Dataset:
    """Batches (x, y), or (x, y, weight), without end, epoch after epoch of `steps(len(samples), batch_size)` each.

    Args:
        samples: What to train on.
        batch_size: Samples a batch; the last batch of an epoch holds the rest.
        shuffle: Whether each epoch has an order of its own, which depends on `seed` and the epoch alone; a number
            shuffles within a window of so many samples.
        seed: For the orders.
        start_step: The global step, from 0, at which to begin; a scalar int64 where it is a tensor.
        complain: Told of a sample that cannot be read.
        bucket: Whether a batch holds samples of similar length; a number is that of the samples among which it does.
    """
    if is_gathered(samples, shuffle, bucket):
        return InMemory(samples, batch_size).training(seed if shuffle else None, start_step)
    near = stretches(samples.x)
    pool = batch_size * _BATCHES_IN_A_BUCKET if bucket is True else int(bucket)
    order = Order(len(samples), batch_size, shuffle, seed, near, pool, partial(_lengths, samples) if pool else None)
    for rows in _flat(samples):
        if hasattr(rows, "hold"):
            rows.hold(order.together + 1)
    return _read(samples, order.indices, tf.data.Dataset.range(start_step, tf.int64.max), complain)


def evaluation(samples: Samples, batch_size: int, complain: Complain | None = None) -> tf.data.Dataset:
    """Batches (x, y), or (x, y, weight), of all samples once, in order; their number is known to Keras."""
    if samples.in_memory:
        return InMemory(samples, batch_size).evaluation()
    numbers = tf.data.Dataset.range(steps(len(samples), batch_size))
    order = Order(len(samples), batch_size, False, 0, stretches(samples.x))
    return _read(samples, order.indices, numbers, complain)


def is_gathered(samples: Samples, shuffle: bool | int = False, bucket: bool | int = False) -> bool:
    """Return whether TensorFlow gathers the batches itself: of arrays in memory, in an order that knows no windows."""
    return samples.in_memory and isinstance(shuffle, bool) and not bucket


def _read(
    samples: Samples, indices: Callable[[int], NDArray[np.int64]], numbers: tf.data.Dataset, complain: Complain | None
) -> tf.data.Dataset:
    """Return the batches of the steps `numbers`, each read on demand."""
    values = structure(samples)
    flat = tf.nest.flatten(values)
    types = [tf.string if each.dtype == object else tf.as_dtype(each.dtype) for each in flat]

    def fetch(step: NDArray[np.int64]) -> list[Array]:
        try:
            chosen = indices(int(step))
            return [read(each, chosen) for each in flat]
        except DataError as error:
            if complain is not None:
                complain(error)
            raise

    def batch(step: tf.Tensor) -> Tensors:
        tensors = tf.numpy_function(fetch, [step], types)
        for tensor, rows in zip(tensors, flat, strict=True):
            tensor.set_shape((None, *rows.shape[1:]))
        return tf.nest.pack_sequence_as(values, tensors)

    in_order = stretches(samples.x) is not None  # what is read for one batch serves the next
    return numbers.map(as_written(batch), num_parallel_calls=1 if in_order else PARALLEL, deterministic=True)


def _lengths(samples: Samples, indices: NDArray[np.int64]) -> NDArray[np.int64]:
    found = lengths(samples.x, indices)
    return np.zeros(len(indices), np.int64) if found is None else found


class Epochs:
    """The training data as Keras goes through it: once an epoch, each time from the step it is reported to begin at.

    Keras begins a new iteration with each epoch, and each iteration reads where to begin. So the last call of a step of
    several batches ends where the epoch ends, and a run resumes in the middle of an epoch within one `fit`.

    Args:
        batches: Batches without end from a global step on, a scalar int64 tensor; or what a graph goes through by itself,
            and Keras's iterations count steps only.
        steps: Batches of an epoch.
    """

    def __init__(self, batches: Callable[[tf.Tensor], tf.data.Dataset] | Walk, steps: int) -> None:
        self.steps = steps
        self.walk = batches if isinstance(batches, Walk) else None
        """What a graph goes through by itself."""
        with tf.device("CPU"):
            self._start_and_rest = tf.Variable([0, steps], dtype=tf.int64, trainable=False)
        if isinstance(batches, Walk):
            self.dataset = _untuned(tf.data.Dataset.range(steps))
            return
        self.dataset = _untuned(tf.data.Dataset.from_tensors(0).flat_map(as_written(lambda _: self._rest(batches))))
        # The epoch in which a run resumes is shorter; Keras, which asks once, must know how long the others are.
        self.dataset.cardinality = lambda: tf.constant(steps, tf.int64)

    def begin_at(self, epoch: int, step: int) -> None:
        """Let the next iterations go through `epoch` (from 0) from `step` (from 0) on; there may be none left."""
        if self.walk is not None:
            self.walk.begin_at(epoch * self.steps + step)
        self._start_and_rest.assign([epoch * self.steps + step, self.steps - step])

    def first(self) -> Tensors:
        """Return a batch, to see what batches are like."""
        return next(iter(self.dataset)) if self.walk is None else self.walk.first()

    @property
    def like(self) -> Tensors:
        """What a batch looks like: one of them, or its specs."""
        return self.dataset.element_spec if self.walk is None else self.walk.first()

    def _rest(self, batches: Callable[[tf.Tensor], tf.data.Dataset]) -> tf.data.Dataset:
        position = self._start_and_rest.read_value()
        return batches(position[0]).take(position[1])  # tf.unstack crashes TensorFlow 2.21's rewriting of `take`


def ahead(batches: tf.data.Dataset, count: int | None = None) -> tf.data.Dataset:
    """Return the batches, a few of them (or `count`) made while the model works."""
    return _untuned(batches.prefetch(count or _BATCHES_AHEAD))


def _untuned(batches: tf.data.Dataset) -> tf.data.Dataset:
    """Return the batches without TensorFlow's tuning.

    It has nothing to tune here, halves the pipeline's speed by measuring it, and its thread, measured in TensorFlow 2.21,
    now and then holds up the end of training for seconds.
    """
    options = tf.data.Options()
    options.autotune.enabled = False
    return batches.with_options(options)


def _flat(samples: Samples) -> list[Tensors]:
    return [each for each in tf.nest.flatten(structure(samples)) if not is_array(each)]
