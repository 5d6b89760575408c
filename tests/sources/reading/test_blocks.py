"""Blocks are read when a row of them is wanted, and the last few are kept."""

from __future__ import annotations

import numpy as np
import pytest

from trainctl.sources.reading.blocks import Block, BlockRows, Blocks


@pytest.fixture
def read() -> list[int]:
    """The numbers of the blocks in the order in which they were read."""
    return []


@pytest.fixture
def blocks(read: list[int]) -> Blocks:
    def load(number: int) -> Block:
        read.append(number)
        return {"a": 10 * number + np.arange(3), "b": np.full((3, 2), number)}

    return Blocks(np.array([3, 3, 2]), load)


def test_rows_of_several_blocks_come_in_the_order_asked_for(blocks: Blocks, read: list[int]) -> None:
    rows = BlockRows(blocks, "a", dtype="int64")
    assert (len(rows), rows.stretches.tolist(), read) == (8, [3, 3, 2], [])
    assert rows[np.array([7, 0, 3, 1])].tolist() == [21, 0, 10, 1]
    assert sorted(read) == [0, 1, 2]


def test_each_row_may_have_a_shape(blocks: Blocks) -> None:
    rows = BlockRows(blocks, "b", (2,), "float32")
    assert rows[np.array([4, 0])].tolist() == [[1, 1], [0, 0]]
    assert rows.as_type("int64").dtype == np.dtype("int64")
    assert rows.of(Blocks(np.array([2]), lambda _: {"b": np.ones((2, 2))}))[np.array([1])].tolist() == [[1, 1]]


@pytest.mark.parametrize(("keep", "reads"), [(1, [0, 1, 0]), (2, [0, 1])])
def test_the_last_few_stay_in_memory(blocks: Blocks, read: list[int], keep: int, reads: list[int]) -> None:
    rows = BlockRows(blocks, "a")
    rows.hold(keep)
    for row in (0, 3, 1):
        assert rows[np.array([row])].shape == (1,)
    assert read == reads


def test_no_blocks_no_rows() -> None:
    assert len(BlockRows(Blocks(np.zeros(0, np.int64), lambda _: {}), "a")) == 0
