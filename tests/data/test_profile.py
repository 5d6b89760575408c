"""What the data is like, learned a block at a time: the same as of the whole."""

from __future__ import annotations

import numpy as np
import pytest

from trainctl.components.dataset import ColumnKind, Dataset, Samples
from trainctl.data import profile
from trainctl.data.profile import ColumnProfile, LabelProfile, Profile, chunks, details, fingerprint, unseen


def numbers(*blocks: list[float]) -> ColumnProfile:
    found = ColumnProfile(ColumnKind.NUMERIC)
    for block in blocks:
        found.add(np.array(block, np.float64))
    return found


def test_blocks_add_up_to_the_whole() -> None:
    values = [3.0, np.nan, -1.5, 4.0, 1e3, np.nan, 7.0]
    whole = np.array(values)
    for found in (numbers(values), numbers(values[:2], values[2:3], values[3:]), numbers([], values)):
        assert (found.count, found.missing) == (5, 2)
        assert found.mean == pytest.approx(np.nanmean(whole))
        assert found.variance == pytest.approx(np.nanvar(whole))
        assert (found.lowest, found.highest, found.fractions) == (-1.5, 1000, True)


def test_a_constant_column_has_variance_one_so_that_nothing_is_divided_by_zero() -> None:
    assert numbers([2.5, 2.5]).variance == 1.0
    assert numbers([0.1 + 0.2, 0.3]).variance == 1.0
    assert numbers([np.nan]).variance == 1.0


def test_categories_are_counted_and_texts_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(profile, "MAX_TEXTS", 1)
    words = ColumnProfile(ColumnKind.CATEGORICAL)
    words.add(np.array(["a", "b", "", "a"], object))
    assert (words.missing, words.facts()["distinct"]) == (1, 2)
    words.add(np.array(list("cdefg"), object))
    assert dict(words.texts) == {"a": 2}
    text = ColumnProfile(ColumnKind.TEXT)
    text.add(np.array(["one two", ""], object))
    assert (text.examples, text.missing) == (["one two"], 1)


def test_dates_are_told_as_dates() -> None:
    dates = ColumnProfile(ColumnKind.DATE)
    dates.add(np.array([0.0, 31.5, np.nan]))
    assert dates.facts() == {"kind": "date", "missing": 1, "min": "1970-01-01", "max": "1970-02-01"}
    assert dates.fractions


def test_labels_are_balanced_or_range() -> None:
    classes, range_ = LabelProfile(), LabelProfile()
    for block in ([0, 0, 2], [2, 2]):
        classes.add(np.array(block))
    range_.add(np.array([0.5, -2.0], np.float32))
    range_.add(np.array([], np.float32))
    assert classes.facts(("a", "b", "c")) == {"classes": {"a": 2, "b": 0, "c": 3}}
    assert classes.facts(()) == {"classes": {"0": 2, "2": 3}}
    assert range_.facts(()) == {"min": -2.0, "max": 0.5}


def table(x: dict[str, np.ndarray], y: np.ndarray) -> Dataset:
    kinds = {"size": ColumnKind.NUMERIC, "color": ColumnKind.CATEGORICAL}
    return Dataset(Samples(x, y), class_names=("no", "yes"), columns=kinds)


def test_a_table_in_words_for_people() -> None:
    data = table({"size": np.array([1.0, np.nan]), "color": np.array(["red", ""], object)}, np.array([1, 1]))
    found = details(data, data.train, Profile.of(data.columns, data.train))
    assert found["missing"] == 2
    assert found["columns"]["color"] == {"kind": "categorical", "missing": 1, "distinct": 1}
    assert found["labels"] == {"y": {"classes": {"no": 0, "yes": 2}}}


def test_a_class_that_training_never_sees() -> None:
    train, other = Samples(np.zeros(3), np.array([0, 1, 0])), Samples(np.zeros(2), np.array([2, 1]))
    known = Profile.of({}, train)
    assert unseen(known, other) == [2]
    assert unseen(known, None) == []


def test_the_fingerprint_changes_with_values_types_shapes_and_order() -> None:
    def of(x: np.ndarray, y: np.ndarray, **more: str) -> str:
        return fingerprint(Dataset(Samples(x, y), **more))  # type: ignore[arg-type]

    x, y = np.arange(6.0).reshape(3, 2), np.array([0, 1, 0])
    assert of(x, y) == of(x.copy(), y.copy())
    others = [of(x + 1, y), of(x.astype(np.float32), y), of(x.reshape(3, 2, 1), y), of(x[::-1], y), of(x, y[::-1] + 1)]
    assert len({of(x, y), *others}) == 6
    assert of(x, y, fingerprint="abc") == "abc"
    words = np.array(["a", "b", "c"], object)
    assert of(words, y) != of(words[::-1], y)


def test_what_is_in_memory_comes_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    from trainctl.components.dataset import Chosen

    monkeypatch.setattr(profile, "_CHUNK", 2)
    assert [len(each) for each in chunks(np.arange(5))] == [5]
    pieces = list(chunks(Chosen(np.arange(5), np.arange(5))))
    assert [each.tolist() for each in pieces] == [[0, 1], [2, 3], [4]]


def test_an_input_of_nothing_but_nan_has_no_range() -> None:
    data = Dataset(Samples(np.full((3, 2), np.nan, np.float32), np.array([0, 1, 0])))
    assert details(data, data.train, Profile.of({}, data.train))["inputs"]["x"] == {
        "dtype": "float32",
        "shape": [2],
        "missing": 6,
    }
