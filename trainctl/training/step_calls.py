"""How Keras's loop calls TensorFlow: several steps in one call where nobody looks between them.

Of a small model, a call costs more than the step in it. The steps are the same, in a loop within the graph that is also
there for a single one, so that no bit depends on how many a call runs.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable

from trainctl.aliases import Tensors
from trainctl.backend import as_written, keras, tf
from trainctl.data.in_memory import Walk
from trainctl.models.own import has_own_methods

_MOMENT = 0.05  # seconds that a call may take: the display and a signal wait for its end
MOST = 500
"""Steps that a call runs at most."""


class Calls:
    """What Keras calls in place of its `train_function` or `test_function`.

    Args:
        step: The model's `train_step` or `test_step`: from a batch to the logs.
        jit_compile: Whether XLA compiles a step.
    """

    def __init__(self, step: Callable[[Tensors], Tensors], jit_compile: bool) -> None:
        self._step = tf.function(as_written(step), reduce_retracing=True, jit_compile=jit_compile)
        self._from_pipeline = tf.function(as_written(self._pull), reduce_retracing=True)
        self._in_graph: dict[Hashable, Callable[..., Tensors]] = {}
        self._count = 1
        self._walk: Walk | None = None

    def plan(self, count: int, walk: Walk | None = None) -> None:
        """Let the next call, and only that, run so many steps.

        Args:
            count: How many; the data must have them. With 0 no data is left.
            walk: Where their batches come from; `None` takes them from Keras's iterator.
        """
        self._count, self._walk = count, walk

    def __call__(self, iterator: Tensors) -> Tensors:
        """Run the steps, and return the logs of the last.

        Raises:
            StopIteration: The data has no step left.
        """
        count, walk = self._count, self._walk
        self._count, self._walk = 1, None  # whoever calls besides, such as a callback, has an iterator of its own
        if not count:
            raise StopIteration
        steps = tf.constant(count, tf.int64)
        if walk is not None:
            values, order, begin = walk.take(count)
            return self._walker(walk)(values, order, tf.constant(begin, tf.int64), steps)
        try:
            return self._from_pipeline(iterator, steps)
        except tf.errors.OutOfRangeError as error:
            raise StopIteration from error

    def _pull(self, iterator: Tensors, count: tf.Tensor) -> Tensors:
        return self._repeat(lambda _: iterator.get_next(), iterator.element_spec, count)

    def _walker(self, walk: Walk) -> Callable[..., Tensors]:
        """Return what runs steps of `walk`: the same graph for all samples of one kind, however many there are."""

        def go(values: Tensors, order: tf.Tensor | None, begin: tf.Tensor, count: tf.Tensor) -> Tensors:
            spec = tf.nest.map_structure(tf.TensorSpec.from_tensor, walk.batch(values, order, begin))
            return self._repeat(lambda number: walk.batch(values, order, begin + number), spec, count)

        values, order = walk.signature
        key = (walk.change, *tf.nest.flatten(values), order)
        if key not in self._in_graph:
            scalar = tf.TensorSpec([], tf.int64)
            function = tf.function(as_written(go))
            self._in_graph[key] = function.get_concrete_function(values, order, scalar, scalar)
        return self._in_graph[key]

    def _repeat(self, batch: Callable[[tf.Tensor], Tensors], spec: Tensors, count: tf.Tensor) -> Tensors:
        """Run `count` steps, each on the batch of its number (from 0), and return the logs of the last."""
        logs = self._step.get_concrete_function(spec).structured_outputs
        number = tf.constant(0, tf.int64)
        return tf.while_loop(
            lambda number, _: number < count,
            lambda number, _: (number + 1, self._step(batch(number))),
            (number, tf.nest.map_structure(_placeholder, logs)),
            shape_invariants=(number.shape, tf.nest.map_structure(lambda each: each.shape, logs)),
            parallel_iterations=1,
        )[1]


def _placeholder(value: tf.TensorSpec) -> tf.Tensor:
    """What stands in the place of a value before the first step has made it."""
    return tf.zeros([size or 0 for size in value.shape] if value.shape.rank else [], value.dtype)


class Pace:
    """How many steps take a moment, measured where the device has caught up.

    Args:
        most: The most steps of a call.
        clock: Seconds that go by.
    """

    def __init__(self, most: int = MOST, clock: Callable[[], float] = time.perf_counter) -> None:
        self._most, self._clock = most, clock
        self._since: float | None = None
        self._steps = 0
        self.steps = 1
        """The steps of a call."""

    def begin(self) -> None:
        """Forget the time until now, in which something else may have happened."""
        self._since = None

    def ran(self, steps: int, *, caught_up: bool) -> None:
        """Count `steps` more; with `caught_up` they have all been done, not only begun."""
        self._steps += steps
        if not caught_up:
            return
        now = self._clock()
        if self._since is not None and now > self._since:
            self.steps = max(1, min(self._most, int(self._steps / (now - self._since) * _MOMENT)))
        self._since, self._steps = now, 0


def take_over(model: keras.Model) -> tuple[Calls, Calls] | None:
    """Let Keras call ours, and return those for training and for validation; `None` where Keras does it in its own way.

    Args:
        model: The compiled model.
    """
    keras_alone = has_own_methods(model) or model.run_eagerly or tf.distribute.has_strategy()
    if keras_alone or model.steps_per_execution != 1:
        return None
    if not isinstance(model.train_function, Calls):
        model.train_function = Calls(model.train_step, model.jit_compile)
        model.test_function = Calls(model.test_step, model.jit_compile)
    return model.train_function, model.test_function
