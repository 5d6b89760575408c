"""Batches: every sample once an epoch, an order that depends on seed and epoch alone, any place to start."""

from __future__ import annotations

from functools import partial
from itertools import islice
from typing import Any

import numpy as np
import pytest
from tensorflow.python.autograph.impl import api

from trainctl.components.dataset import Changed, Samples, Sequences, has_lengths
from trainctl.data import batches as pipeline

pytestmark = pytest.mark.tf

X = np.arange(10, dtype=np.uint8)[:, np.newaxis]
Y = np.arange(10) * 2
SAMPLES = Samples(X, Y)


def batches(count: int, *, shuffle: bool = True, seed: int = 1, start_step: int = 0) -> list[list[int]]:
    data = pipeline.training(SAMPLES, 4, shuffle=shuffle, seed=seed, start_step=start_step)
    return [x[:, 0].tolist() for x, _ in islice(data.as_numpy_iterator(), count)]


def epochs(steps: list[list[int]]) -> list[list[int]]:
    return [[*steps[begin], *steps[begin + 1], *steps[begin + 2]] for begin in range(0, len(steps), 3)]


def test_every_epoch_has_every_sample_in_an_order_of_its_own() -> None:
    steps = batches(9)
    assert [len(step) for step in steps] == [4, 4, 2] * 3
    orders = epochs(steps)
    assert all(sorted(order) == list(range(10)) for order in orders)
    assert len(set(map(tuple, orders))) == 3


def test_the_order_is_a_function_of_the_seed() -> None:
    assert batches(9) == batches(9)
    assert batches(9) != batches(9, seed=2)
    assert batches(3, seed=2**32 - 1) == batches(3, seed=2**32 - 1)


@pytest.mark.parametrize("shuffle", [True, False])
@pytest.mark.parametrize("start_step", [1, 2, 3, 7, 9])
def test_starting_anywhere_goes_on_as_if_never_interrupted(start_step: int, shuffle: bool) -> None:
    assert batches(12 - start_step, start_step=start_step, shuffle=shuffle) == batches(12, shuffle=shuffle)[start_step:]


def test_without_shuffling_the_order_is_that_of_the_data() -> None:
    assert epochs(batches(6, shuffle=False)) == [list(range(10))] * 2


def test_inputs_and_labels_stay_together_with_their_types() -> None:
    x, y = next(pipeline.training(SAMPLES, 4, shuffle=True, seed=3).as_numpy_iterator())
    assert (x[:, 0] * 2).tolist() == y.tolist()
    assert (x.dtype, y.dtype) == (np.uint8, np.int64)


def test_evaluation_is_finite_ordered_and_counted() -> None:
    data = pipeline.evaluation(SAMPLES, 4)
    assert int(data.cardinality()) == pipeline.steps(10, 4) == 3
    found: list[Any] = list(data.as_numpy_iterator())
    assert np.concatenate([x for x, _ in found])[:, 0].tolist() == list(range(10))
    assert np.concatenate([y for _, y in found]).tolist() == Y.tolist()


@pytest.mark.parametrize(("samples", "batch_size", "expected"), [(10, 5, 2), (11, 5, 3), (1, 5, 1), (5, 5, 1)])
def test_steps(samples: int, batch_size: int, expected: int) -> None:
    assert pipeline.steps(samples, batch_size) == expected


def test_tensorflow_does_not_tune() -> None:
    data = pipeline.ahead(pipeline.evaluation(SAMPLES, 4))
    assert data.options().autotune.enabled is False  # its thread may hold up the end of training


def test_no_source_is_rewritten(monkeypatch: pytest.MonkeyPatch) -> None:
    rewritten: list[Any] = []
    monkeypatch.setattr(api, "_convert_actual", rewritten.append)  # takes AutoGraph a second for each pipeline
    read = Samples(Changed(X, np.array, (1,), "uint8"), Y)
    for samples in (SAMPLES, read):
        epochs = pipeline.Epochs(partial(pipeline.training, samples, 4, True, 1), 3)
        assert len([*epochs.dataset, *pipeline.evaluation(samples, 4)]) == 6
    assert rewritten == []


def test_an_epoch_ends_where_it_should_and_the_next_begins_where_it_is_told() -> None:
    steps = batches(9)
    epochs = pipeline.Epochs(lambda start: pipeline.training(SAMPLES, 4, True, 1, start_step=start), 3)

    def epoch(number: int, step: int = 0) -> list[list[int]]:
        epochs.begin_at(number, step)
        return [x[:, 0].tolist() for x, _ in epochs.dataset.as_numpy_iterator()]

    assert epoch(0) == steps[:3]
    assert epoch(2) == steps[6:]
    assert epoch(1, 2) == steps[5:6]
    assert epoch(1, 3) == []
    assert epoch(1) == steps[3:6]
    assert int(epochs.dataset.cardinality()) == 3


@pytest.mark.parametrize("in_memory", [True, False])
def test_texts_of_similar_length_go_on_from_any_step(in_memory: bool) -> None:
    texts = np.array(["x" * (1 + 7 * each % 50) for each in range(50)], object)
    x = texts if in_memory else Changed(texts, lambda batch: batch, (), "object")
    samples = Samples(x, np.arange(50))

    def steps(start: int, count: int) -> list[list[bytes]]:
        data = pipeline.training(samples, 4, True, 1, start, None, True)
        return [x.tolist() for x, _ in islice(data.as_numpy_iterator(), count)]

    every = steps(0, 26)
    assert steps(9, 17) == every[9:]
    spread = [max(map(len, batch)) - min(map(len, batch)) for batch in every]
    assert max(spread) <= 8


def test_sequences_are_padded_batch_by_batch() -> None:
    samples = Samples(Sequences.of([[1] * (1 + each) for each in range(10)]), np.arange(10))
    assert has_lengths(samples)
    assert not has_lengths(SAMPLES)
    data = pipeline.evaluation(samples, 4)
    assert data.element_spec[0].shape.as_list() == [None, None]
    assert [x.shape for x, _ in data.as_numpy_iterator()] == [(4, 4), (4, 8), (2, 10)]
