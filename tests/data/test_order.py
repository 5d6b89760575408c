"""The order: every sample once an epoch, within windows, from any step on."""

from __future__ import annotations

import numpy as np
import pytest

from trainctl.data.order import Order

pytestmark = pytest.mark.tf  # the package trainctl.backend imports Keras

STRETCHES = np.array([10, 25, 5, 30, 30])


def epoch(order: Order, number: int = 0) -> list[int]:
    return np.concatenate([order.indices(number * order.steps + step) for step in range(order.steps)]).tolist()


@pytest.mark.parametrize("stretches", [None, STRETCHES])
@pytest.mark.parametrize("shuffle", [True, False, 1, 7, 40, 1000])
def test_every_sample_once_an_epoch(stretches: np.ndarray | None, shuffle: bool | int) -> None:
    order = Order(100, 8, shuffle, 1, stretches)
    assert order.steps == 13
    for number in range(3):
        assert sorted(epoch(order, number)) == list(range(100))


@pytest.mark.parametrize("stretches", [None, STRETCHES])
def test_a_step_is_the_same_whichever_was_taken_before(stretches: np.ndarray | None) -> None:
    order = Order(100, 8, True, 1, stretches)
    forwards = [order.indices(step).tolist() for step in range(39)]
    fresh = Order(100, 8, True, 1, stretches)
    assert [fresh.indices(step).tolist() for step in reversed(range(39))] == forwards[::-1]
    assert epoch(order, 0) != epoch(order, 1)
    assert epoch(Order(100, 8, True, 2, stretches)) != epoch(order)


def test_without_shuffling_the_order_is_that_of_the_data() -> None:
    assert epoch(Order(100, 8, False, 1, STRETCHES)) == list(range(100))


def test_a_window_keeps_neighbours_together() -> None:
    order = epoch(Order(100, 10, 10, 1))
    windows = [sorted(order[begin : begin + 10]) for begin in range(0, 100, 10)]
    assert all(window == list(range(window[0], window[0] + 10)) for window in windows)
    assert [window[0] for window in windows] != list(range(0, 100, 10))
    assert order[:10] != windows[0]


def test_a_window_of_stretches_is_read_as_one() -> None:
    ends = np.cumsum(STRETCHES)
    order = Order(100, 10, 1, 1, STRETCHES)
    assert order.together == 1
    block = np.searchsorted(ends, epoch(order), side="right")
    assert (np.diff(block) != 0).sum() == len(STRETCHES) - 1  # each stretch is visited once


LENGTHS = np.random.default_rng(0).integers(1, 200, 100)


def bucketed(shuffle: bool | int = True, stretches: np.ndarray | None = None, bucket: int = 40) -> Order:
    return Order(100, 8, shuffle, 1, stretches, bucket, lambda indices: LENGTHS[indices])


def padding(order: Order) -> int:
    batches = [LENGTHS[order.indices(step)] for step in range(order.steps)]
    return sum(int((batch.max() - batch).sum()) for batch in batches)


@pytest.mark.parametrize("stretches", [None, STRETCHES])
@pytest.mark.parametrize("shuffle", [True, False, 7, 40])
@pytest.mark.parametrize("bucket", [1, 8, 40, 1000])
def test_samples_of_similar_length_come_together(
    shuffle: bool | int, stretches: np.ndarray | None, bucket: int
) -> None:
    order = bucketed(shuffle, stretches, bucket)
    assert [len(order.indices(step)) for step in range(order.steps)] == [8] * 12 + [4]
    for number in range(2):
        assert sorted(epoch(order, number)) == list(range(100))
    steps = range(2 * order.steps)
    fresh = bucketed(shuffle, stretches, bucket)
    assert [fresh.indices(step).tolist() for step in reversed(steps)] == [
        order.indices(step).tolist() for step in steps
    ][::-1]


def test_little_is_padding_and_batches_are_not_in_order_of_length() -> None:
    plain = Order(100, 8, True, 1)
    assert padding(bucketed(bucket=1000)) < padding(plain) / 4
    assert padding(bucketed()) < padding(plain) / 2
    longest = [int(LENGTHS[bucketed(bucket=1000).indices(step)].max()) for step in range(12)]
    assert longest != sorted(longest)
    assert epoch(bucketed(), 0) != epoch(bucketed(), 1)
    assert padding(bucketed(False, bucket=1000)) < padding(plain) / 4
