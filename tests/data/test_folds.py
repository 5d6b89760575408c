"""Folds: each sample is held out once, in proportion, in groups or in the order of time; a run validates on the rest."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from trainctl.components.dataset import Dataset, Samples
from trainctl.data.draw import Fold
from trainctl.data.split import Rules, Splits, split
from trainctl.errors import DataError
from trainctl.sources.reading.blocks import Block, BlockRows, Blocks

# the package trainctl.backend imports Keras
pytestmark = pytest.mark.tf

COUNT = 203
Y = np.repeat([0, 1, 2], [150, 50, 3])
WHO = np.arange(COUNT) // 7
WHEN = np.argsort(np.random.default_rng(0).permutation(COUNT)).astype(float)


def whole(**more: Any) -> Dataset:
    extra = {"who": WHO.astype(float), "when": WHEN}
    return Dataset(Samples(np.arange(COUNT), Y, None, extra), **more)


def in_blocks() -> Dataset:
    """The same in blocks, one of them of a single row."""
    sizes = np.array([80, 1, 60, 62])
    begins = np.cumsum(sizes) - sizes

    def load(number: int) -> Block:
        rows = begins[number] + np.arange(sizes[number])
        return {"row": rows.astype(float), "y": Y[rows], "who": WHO[rows].astype(float), "when": WHEN[rows]}

    blocks = Blocks(sizes, load)
    extra = {name: BlockRows(blocks, name) for name in ("who", "when")}
    return Dataset(Samples({"row": BlockRows(blocks, "row")}, BlockRows(blocks, "y", dtype="int64"), None, extra))


DATA = {"in memory": whole, "in blocks": in_blocks}
either = pytest.mark.parametrize("kind", DATA)


def ids(samples: Samples | None) -> list[int]:
    if samples is None:
        return []
    x = samples.x["row"] if isinstance(samples.x, dict) else samples.x
    found: list[int] = np.asarray(x[np.arange(len(samples))]).astype(int).tolist()
    return found


def folds(dataset: Dataset, k: int = 5, **rules: Any) -> list[Splits]:
    arguments = {"validation": 0.2, "stratify": True, "seed": 3, **rules}
    return [split(dataset, Rules(**arguments, fold=Fold(number, k))) for number in range(k)]


@either
@pytest.mark.parametrize("rules", [{}, {"group": "who"}, {"stratify": False}, {"validation": None}], ids=str)
def test_each_sample_is_held_out_once_and_is_used_once_in_each_run(kind: str, rules: dict[str, Any]) -> None:
    runs = folds(DATA[kind](), **rules)
    assert sorted(each for run in runs for each in ids(run.test)) == list(range(COUNT))
    for run in runs:
        assert sorted([*ids(run.train), *ids(run.validation), *ids(run.test)]) == list(range(COUNT))
        assert bool(ids(run.validation)) is (rules.get("validation", 0.2) is not None)
        assert run.held_out is not None
        assert run.held_out().tolist() == ids(run.test)


@either
def test_folds_are_of_one_size_and_keep_the_proportions_of_the_classes(kind: str) -> None:
    for run in folds(DATA[kind]()):
        assert abs(len(ids(run.test)) - COUNT / 5) < 2
        assert abs(len(ids(run.validation)) - 0.2 * 0.8 * COUNT) < 2
        counts = np.bincount(Y[ids(run.test)], minlength=3)
        assert (np.abs(counts - np.array([30, 10, 0.6])) <= 2).all()


def test_the_rare_class_is_held_out_in_as_many_folds_as_it_has_members() -> None:
    assert sum(2 in Y[ids(run.test)] for run in folds(whole())) == 3


@either
def test_rows_of_a_group_stay_together_in_every_run(kind: str) -> None:
    for run in folds(DATA[kind](), group="who"):
        train, validation, test = (set(WHO[ids(part)]) for part in (run.train, run.validation, run.test))
        assert not train & test
        assert not train & validation
        assert not validation & test


@either
def test_groups_are_shared_out_evenly(kind: str) -> None:
    sizes = [len(ids(run.test)) for run in folds(DATA[kind](), group="who")]
    assert max(sizes) - min(sizes) <= 7


def test_very_many_groups_in_blocks_are_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trainctl.data.block_splits._MANY_GROUPS", 10)
    runs = folds(in_blocks(), k=2, group="who")
    assert sorted(each for run in runs for each in ids(run.test)) == list(range(COUNT))
    assert all(not set(WHO[ids(run.train)]) & set(WHO[ids(run.test)]) for run in runs)


@either
def test_in_the_order_of_time_each_run_trains_on_what_came_before(kind: str) -> None:
    runs = folds(DATA[kind](), time="when")
    tested = [WHEN[ids(run.test)] for run in runs]
    assert sorted(np.concatenate(tested)) == list(range(34, COUNT)), "the first sixth is never tested"
    for number, run in enumerate(runs):
        train, validation = WHEN[ids(run.train)], WHEN[ids(run.validation)]
        assert train.max() < validation.min()
        assert validation.max() < tested[number].min()
        assert len(train) + len(validation) == tested[number].min()
        assert len(validation) == round(0.2 * tested[number].min())
        assert run.held_out is not None
        assert run.held_out().tolist() == ids(run.test)


def test_windows_are_in_the_order_of_time_and_share_nothing() -> None:
    for run in folds(whole(ordered=True, overlap=4), stratify=False):
        train, validation, test = (np.array(ids(part)) for part in (run.train, run.validation, run.test))
        assert train.max() + 4 < validation.min()
        assert validation.max() + 4 < test.min()
        assert run.held_out is not None
        assert run.held_out().tolist() == test.tolist()


@either
def test_the_limit_holds_for_all_folds_together(kind: str) -> None:
    runs = folds(DATA[kind](), limit=100)
    tested = [each for run in runs for each in ids(run.test)]
    assert len(tested) == len(set(tested)) == 100
    assert len({*ids(runs[0].train), *ids(runs[0].validation), *ids(runs[0].test)} - set(tested)) == 0


@either
def test_the_seed_decides(kind: str) -> None:
    first, again, other = (ids(folds(DATA[kind](), seed=seed)[0].test) for seed in (1, 1, 2))
    assert first == again != other


@either
@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ({"k": 204}, "203 samples cannot be split into 204 folds"),
        ({"k": 6, "limit": 5}, "5 samples cannot be split into 6 folds"),
        ({"k": 203, "time": "when"}, "one to train on before the first"),
    ],
)
def test_too_few_samples(kind: str, rules: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=message) as caught:
        folds(DATA[kind](), **rules)
    assert caught.value.path == "data.folds"


@either
def test_too_few_groups(kind: str) -> None:
    with pytest.raises(DataError, match="column 'who' has 29 groups, too few for 30 folds"):
        folds(DATA[kind](), k=30, group="who")


@either
def test_a_test_split_of_the_data_itself_leaves_no_folds(kind: str) -> None:
    from dataclasses import replace

    data = DATA[kind]()
    with pytest.raises(DataError, match="the data has its own test split"):
        folds(replace(data, test=data.train))
