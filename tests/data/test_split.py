"""Splits: sizes, proportions, determinism."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from trainctl.components.dataset import Dataset, Samples
from trainctl.data.split import Rules, Splits, split
from trainctl.errors import DataError

# the package trainctl.backend imports Keras
pytestmark = pytest.mark.tf


def dataset(y: Any, test: int = 0) -> Dataset:
    y = np.asarray(y)
    own = Samples(np.arange(test), np.zeros(test, np.int64)) if test else None
    return Dataset(Samples(np.arange(len(y)) * 10, y), test=own)


def divide(data: Dataset, **arguments: Any) -> Splits:
    defaults = {"validation": None, "test": None, "limit": None, "stratify": True, "seed": 0}
    return split(data, Rules(**{**defaults, **arguments}))


def ids(samples: Samples | None) -> list[int]:
    assert samples is not None
    return (np.asarray(samples.x) // 10).tolist()


UNEVEN = np.repeat([0, 1, 2], [700, 200, 100])


@pytest.mark.parametrize("stratify", [True, False])
def test_splits_are_disjoint_and_cover_everything(stratify: bool) -> None:
    parts = divide(dataset(UNEVEN), validation=0.2, test=0.1, stratify=stratify)
    assert [len(part) for part in (parts.train, parts.validation, parts.test) if part] == [700, 200, 100]
    assert sorted(ids(parts.train) + ids(parts.validation) + ids(parts.test)) == list(range(1000))
    for part in (parts.train, parts.validation, parts.test):
        assert ids(part) == sorted(ids(part))
        assert part is not None
        assert part.y.tolist() == UNEVEN[ids(part)].tolist()


def test_stratified_splits_keep_the_proportions() -> None:
    for seed in range(20):
        parts = divide(dataset(UNEVEN), validation=0.2, test=0.1, limit=500, seed=seed)
        for part, share in ((parts.train, 0.7), (parts.validation, 0.2), (parts.test, 0.1)):
            assert part is not None
            expected = np.array([350, 100, 50]) * share
            assert (np.abs(np.bincount(part.y, minlength=3) - expected) <= 2).all()


def test_the_seed_decides() -> None:
    first, again, other = (divide(dataset(UNEVEN), validation=0.2, limit=300, seed=seed) for seed in (1, 1, 2))
    assert ids(first.train) == ids(again.train)
    assert ids(first.validation) == ids(again.validation)
    assert ids(first.train) != ids(other.train)


def test_nothing_to_split_keeps_everything_in_order() -> None:
    parts = divide(dataset([0, 1, 2]), limit=5)
    assert (ids(parts.train), parts.validation, parts.test) == ([0, 1, 2], None, None)


def test_limit_draws_each_class() -> None:
    assert np.bincount(divide(dataset(UNEVEN), limit=100).train.y).tolist() == [70, 20, 10]


def test_small_classes_are_trained_on() -> None:
    y = [0] * 50 + [1] * 50 + [2, 3, 3]
    for seed in range(20):
        parts = divide(dataset(y), validation=0.3, test=0.3, seed=seed)
        assert {100, 101, 102} <= set(ids(parts.train))


def test_every_split_has_at_least_one_sample() -> None:
    parts = divide(dataset([0, 1, 0]), validation=0.01, test=0.01)
    assert [len(part) for part in (parts.train, parts.validation, parts.test) if part] == [1, 1, 1]


def test_a_test_part_of_its_own_is_the_test_split() -> None:
    parts = divide(dataset([0, 1, 0, 1], test=3), validation=0.5, limit=2)
    assert ids(parts.test) == [0, 0, 0]
    assert (len(parts.train), len(parts.validation or [])) == (1, 1)
    with pytest.raises(DataError, match=r"its own test split \(3 samples\), but test_split: 0.1 is set"):
        divide(dataset([0, 1, 0, 1], test=3), test=0.1)


@pytest.mark.parametrize(
    ("count", "arguments", "message"),
    [
        (2, {"validation": 0.2, "test": 0.2}, "validation_split: 0.2 and test_split: 0.2 of 2 samples"),
        (1, {"validation": 0.2}, "validation_split: 0.2 of 1 samples leaves no training samples"),
        (100, {"validation": 0.999, "limit": 10}, "validation_split: 0.999 of 10 samples"),
        (0, {}, "training of 0 samples"),
    ],
)
def test_too_few_samples(count: int, arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=message):
        divide(dataset(np.zeros(count, np.int64)), **arguments)


def test_numbers_and_several_labels_are_drawn_without_strata() -> None:
    for y in (np.random.default_rng(0).random(100), np.zeros((100, 2))):
        parts = divide(dataset(y), validation=0.2)
        assert (len(parts.train), len(parts.validation or [])) == (80, 20)


def table(y: Any, **extra: Any) -> Dataset:
    y = np.asarray(y)
    columns = {name: np.asarray(column) for name, column in extra.items()}
    return Dataset(Samples(np.arange(len(y)) * 10, y, extra=columns))


def test_groups_stay_together() -> None:
    groups = np.repeat(np.arange(30), 7).astype(float)
    for seed in range(5):
        parts = divide(table(np.zeros(210), who=groups), validation=0.2, test=0.1, group="who", seed=seed)
        seen = [{int(groups[each]) for each in ids(part)} for part in (parts.train, parts.validation, parts.test)]
        assert sum(map(len, seen)) == 30
        assert set.union(*seen) == set(range(30))
        assert 35 <= len(ids(parts.validation)) <= 49
        assert 14 <= len(ids(parts.test)) <= 28
    other = divide(table(np.zeros(210), who=groups), validation=0.2, group="who", seed=9)
    assert ids(other.validation) != ids(parts.validation)


def test_too_few_groups() -> None:
    who = np.array(["a", "a", "b", "b"], object)
    with pytest.raises(DataError, match="column 'who' has 2 groups, too few for 3 splits"):
        divide(table([0, 1, 0, 1], who=who), validation=0.2, test=0.2, group="who")


def test_the_latest_are_tested_on() -> None:
    when = np.random.default_rng(0).permutation(100).astype(float)
    parts = divide(table(np.zeros(100), when=when), validation=0.2, test=0.1, time="when")
    assert sorted(when[ids(parts.test)]) == list(range(90, 100))
    assert sorted(when[ids(parts.validation)]) == list(range(70, 90))
    assert sorted(when[ids(parts.train)]) == list(range(70))
    with pytest.raises(DataError, match="1 sample without a value in column 'when'"):
        divide(table(np.zeros(3), when=np.array([1, np.nan, 2])), validation=0.3, time="when")


def test_dates_that_are_text_are_put_in_the_order_of_time() -> None:
    months = np.array(["2024-02", "2023-11", "2024-01"], object)
    assert ids(divide(table(np.zeros(3), when=months), test=0.3, time="when").test) == [0]
    american = np.array(["12/30/2023", "03/01/2024", "03/02/2024"], object)
    with pytest.raises(DataError, match="has the value '12/30/2023'; expected a date or a number"):
        divide(table(np.zeros(3), when=american), test=0.3, time="when")


def test_an_order_is_kept_and_shared_rows_are_left_out() -> None:
    data = Dataset(Samples(np.arange(100) * 10, np.zeros(100)), ordered=True, overlap=3)
    parts = divide(data, validation=0.2, test=0.2)
    assert ids(parts.train) == list(range(60))
    assert ids(parts.validation) == list(range(63, 80))
    assert ids(parts.test) == list(range(83, 100))
    with pytest.raises(DataError, match="shorter than one window"):
        divide(data, validation=0.02)


def test_shared_rows_are_left_out_of_the_samples_that_a_limit_draws() -> None:
    data = Dataset(Samples(np.arange(1000) * 10, np.zeros(1000)), ordered=True, overlap=30)
    parts = divide(data, validation=0.2, test=0.2, limit=100)
    train, validation, test = ids(parts.train), ids(parts.validation), ids(parts.test)
    assert len(train) == 60
    assert min(validation) > max(train) + 30
    assert min(test) > max(validation) + 30
    assert len(validation) > 10  # of 20: a window in ten is drawn, so that about 3 of them share a row


def test_weights_and_several_labels_are_split_alike() -> None:
    labels = {"a": np.arange(10), "b": np.arange(10) * 2}
    data = Dataset(Samples({"x": np.arange(10)}, labels, weight=np.arange(10.0)))
    part = divide(data, validation=0.3).validation
    assert part is not None
    assert len(part) == 3
    assert part.x["x"].tolist() == part.y["a"].tolist() == (part.y["b"] // 2).tolist() == part.weight.tolist()


def test_samples_that_the_data_sets_apart_to_validate_on() -> None:
    data = replace(dataset(UNEVEN), validation=Samples(np.arange(3), np.zeros(3, np.int64)))
    parts = divide(data, test=0.1)
    assert (len(parts.train), parts.validation) == (900, data.validation)
    with pytest.raises(DataError, match=r"its own validation split \(3 samples\), but validation_split: 0.2 is set"):
        divide(data, validation=0.2)
