"""Batches of samples in memory: gathered by TensorFlow itself, in a pipeline or within the graph that trains on them.

A step of a small model takes less time than handing it a batch from a pipeline's thread. Within the graph, a batch is one
gather; its values are those of the pipeline, to the bit.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from trainctl.aliases import Tensors
from trainctl.backend import as_written, tf

if TYPE_CHECKING:
    from trainctl.components.dataset import Samples


def steps(samples: int, batch_size: int) -> int:
    """Return how many batches hold `samples` samples; the last one may be smaller."""
    return -(-samples // batch_size)


def structure(samples: Samples) -> tuple[Any, ...]:
    """Return what Keras calls a batch: (x, y), or (x, y, weight)."""
    x, y = (dict(value) if hasattr(value, "items") else value for value in (samples.x, samples.y))
    return (x, y) if samples.weight is None else (x, y, samples.weight)


def tensors(samples: Samples) -> tuple[Any, ...]:
    """Return samples in memory as tensors on the CPU."""
    # Outside of any graph, which would hold a copy of them, and no more than 2 GB; and not on the GPU, where TensorFlow
    # would keep the whole data, to copy each batch back.
    with tf.init_scope(), tf.device("CPU"):
        found: tuple[Any, ...] = tf.nest.map_structure(tf.constant, structure(samples))
    return found


class InMemory:
    """Samples in memory, as batches.

    Args:
        samples: All of them arrays.
        batch_size: Samples a batch; the last batch of an epoch holds the rest.
        values: The samples as tensors; `None` makes them.
    """

    def __init__(self, samples: Samples, batch_size: int, values: Tensors = None) -> None:
        self.samples, self.tensors = samples, tensors(samples) if values is None else values
        self._count, self._batch_size = len(samples), batch_size
        self.steps = steps(len(samples), batch_size)
        """Batches of an epoch."""

    def batched(self, batch_size: int) -> InMemory:
        """Return the same tensors in batches of another size."""
        return self if batch_size == self._batch_size else InMemory(self.samples, batch_size, self.tensors)

    def order(self, seed: int, epoch: int | tf.Tensor) -> tf.Tensor:
        """Return the indices of the samples in the order of an epoch (from 0), int32 (samples,)."""
        draws = [tf.constant(seed, tf.int64), tf.cast(epoch, tf.int64)]
        return tf.random.experimental.stateless_shuffle(tf.range(self._count), seed=draws)

    def batch(self, values: Tensors, order: tf.Tensor | None, step: tf.Tensor) -> Tensors:
        """Return the batch of a step (from 0) of an epoch.

        Args:
            values: `tensors`, or in a graph what takes their place.
            order: The order of the epoch; `None` takes the samples as they are.
            step: A scalar int64.
        """
        begin = step * self._batch_size
        end = begin + self._batch_size
        if order is None:
            return tf.nest.map_structure(lambda each: each[begin:end], values)
        chosen = order[begin:end]
        return tf.nest.map_structure(lambda each: tf.gather(each, chosen), values)

    def training(self, seed: int | None, start_step: int | tf.Tensor = 0) -> tf.data.Dataset:
        """Batches without end from a global step on, epoch after epoch.

        Args:
            seed: For the orders; `None` takes the samples as they are.
            start_step: The global step, from 0, at which to begin; a scalar int64 where it is a tensor.
        """
        first_epoch, first_step = start_step // self.steps, start_step % self.steps

        def epoch(number: tf.Tensor) -> tf.data.Dataset:
            order = None if seed is None else self.order(seed, number)
            begin = tf.where(tf.equal(number, first_epoch), tf.cast(first_step, tf.int64), 0)
            return tf.data.Dataset.range(begin, self.steps).map(
                as_written(lambda step: self.batch(self.tensors, order, step))
            )

        return tf.data.Dataset.range(first_epoch, tf.int64.max).flat_map(as_written(epoch))

    def evaluation(self) -> tf.data.Dataset:
        """All batches once, in the order of the samples; their number is known to Keras."""
        return tf.data.Dataset.range(self.steps).map(as_written(lambda step: self.batch(self.tensors, None, step)))


class Walk:
    """The way through samples in memory that a graph takes, a stretch of steps at a time.

    Args:
        source: The samples.
        change: What becomes of a batch (x, y[, weight]) before the model gets it; deterministic, and cheap.
        seed: For the orders of the epochs; `None` takes the samples as they are.
    """

    def __init__(self, source: InMemory, change: Callable[..., Tensors], seed: int | None = None) -> None:
        self.source, self.change, self._seed = source, change, seed
        self._step, self._order = 0, (-1, None)

    def then(self, change: Callable[..., Tensors]) -> Walk:
        """Return the same way, with one more change to each batch."""
        before = self.change
        return Walk(self.source, lambda *batch: change(*before(*batch)), self._seed)

    def begin_at(self, step: int) -> None:
        """Go on at a global step, from 0, counted over all epochs."""
        self._step = step

    @property
    def signature(self) -> tuple[Tensors, tf.TensorSpec | None]:
        """What `take` returns first, as types and shapes for any number of samples."""
        order = None if self._seed is None else tf.TensorSpec([None], tf.int32)
        values = tf.nest.map_structure(
            lambda each: tf.TensorSpec([None, *each.shape[1:]], each.dtype), self.source.tensors
        )
        return values, order

    @property
    def left(self) -> int:
        """Steps until the order changes."""
        return self.source.steps - self._step % self.source.steps

    def take(self, count: int) -> tuple[Tensors, tf.Tensor | None, int]:
        """Return the values, their order, and the step (from 0) of this order at which the next `count` steps begin.

        Args:
            count: At most `left`.
        """
        epoch, begin = divmod(self._step, self.source.steps)
        if self._seed is not None and self._order[0] != epoch:
            with tf.device("CPU"):
                self._order = epoch, self.source.order(self._seed, epoch)
        self._step += count
        return self.source.tensors, self._order[1], begin

    def batch(self, values: Tensors, order: tf.Tensor | None, step: tf.Tensor) -> Tensors:
        """Return the batch of a step, as the model gets it."""
        with tf.device("CPU"):
            return self.change(*self.source.batch(values, order, step))

    def first(self) -> Tensors:
        """Return a batch, to see what batches are like."""
        return self.batch(self.source.tensors, None, tf.constant(0, tf.int64))
