"""Timeseries: windows and what follows them, in the order of time."""

from __future__ import annotations

import errno
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from trainctl.components.context import DataContext
from trainctl.components.data_schema import DataSchema
from trainctl.components.dataset import Dataset, read
from trainctl.components.new_inputs import NewFiles
from trainctl.data.draw import Rules
from trainctl.data.split import split
from trainctl.errors import DataError
from trainctl.events import Event, Notice
from trainctl.sources.timeseries import Timeseries


def load(folder: Path, content: str, events: list[Event] | None = None, **arguments: Any) -> Dataset:
    (folder / "t.csv").write_text(content)
    spec = Timeseries.model_validate({"path": str(folder / "t.csv"), "target": "a", "window": 3, **arguments})
    spec.look(DataContext(print))
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
    unseen, told = [event.message for event in events if isinstance(event, Notice)]
    assert (
        "the model does not see 'when' (date), since only numbers are windowed; time: when sorts by its times" in unseen
    )
    assert told.endswith("1 of 2 series have too few rows for a window: p")


def test_gaps_and_times_that_stand_twice_are_told(tmp_path: Path) -> None:
    events: list[Event] = []
    load(tmp_path, stores(5, "q", "p"), events, time="when")
    load(tmp_path, stores(6, "q") + "2020-01-10,q,9\n", events, time="when", group="store")
    load(tmp_path, stores(5, "q", "p"), events, time="when", group="store")
    twice, gap = [event.message for event in events if isinstance(event, Notice) and event.loud]
    assert "t.csv:3: column 'when' has the time of the row before (5 rows in all)" in twice
    assert "set group" in twice
    assert "t.csv:8: a gap in column 'when' before this row (1 gap in all): no window spans it" in gap


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
        (rows(9), {"target": "town"}, "column 'town' holds categorical values, not numbers"),
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
    for look in (spec.look, spec.load):
        with pytest.raises(DataError, match=r"2\.csv and .*1\.csv do not have the same columns.*'b' and 'c'"):
            look(DataContext(emit=print))


def notices(events: list[Event]) -> list[str]:
    return [event.message for event in events if isinstance(event, Notice)]


def hourly(hours: list[int], form: str = "%Y-%m-%d %H:%M") -> str:
    """A row at each of some hours; its number is the hour."""
    start = datetime(2026, 1, 30, tzinfo=UTC)
    return "when,a\n" + "".join(f"{start + timedelta(hours=hour):{form}},{hour}\n" for hour in hours)


@pytest.mark.parametrize(
    ("arguments", "ahead"),
    [
        ({"horizon": 2}, [[3, 4], [4, 5]]),
        ({"offset": 4}, [6, 7]),
        ({"horizon": 2, "offset": 4}, [[6, 7], [7, 8]]),
        ({"horizon": [1, 3]}, [[3, 5], [4, 6]]),
        ({"horizon": [4]}, [6, 7]),
        ({"sampling_rate": 2}, [5, 6]),
        ({"sampling_rate": 2, "offset": 3, "stride": 2}, [7, 9]),
    ],
)
def test_how_far_ahead_the_predicted_values_are(tmp_path: Path, arguments: dict[str, Any], ahead: list[Any]) -> None:
    data = load(tmp_path, rows(12), **arguments)
    assert data.train.y.tolist()[:2] == ahead
    step = arguments.get("sampling_rate", 1)
    assert everything(data)[1, :, 0].tolist() == [arguments.get("stride", 1) + step * each for each in range(3)]


def test_samples_of_a_split_share_no_row_with_training(tmp_path: Path) -> None:
    data = load(tmp_path, rows(120), sampling_rate=2, horizon=[1, 5], stride=3)
    splits = split(data, Rules(validation=0.3, test=0.2))
    spans = [
        {
            row
            for x, y in zip(part.x[np.arange(len(part))][:, :, 0], part.y, strict=True)
            for row in range(int(x[0]), int(y[-1]) + 1)
        }
        for part in (splits.train, splits.validation, splits.test)
        if part is not None
    ]
    assert not spans[0] & spans[1]
    assert not spans[1] & spans[2]
    assert max(spans[0]) < min(spans[1]) < min(spans[2])


def test_a_split_shorter_than_a_window_is_explained(tmp_path: Path) -> None:
    data = load(tmp_path, rows(120), window=24, horizon=5)
    with pytest.raises(
        DataError, match=r"validation_split: 0\.1 is 9 windows, which is shorter than one window"
    ) as caught:
        split(data, Rules(validation=0.1))
    assert caught.value.path == "data.validation_split"


