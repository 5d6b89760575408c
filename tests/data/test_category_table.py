"""The mean of the label for each category: smoothed, and for training rows without their own label."""

from __future__ import annotations

import numpy as np
import pytest

from trainctl.data.category_table import FOLDS, CategoryTable, fold_of

WORDS = np.array(["a", "b", "", "a", "c", "b", "a", "a", "b", ""] * 20, object)
LABELS = np.array([1, 0, 1, 1, 0, 1, 1, 0, 0, 1] * 20)


def learned(
    labels: np.ndarray = LABELS, classes: int | None = 2, smooth: float | None = None, piece: int = 200
) -> CategoryTable:
    table = CategoryTable(classes, smooth, seed=3)
    for start in range(0, len(WORDS), piece):
        table.add(WORDS[start : start + piece], labels[start : start + piece], start)
    return table


def test_a_category_becomes_its_mean_apart_from_that_of_all() -> None:
    table = learned(smooth=0)
    expected = [(LABELS[name == WORDS].mean() - LABELS.mean()) / LABELS.std() for name in table.names]
    assert table.names == ["", "a", "b", "c"]
    assert table.values()[:, 0] == pytest.approx(expected, abs=1e-6)


def test_smoothing_adds_rows_of_the_mean() -> None:
    chosen = LABELS[WORDS == "c"]
    mean = (chosen.sum() + 10 * LABELS.mean()) / (len(chosen) + 10)
    assert learned().values()[3, 0] == pytest.approx((mean - LABELS.mean()) / LABELS.std(), abs=1e-6)


def test_pieces_and_the_whole_are_learned_alike() -> None:
    whole, pieces = learned(), learned(piece=7)
    assert pieces.values() == pytest.approx(whole.values(), abs=1e-6)
    assert pieces.of_training_rows(WORDS, 0) == pytest.approx(whole.of_training_rows(WORDS, 0), abs=1e-6)


def test_a_training_row_is_encoded_by_the_rows_of_other_folds() -> None:
    table, fold = learned(smooth=0), fold_of(3, 0, len(WORDS))
    others = (fold != fold[4]) & (WORDS[4] == WORDS)
    expected = (LABELS[others].mean() - LABELS.mean()) / LABELS.std()
    assert table.of_training_rows(WORDS, 0)[4, 0] == pytest.approx(expected, abs=1e-6)
    assert table.of_training_rows(WORDS[30:40], 30) == pytest.approx(table.of_training_rows(WORDS, 0)[30:40])


def test_a_category_that_identifies_the_rows_tells_nothing_of_their_labels() -> None:
    words = np.array([f"row{number}" for number in range(2000)], object)
    labels = np.random.default_rng(0).integers(0, 2, 2000)
    table = CategoryTable(2, None, seed=0)
    table.add(words, labels, 0)
    assert abs(np.corrcoef(table.of_training_rows(words, 0)[:, 0], labels)[0, 1]) < 0.1
    assert np.corrcoef(table.values()[np.argsort(np.argsort(words)), 0], labels)[0, 1] > 0.99


def test_the_values_of_each_kind_of_label() -> None:
    assert learned(LABELS + 2 * (WORDS == "c"), classes=3).width == 3
    assert learned(LABELS * 2.5, classes=None).width == 1
    assert learned(np.stack([LABELS, 1 - LABELS], axis=1).astype("float32"), classes=2).width == 2
    constant = learned(np.ones(200), classes=None)
    assert not constant.values().any()


def test_how_frequent_a_category_is() -> None:
    table = CategoryTable(None, None, seed=0, counts_only=True)
    table.add(WORDS, LABELS, 0)
    assert dict(zip(table.names, table.values()[:, 0].tolist(), strict=True)) == pytest.approx(
        {"": 0.5, "a": 1, "b": 0.75, "c": 0.25}
    )
    assert table.of_training_rows(np.array(["c", "?"], object), 0)[:, 0].tolist() == [0.25, 0]


def test_folds_are_drawn_by_seed_and_number() -> None:
    fold = fold_of(1, 0, 10_000)
    assert np.array_equal(fold[500:600], fold_of(1, 500, 100))
    assert not np.array_equal(fold, fold_of(2, 0, 10_000))
    assert np.bincount(fold, minlength=FOLDS) == pytest.approx(2000, rel=0.1)
