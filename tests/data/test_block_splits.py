"""Splits of data in blocks: disjoint, complete, in the wanted shares, by group and by time."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from trainctl.components.dataset import Dataset, Samples
from trainctl.data.split import Rules, Splits, split
from trainctl.errors import DataError
from trainctl.sources.reading.blocks import Block, BlockRows, Blocks

pytestmark = pytest.mark.tf  # the package trainctl.backend imports Keras

SIZES = np.array([40, 1, 300, 59, 100])


def dataset() -> Dataset:
    """500 rows in 5 blocks: their number, a group of ten, and times: backwards, ending alike, as text, with a gap."""
    begins = np.cumsum(SIZES) - SIZES

    def load(number: int) -> Block:
        row = begins[number] + np.arange(SIZES[number])
        return {
            "row": row.astype(float),
            "y": row % 3,
            "w": row / 10,
            "who": (row // 10).astype(float),
            "when": 500.0 - row,
            "day": np.minimum(row, 400.0),
            "word": np.array([f"2024-{1 + each // 100:02d}" for each in row], object),
            "gaps": np.where(row == 5, np.nan, row),
        }

    blocks = Blocks(SIZES, load)
    extra = {name: BlockRows(blocks, name) for name in ("who", "when", "day", "word", "gaps")}
    weight = BlockRows(blocks, "w", dtype="float32")
    return Dataset(
        Samples({"row": BlockRows(blocks, "row")}, BlockRows(blocks, "y", dtype="int64"), weight, extra),
    )


def rows(part: Samples | None) -> list[int]:
    assert part is not None
    every = np.arange(len(part))
    found = part.x["row"][every].astype(int)
    assert part.y[every].tolist() == (found % 3).tolist()
    np.testing.assert_allclose(part.weight[every], found / 10)
    return found.tolist()


def divide(**rules: Any) -> Splits:
    return split(dataset(), Rules(**rules))


def test_shares_are_drawn_from_every_block() -> None:
    parts, again = divide(validation=0.2, test=0.1, seed=1), divide(validation=0.2, test=0.1, seed=1)
    found = [rows(part) for part in (parts.train, parts.validation, parts.test)]
    assert sorted([*found[0], *found[1], *found[2]]) == list(range(500))
    assert [len(part) for part in found] == [350, 100, 50]
    assert len([row for row in found[1] if 41 <= row < 341]) == 60
    assert found == [rows(part) for part in (again.train, again.validation, again.test)]
    assert rows(divide(validation=0.2, test=0.1, seed=2).validation) != found[1]


def test_nothing_to_split_keeps_everything() -> None:
    parts = divide()
    assert rows(parts.train) == list(range(500))
    assert (parts.validation, parts.test) == (None, None)


def test_limit() -> None:
    parts = divide(validation=0.2, limit=100)
    assert (len(rows(parts.train)), len(rows(parts.validation))) == (80, 20)


def test_groups_stay_together() -> None:
    parts = divide(validation=0.3, group="who", seed=3)
    train, validation = ({row // 10 for row in rows(part)} for part in (parts.train, parts.validation))
    assert train | validation == set(range(50))
    assert not train & validation
    assert 5 <= len(validation) <= 25


def test_the_latest_are_tested_on() -> None:
    parts = divide(validation=0.2, test=0.2, time="when")
    assert sorted(rows(parts.test)) == list(range(100))  # time runs backwards
    assert sorted(rows(parts.validation)) == list(range(100, 200))


@pytest.mark.parametrize("shares", [{"validation": 0.1}, {"test": 0.1}])
def test_rows_of_the_latest_time_are_not_lost(shares: dict[str, float]) -> None:
    parts = divide(**shares, time="day")  # a fifth of the rows have the latest time
    assert rows(parts.train) == list(range(450))
    assert rows(parts.validation or parts.test) == list(range(450, 500))


def test_dates_that_are_text() -> None:
    assert rows(divide(validation=0.2, time="word").validation) == list(range(400, 500))


def test_a_row_without_a_time() -> None:
    with pytest.raises(DataError, match="1 sample without a value in column 'gaps'"):
        divide(validation=0.2, time="gaps")


def test_limit_with_a_time() -> None:
    parts = divide(validation=0.2, test=0.1, time="when", limit=100)
    train, validation, test = (rows(part) for part in (parts.train, parts.validation, parts.test))
    assert (len(train), len(validation), len(test)) == (70, 20, 10)
    assert min(train) > max(validation) > min(validation) > max(test)  # time runs backwards


def test_limit_with_groups() -> None:
    parts = divide(validation=0.3, group="who", limit=100, seed=3)
    train, validation = rows(parts.train), rows(parts.validation)
    assert len(train) + len(validation) == 100
    assert not {row // 10 for row in train} & {row // 10 for row in validation}


def test_too_few() -> None:
    with pytest.raises(DataError, match="leaves no training samples"):
        divide(validation=0.5, test=0.5)
