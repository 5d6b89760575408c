"""Texts as word numbers: cut or filled up to one length, rare words told apart or not."""

from __future__ import annotations

import numpy as np
import pytest

from trainctl.components.dataset import Samples
from trainctl.sources.imdb import IMDB


def rows(samples: Samples) -> set[tuple[tuple[int, ...], int]]:
    return {(tuple(row), label) for row, label in zip(samples.x.tolist(), samples.y.tolist(), strict=True)}


def texts(*words: list[int]) -> np.ndarray:
    array = np.empty(len(words), object)
    array[:] = words
    return array


@pytest.mark.parametrize(
    ("maxlen", "num_words", "expected"),
    [
        (4, None, {((0, 1, 4, 5), 0), ((7, 8, 9, 10), 1)}),
        (2, None, {((4, 5), 0), ((9, 10), 1)}),
        (4, 9, {((0, 1, 4, 5), 0), ((7, 8, 2, 2), 1)}),
    ],
)
def test_the_last_words_are_kept(maxlen: int, num_words: int | None, expected: set[object]) -> None:
    spec = IMDB(maxlen=maxlen, num_words=num_words)
    found = spec.samples(texts([1, 2], [1, 2, 3, 4, 5, 6, 7]), np.array([0, 1]))
    assert rows(found) == expected
    assert (found.x.dtype, found.y.dtype) == (np.int32, np.int64)


def test_the_order_mixes_the_classes_the_same_way_each_time() -> None:
    labels = np.repeat([0, 1], 50)
    first, second = (IMDB(maxlen=2).samples(texts(*[[1]] * 100), labels) for _ in range(2))
    assert first.y.tolist() == second.y.tolist() != labels.tolist()


def test_texts_of_any_length_are_padded_in_each_batch() -> None:
    found = IMDB(maxlen=None, num_words=9).samples(texts([1, 2], [1, 2, 3, 4, 5, 6, 7]), np.array([0, 1]))
    assert found.x.shape == (2, None)
    read = dict(zip(found.y.tolist(), found.x[np.arange(2)].tolist(), strict=True))
    assert read == {0: [1, 4, 5, 0, 0, 0, 0, 0], 1: [1, 4, 5, 6, 7, 8, 2, 2]}