@pytest.mark.parametrize(
    "form",
    [
        "%Y-%m-%d %H:%M",
        "%Y-%m-%dT%H:%M:%SZ",
        "%d.%m.%Y %H:%M:%S",
        "%d/%m/%Y %H:%M",
        "%m/%d/%Y %I:%M %p",
        "%Y%m%d %H:%M",
    ],
)
def test_times_as_people_write_them(tmp_path: Path, form: str) -> None:
    events: list[Event] = []
    data = load(tmp_path, hourly([1, 0, 2, 3, 36, 4, 5, 37, 38, 39, 40, 41], form), events, time="when")
    assert data.train.y.tolist() == [3, 4, 5, 39, 40, 41]
    assert len([each for each in notices(events) if "no window spans it" in each]) == 1


def test_a_date_and_a_time_in_two_columns(tmp_path: Path) -> None:
    content = "Date;Time;a\n" + "".join(f"16/12/2006;17:{minute}:00;{minute},5\n" for minute in (12, 10, 13, 11))
    data = load(tmp_path, content, time=["Date", "Time"], separator=";", decimal=",")
    assert everything(data)[0, :, 0].tolist() == [10.5, 11.5, 12.5]


def test_a_file_without_a_header(tmp_path: Path) -> None:
    data = load(tmp_path, "".join(f"{row} {row * 2}\n" for row in range(6)), names=["t", "a"], separator="whitespace")
    assert data.train.y.tolist() == [6, 8, 10]


def test_irregular_times_are_told_and_spanned(tmp_path: Path) -> None:
    workdays = [24 * day for day in range(28) if day % 7 < 5]
    events: list[Event] = []
    assert len(load(tmp_path, hourly(workdays), events, time="when", window=6).train) == 20 - 6
    (told,) = notices(events)
    assert "irregular: 3 rows of 20 are more than 1.5 times the usual 1 day after the row before" in told
    with pytest.raises(
        DataError, match="the longest stretch without a gap in time has 5 rows, too few for a window of 6"
    ):
        load(tmp_path, hourly(workdays), time="when", window=6, gaps="break")


def test_a_row_without_a_value_ends_a_window(tmp_path: Path) -> None:
    events: list[Event] = []
    content = "a\n" + "".join(f"{'NA' if row == 5 else row}\n" for row in range(12))
    data = load(tmp_path, content, events)
    assert data.train.y.tolist() == [3, 4, 9, 10, 11]
    assert "t.csv:7: column 'a' has no value (1 row in all): no window holds such a row" in notices(events)[0]


def test_an_empty_column_is_not_seen(tmp_path: Path) -> None:
    events: list[Event] = []
    data = load(tmp_path, "a,b\n" + "".join(f"{row},\n" for row in range(9)), events)
    assert data.train.x.shape[1:] == (3, 1)
    assert "does not see 'b' (empty)" in notices(events)[0]


def test_new_rows_end_with_the_last_window(tmp_path: Path) -> None:
    data = load(tmp_path, rows(20), stride=2)
    (tmp_path / "new.csv").write_text("b,a,c\n" + "".join(f"{row * 10},{row},{row}\n" for row in range(6)))
    spec = Timeseries.model_validate({"path": "t.csv", "target": "a", "window": 3, "stride": 2})
    new = spec.read_new(NewFiles((tmp_path / "new.csv",), (), DataSchema(learned=data.learned)))
    assert new.values[np.arange(2)].tolist() == [
        [[1, 10], [2, 20], [3, 30]],
        [[3, 30], [4, 40], [5, 50]],
    ]
    (tmp_path / "new.csv").write_text("a,b\n1,2\n")
    with pytest.raises(DataError, match="has 1 row, too few for a window of 3"):
        spec.read_new(NewFiles((tmp_path / "new.csv",), (), DataSchema(learned=data.learned)))


@pytest.mark.parametrize(
    ("content", "arguments", "message"),
    [
        (
            "when,a\n" + "".join(f"0{day}/02/2026,1\n" for day in (3, 1, 5, 2)),
            {},
            "the day or the month may stand first",
        ),
        (hourly([0, 1, 2, 3]).replace("02:00", "x"), {}, "'2026-01-30 x' is not a time in the form of the others"),
        (hourly([0, 1, 2, 3]).replace("2026-01-30 02:00", ""), {}, "t.csv:4: column 'when' has no value"),
        ("when,a\n" + "31.02.2026,1\n" * 5, {}, "t.csv:2: column 'when': '31.02.2026' is not a date"),
        (hourly([0, 1, 2, 3]), {"time_format": "%d.%m.%Y"}, "is not written as '%d.%m.%Y'"),
    ],
)
def test_times_that_are_none(tmp_path: Path, content: str, arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=re.escape(message)):
        load(tmp_path, content, time="when", **arguments)


