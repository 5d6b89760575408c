"""Samples are arrays or rows that are read when they are wanted; taking some of them means the same for both."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from trainctl.components.dataset import (
    Changed,
    Chosen,
    ColumnKind,
    Rows,
    Samples,
    Sequences,
    is_array,
    length,
    lengths,
    read,
    stretches,
    values,
)


class Squares(Rows):
    """The squares of 0, 1, …, read in stretches of three."""

    def __init__(self, count: int) -> None:
        super().__init__((count,), "int64")
        self.asked: list[list[int]] = []

    def __getitem__(self, indices: NDArray[np.int64]) -> NDArray[np.int64]:
        self.asked.append(indices.tolist())
        return indices.astype(np.int64) ** 2

    @property
    def stretches(self) -> NDArray[np.int64]:
        return np.array([3, 3])


def test_rows_are_like_an_array_and_nothing_is_read_before_it_is_wanted() -> None:
    rows = Squares(6)
    assert (len(rows), rows.ndim, rows.shape, rows.dtype) == (6, 1, (6,), np.dtype("int64"))
    assert rows.asked == []
    assert read(rows, np.array([2, 0])).tolist() == [4, 0]
    assert rows.asked == [[2, 0]]


@pytest.mark.parametrize("lazy", [False, True])
def test_taking_some_of_them(lazy: bool) -> None:
    x = Squares(6) if lazy else np.arange(6) ** 2
    samples = Samples(x, np.arange(6), np.arange(6) / 6, {"group": np.array(list("aabbcc"), object)})
    taken = samples.take(np.array([5, 1])).take(np.array([1, 0, 1]))
    everything = np.arange(3)
    assert read(taken.x, everything).tolist() == [1, 25, 1]
    assert taken.y.tolist() == [1, 5, 1]
    assert taken.weight.tolist() == [1 / 6, 5 / 6, 1 / 6]
    assert taken.extra["group"].tolist() == ["a", "c", "a"]
    assert len(taken) == 3
    assert taken.in_memory is not lazy


def test_a_mapping_of_inputs_is_taken_input_by_input() -> None:
    samples = Samples({"a": np.arange(4), "b": Squares(4)}, np.arange(4))
    taken = samples.take(np.array([3]))
    assert {name: part.tolist() for name, part in read(taken.x, np.array([0])).items()} == {"a": [3], "b": [9]}
    assert [name for name, _ in values(taken)] == ["a", "b", "y"]
    assert length(taken.x) == 1


def test_a_change_is_made_to_what_is_read() -> None:
    changed = Changed(Squares(6), lambda batch: batch[:, None] / 2, (1,), "float64")
    assert changed.shape == (6, 1)
    assert changed[np.array([4, 2])].tolist() == [[8.0], [2.0]]


def test_what_is_read_as_one_is_known_through_a_change_and_of_no_array() -> None:
    assert stretches(Changed(Squares(6), lambda batch: batch, (), "int64")).tolist() == [3, 3]  # type: ignore[union-attr]
    assert stretches({"a": np.arange(6)}) is None


def test_other_inputs_with_the_same_labels() -> None:
    samples = Samples(np.arange(3), np.arange(3))
    other = samples.with_x(np.zeros(3))
    assert other.y is samples.y
    assert other.x.tolist() == [0, 0, 0]


def test_a_file_in_memory_is_not_in_memory(tmp_path: object) -> None:
    np.save(f"{tmp_path}/a.npy", np.arange(3))
    assert is_array(np.arange(3))
    assert not is_array(np.load(f"{tmp_path}/a.npy", mmap_mode="r"))
    assert not is_array(Chosen(np.arange(3), np.array([0])))


def test_words_are_categories_and_texts() -> None:
    assert {kind for kind in ColumnKind if kind.is_words} == {ColumnKind.CATEGORICAL, ColumnKind.TEXT}


def test_sequences_are_filled_up_to_the_longest_of_those_read_together() -> None:
    rows = Sequences.of([[1, 2, 3], [4], [], [5, 6]], "int32")
    assert (rows.shape, rows.dtype, len(rows)) == ((4, None), np.int32, 4)
    assert rows[np.array([1, 3])].tolist() == [[4, 0], [5, 6]]
    assert rows[np.array([2])].shape == (1, 0)
    chosen = Samples(rows, np.arange(4)).take(np.array([3, 0])).x
    assert chosen[np.array([1, 0])].tolist() == [[1, 2, 3], [5, 6, 0]]
    assert chosen.shape == (2, None)
    of_features = Sequences.of([np.ones((2, 3)), np.ones((1, 3))])
    assert of_features[np.array([0, 1])].shape == (2, 2, 3)
    with pytest.raises(ValueError, match="sequences of"):
        Sequences.of([["a"], ["b", "c"]])


def test_lengths_are_those_of_texts_and_sequences() -> None:
    texts = np.array(["a", "bcd"], object)
    rows = Sequences.of([[1, 2, 3], [4]])
    every = np.arange(2)
    assert np.asarray(lengths(texts, every)).tolist() == [1, 3]
    assert np.asarray(lengths(texts[:, np.newaxis], every)).tolist() == [1, 3]
    assert np.asarray(lengths({"a": texts, "b": rows, "c": np.zeros((2, 5))}, every)).tolist() == [4, 4]
    assert np.asarray(lengths(Changed(texts, lambda batch: batch, (), "object"), every)).tolist() == [1, 3]
    assert lengths(np.zeros((2, 5)), every) is None
    assert lengths(Changed(np.zeros((2, 5)), lambda batch: batch, (5,), "float64"), every) is None
