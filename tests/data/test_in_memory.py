"""A graph that goes through samples in memory by itself gets the batches of the pipeline."""

from __future__ import annotations

import numpy as np
import pytest

from trainctl.backend import tf
from trainctl.components.dataset import Samples
from trainctl.data.in_memory import InMemory, Walk

pytestmark = pytest.mark.tf

SAMPLES = Samples(np.arange(10, dtype=np.uint8)[:, np.newaxis], np.arange(10) * 2)


@pytest.mark.parametrize("seed", [None, 1])
def test_a_graph_goes_through_the_batches_of_the_pipeline(seed: int | None) -> None:
    source = InMemory(SAMPLES, 4)
    walk = Walk(source, lambda *batch: batch, seed).then(lambda x, y: (x + 1, y))
    walk.begin_at(2)
    piped = source.training(seed, 2).as_numpy_iterator()
    for count in (1, 3, 2):
        values, order, begin = walk.take(count)
        for step in range(begin, begin + count):
            x, y = walk.batch(values, order, tf.constant(step, tf.int64))
            expected_x, expected_y = next(piped)
            assert (x.numpy() - 1 == expected_x).all()
            assert (y.numpy() == expected_y).all()
        assert walk.left <= source.steps
