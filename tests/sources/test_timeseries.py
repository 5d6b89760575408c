"""Timeseries: windows and what follows them, in the order of time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from trainctl.components.context import DataContext
from trainctl.components.dataset import Dataset
from trainctl.errors import DataError
from trainctl.events import Event, Notice
from trainctl.sources.timeseries import Timeseries


def load(folder: Path, content: str, events: list[Event] | None = None, **arguments: Any) -> Dataset:
    (folder / "t.csv").write_text(content)
    spec = Timeseries.model_validate({"path": str(folder / "t.csv"), "target": "a", "window": 3, **arguments})
    spec.look()
    return spec.load(DataContext(emit=(events if events is not None else []).append))


def rows(count: int) -> str:
    return "a,b,town\n" + "".join(f"{index},{index * 10},x\n" for index in range(count))


def everything(data: Dataset) -> Any:
    return data.train.x[np.arange(len(data.train))]


def test_windows_and_the_next_value(tmp_path: Path) -> None:
    data = load(tmp_path, rows(6))
    assert everything(data)[:, :, 0].tolist() == [[0, 1, 2], [1, 2, 3], [2, 3, 4]]
    assert everything(data)[0, :, 1].tolist() == [0, 10, 20]
    assert data.train.y.tolist() == [3, 4, 5]
    assert (data.ordered, data.train.x.dtype, data.train.y.dtype) == (True, np.float32, np.float32)


def test_horizon_stride_and_features(tmp_path: Path) -> None:
    data = load(tmp_path, rows(9), horizon=2, stride=2, features=["b"])
    assert everything(data)[:, :, 0].tolist() == [[0, 10, 20], [20, 30, 40], [40, 50, 60]]
    assert data.train.y.tolist() == [[3, 4], [5, 6], [7, 8]]
    assert data.overlap == 2  # windows that begin within 4 rows


def test_rows_are_sorted_by_time(tmp_path: Path) -> None:
    data = load(tmp_path, "when,a\n2020-01-03,2\n2020-01-01,0\n2020-01-04,3\n2020-01-02,1\n", time="when")
    assert everything(data)[0, :, 0].tolist() == [0, 1, 2]
    assert data.train.y.tolist() == [3]


def stores(days: int, *names: str) -> str:
    """A row a day and store; the number tells both."""
    lines = [f"2020-01-{day + 1:02},{name},{100 * n + day}" for day in range(days) for n, name in enumerate(names)]
    return "\n".join(["when,store,a", *lines]) + "\n"


def test_windows_stay_within_a_group(tmp_path: Path) -> None:
    data = load(tmp_path, stores(6, "q", "p"), time="when", group="store")
    numbers = np.concatenate([everything(data)[:, :, 0], np.asarray(data.train.y)[:, None]], axis=1)
    assert sorted(numbers.tolist()) == [[start, start + 1, start + 2, start + 3] for start in (0, 1, 2, 100, 101, 102)]
    assert (np.diff(numbers[:, -1] % 100) >= 0).all()  # the last windows of all groups are tested on
    assert data.train.x.shape == (6, 3, 1)


def test_no_window_shares_a_row_with_one_after_the_overlap(tmp_path: Path) -> None:
    data = load(tmp_path, stores(12, "q", "p", "r"), time="when", group="store", horizon=2)
    windows = [set(np.append(x[:, 0], y)) for x, y in zip(everything(data), data.train.y, strict=True)]
    for first, one in enumerate(windows):
        assert all(not one & other for other in windows[first + data.overlap + 1 :])
    assert data.overlap == 12  # 4 windows of each of 3 stores


@pytest.mark.parametrize("seed", range(50))
def test_the_overlap_is_that_of_each_series_looked_at_alone(seed: int) -> None:
    random = np.random.default_rng(seed)
    owner = random.integers(0, random.integers(1, 9), random.integers(1, 60))  # some series have no window
    sizes = {name: int(random.integers(1, 6)) for name in ("window", "horizon", "stride")}
    reach = -(-(sizes["window"] + sizes["horizon"] - 1) // sizes["stride"])
    furthest = 0
    for each in np.unique(owner):
        places = np.flatnonzero(owner == each)
        after = places[np.minimum(np.arange(len(places)) + reach, len(places) - 1)]
        furthest = max(furthest, int((after - places).max()))
    assert Timeseries(path="x.csv", target="a", **sizes)._overlap(owner) == furthest


def test_a_group_that_is_too_short_is_told(tmp_path: Path) -> None:
    events: list[Event] = []
    load(tmp_path, stores(6, "q") + "2020-01-01,p,1\n", events, group="store")
    (told,) = [event.message for event in events if isinstance(event, Notice)]
    assert told.endswith("1 of 2 series have too few rows for a window: p")


def test_gaps_and_times_that_stand_twice_are_told(tmp_path: Path) -> None:
    events: list[Event] = []
    load(tmp_path, stores(5, "q", "p"), events, time="when")
    load(tmp_path, stores(6, "q") + "2020-01-10,q,9\n", events, time="when", group="store")
    load(tmp_path, stores(5, "q", "p"), events, time="when", group="store")
    twice, gap = [event.message for event in events if isinstance(event, Notice) and event.loud]
    assert "t.csv:3: column 'when' has the time of the row before (5 rows in all)" in twice
    assert "set group" in twice
    assert "t.csv:8: a gap in column 'when' before this row (1 gap in all)" in gap


def test_separator_and_missing(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="has no column 'a'") as caught:
        load(tmp_path, "a;b\n1;2\n")
    assert "is it separated by ';'?" in str(caught.value.hint)
    with pytest.raises(DataError, match=r"t\.csv:3: column 'a' has no value"):
        load(tmp_path, "a;b\n1;2\n?;3\n4;5\n5;6\n", separator=";", missing=["?"])


@pytest.mark.parametrize(
    ("content", "arguments", "message"),
    [
        (rows(3), {}, "has 3 rows, too few for a window of 3 and a horizon of 1"),
        ("a,b\n1,2\n,3\n4,5\n6,7\n", {}, "t.csv:3: column 'a' has no value"),
        (rows(9), {"group": "shop"}, r"has no column 'shop' \(group\)"),
        (stores(3, "q", "p"), {"group": "store"}, "the longest series of 'store' has 3 rows, too few"),
        ("a,s\n1,q\n2,\n3,q\n4,q\n5,q\n", {"group": "s"}, r"t.csv:3: column 's' \(group\) has no value"),
        (rows(9), {"target": "c"}, r"has no column 'c' \(target\)"),
        (rows(9), {"features": ["town"]}, "column 'town' holds categorical values, not numbers"),
        ("a,b\n1,2\n2,x\n3,4\n4,5\n", {}, "t.csv:3: column 'b': 'x' is not a number"),
    ],
)
def test_mistakes(tmp_path: Path, content: str, arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=message):
        load(tmp_path, content, **arguments)


def test_several_files_follow_each_other_and_have_the_same_columns(tmp_path: Path) -> None:
    for name, content in (("1.csv", "a,b\n0,1\n1,1\n"), ("2.csv", "b,a\n1,2\n1,3\n")):
        (tmp_path / name).write_text(content)
    spec = Timeseries.model_validate({"path": str(tmp_path), "target": "a", "window": 3})
    assert spec.load(DataContext(emit=print)).train.y.tolist() == [3]
    (tmp_path / "2.csv").write_text("a,c\n2,1\n3,1\n")
    for read in (spec.look, lambda: spec.load(DataContext(emit=print))):
        with pytest.raises(DataError, match=r"2\.csv and .*1\.csv do not have the same columns.*'b' and 'c'"):
            read()