@pytest.mark.parametrize(
    "arguments", [{"horizon": [1, 2], "offset": 3}, {"gaps": "break"}, {"time_format": "%Y"}, {"horizon": []}]
)
def test_settings_that_do_not_go_together(arguments: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Timeseries.model_validate({"path": "t.csv", "target": "a", "window": 3, **arguments})


@pytest.mark.parametrize(
    ("horizon", "first"),
    [(1, [3, 30]), (2, [[3, 30], [4, 40]])],
)
def test_several_targets(tmp_path: Path, horizon: int, first: list[Any]) -> None:
    data = load(tmp_path, rows(9), target=["a", "b"], horizon=horizon)
    assert (data.train.y[0].tolist(), data.label_names) == (first, ("a", "b"))
    (tmp_path / "t.csv").write_text(rows(9))
    spec = Timeseries.model_validate({"path": str(tmp_path / "t.csv"), "target": ["a", "b"], "window": 3})
    by_output = spec.load(DataContext(emit=print, outputs={"next": ("b",), "a": ("a",)}))
    assert [by_output.train.y[name][0] for name in ("a", "b")] == [3, 30]


def test_booleans_and_categories(tmp_path: Path) -> None:
    content = "a,wet,town\n" + "".join(f"{row},{'yn'[row % 2]},{'xyz'[row % 3]}\n" for row in range(9))
    assert list(load(tmp_path, content).learned) == ["a", "wet"]
    data = load(tmp_path, content, features=["town", "wet"])
    assert list(data.learned) == ["town=x", "town=y", "town=z", "wet"]
    assert everything(data)[0].tolist() == [[1, 0, 0, 1], [0, 1, 0, 0], [0, 0, 1, 1]]
    (tmp_path / "new.csv").write_text("wet,town\ny,z\ny,x\ny,new\n")
    spec = Timeseries.model_validate({"path": "t.csv", "target": "a", "window": 3, "features": ["town", "wet"]})
    new = spec.read_new(NewFiles((tmp_path / "new.csv",), (), DataSchema(learned=data.learned)))
    assert new.values[np.arange(1)].tolist() == [[[0, 0, 1, 1], [1, 0, 0, 1], [0, 0, 0, 1]]]
    with pytest.raises(DataError, match="column 'town' holds 51 different texts, more than 50"):
        load(tmp_path, "a,town\n" + "".join(f"{row},t{row}\n" for row in range(51)), features=["town"])


def test_further_data_has_the_columns_of_the_training_data_in_their_order(tmp_path: Path) -> None:
    data = load(tmp_path, "a,b,town\n1,10,x\n2,20,y\n3,30,x\n4,40,y\n", features=["b", "town"])
    (tmp_path / "t.csv").write_text("town,b,a\nx,50,5\nz,60,6\ny,70,7\nx,80,8\n")
    events: list[Event] = []
    context = DataContext(emit=events.append, learned=data.learned)
    for features in (["b", "town"], None):
        spec = Timeseries.model_validate(
            {"path": str(tmp_path / "t.csv"), "target": "a", "window": 3, "features": features}
        )
        other = spec.load(context)
        assert other.learned == data.learned
        assert everything(other)[0].tolist() == [[50, 1, 0], [60, 0, 0], [70, 0, 1]]
    assert "'town=z' is not in the training data" in notices(events)[0]
    (tmp_path / "t.csv").write_text("b,a\n" + "50,5\n" * 4)
    with pytest.raises(DataError, match=r"has no column 'town"):
        spec.load(context)


@pytest.mark.tf
def test_the_windows_are_those_of_keras(tmp_path: Path) -> None:
    """`sampling_rate`, `stride` and what is ahead, as in Keras's own example of a weather forecast."""
    from trainctl.backend import keras

    data = load(tmp_path, rows(80), window=5, sampling_rate=6, offset=7, stride=2)
    numbers = np.array([[row, row * 10] for row in range(80)], np.float32)
    theirs = keras.utils.timeseries_dataset_from_array(
        numbers, numbers[24 + 7 :, 0], 5, sampling_rate=6, sequence_stride=2, batch_size=999
    )
    ((x, y),) = [(x.numpy(), y.numpy()) for x, y in theirs]
    np.testing.assert_array_equal(everything(data), x)
    np.testing.assert_array_equal(data.train.y, y)


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trainctl.sources.table.delimited_blocks.BLOCK", 300)
    monkeypatch.setattr("trainctl.sources.reading.scratch._AT_ONCE", 7)


def sales(days: int, order: np.random.Generator | None = None) -> str:
    """A row a day and store, with a gap in time, a cell that is missing, categories and booleans."""
    lines = [
        f"{day + 1 + 5 * (day > 20):02}.01.2026,{store},{day + 100 * n}.25,{'' if (day, n) == (9, 0) else day % 7},"
        f"{['sun', 'rain', 'fog'][day * (n + 1) % 3]},{'yn'[day % 2]}"
        for day in range(days)
        for n, store in enumerate(("q", "p"))
    ]
    return "\n".join(["when,store,a,b,sky,open", *(lines if order is None else order.permutation(lines))]) + "\n"


@pytest.mark.parametrize(
    "arguments",
    [
        {"features": None},
        {"horizon": [1, 3], "target": ["a", "b"], "features": ["sky", "open", "b"], "sampling_rate": 2},
        {"target": ["a", "b"], "stride": 3, "group": None, "time": None},
        {"gaps": "span", "horizon": 2, "offset": 4},
    ],
)
@pytest.mark.parametrize("unsorted", [False, True])
@pytest.mark.usefixtures("small_blocks")
def test_a_table_in_blocks_gives_the_same_windows(tmp_path: Path, arguments: dict[str, Any], unsorted: bool) -> None:
    content = sales(26, np.random.default_rng(1) if unsorted else None)
    common = {"time": "when", "group": "store", "features": ["a", "b", "sky", "open"], **arguments}
    whole, blocks = [
        (load(tmp_path, content, events, stream=stream, **common), notices(events))
        for stream in (False, True)
        for events in [list[Event]()]
    ]
    assert blocks[1] == whole[1]  # what is told, and of which row
    assert blocks[0].train.x.dtype == np.float32
    np.testing.assert_array_equal(everything(blocks[0]), everything(whole[0]))
    np.testing.assert_array_equal(read(blocks[0].train.y, np.arange(len(blocks[0].train))), whole[0].train.y)
    for field in ("fingerprint", "overlap", "learned", "latest", "label_names", "ordered"):
        assert getattr(blocks[0], field) == getattr(whole[0], field)


@pytest.mark.usefixtures("small_blocks")
def test_what_the_first_block_tells_holds_for_all(tmp_path: Path) -> None:
    days = [f"{day:02}/{month:02}/2026,{day}\n" for month in (1, 2) for day in range(1, 29)]
    events: list[Event] = []
    load(tmp_path, "a,b\n" + "1,\n" * 120 + "1,2\n" * 9, events, stream=True)
    assert "does not see 'b' (empty in its first rows)" in notices(events)[0]
    for wrong, message in (
        ("02/13/2026,1\n", r"t\.csv:58: .*'02/13/2026' is not a date"),
        ("28/02/2026,x\n", "'x' is not"),
    ):
        with pytest.raises(DataError, match=message):
            load(tmp_path, "when,a\n" + "".join(days) + wrong, time="when", stream=True)


def test_a_full_disk_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.write", full)
    with pytest.raises(DataError, match=r"do not fit into the temporary folder: .* is full") as caught:
        load(tmp_path, rows(20), stream=True)
    assert "TMPDIR" in str(caught.value.hint)


def test_new_rows_of_a_large_file_are_read_in_blocks(tmp_path: Path) -> None:
    load(tmp_path, rows(20))
    spec = Timeseries.model_validate({"path": "t.csv", "target": "a", "window": 3, "stream": True})
    new = spec.read_new(NewFiles((tmp_path / "t.csv",), (), DataSchema(learned={"b": 0.0})))
    assert new.values[np.array([17])].tolist() == [[[170], [180], [190]]]


@pytest.mark.tf
@pytest.mark.usefixtures("small_blocks")
def test_batches_are_the_same_from_any_step_on(tmp_path: Path) -> None:
    from trainctl.data.batches import training

    def batches(start: int, *, stream: bool) -> list[Any]:
        samples = load(tmp_path, rows(60), stream=stream, horizon=2).train
        return [(x.numpy(), y.numpy()) for x, y in training(samples, 8, True, 1, start).take(12)]

    whole = batches(0, stream=False)
    for start in (0, 5):
        for (x, y), (wanted_x, wanted_y) in zip(batches(start, stream=True), whole[start:], strict=False):
            np.testing.assert_array_equal(x, wanted_x)
            np.testing.assert_array_equal(y, wanted_y)


def test_predictions_are_called_by_target_and_how_far_ahead_they_are() -> None:
    def names(**arguments: Any) -> tuple[str, ...]:
        return Timeseries.model_validate({"path": "t.csv", "window": 3, **arguments}).prediction_names

    assert names(target=["a", "b"]) == ("a", "b")
    assert names(target="a", horizon=2, offset=3) == ("a_3", "a_4")
    assert names(target=["a", "b"], horizon=[1, 3]) == ("a_1", "b_1", "a_3", "b_3")
