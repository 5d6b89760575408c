"""The steps of `map_labels`: what they do to labels of each type, and what undoes them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pydantic import TypeAdapter, ValidationError

from trainctl.components.fields import ArgumentError
from trainctl.components.label_change import LabelChange, LabelChanges
from trainctl.errors import DataError


def read(written: Any) -> dict[str, LabelChange]:
    return {name: LabelChange(steps) for name, steps in TypeAdapter(LabelChanges).validate_python(written).items()}


@pytest.mark.parametrize(
    ("written", "labels", "changed"),
    [
        ({"shift": -1}, [1, 2, 3], [0, 1, 2]),
        ({"scale": "1/10"}, [1, 20], [0.1, 2.0]),
        ({"scale": 2}, [1, 20], [2, 40]),
        ({"clip": [0, 5]}, [-3, 4, 9], [0, 4, 5]),
        ({"clip": [None, 5]}, [-3.5, 9.0], [-3.5, 5.0]),
        ("log1p", [0, np.e - 1], [0.0, 1.0]),
        ({"log": None}, [1.0, np.e], [0.0, 1.0]),
        ({"cast": "int"}, [1.0, 2.9], [1, 2]),
        ({"cast": "float"}, ["1.5", "2"], [1.5, 2.0]),
        ({"cast": "text"}, [1.0, 2.5], ["1", "2.5"]),
        ({"map": {"no": 0, "yes": 1}}, ["yes", "no"], [1, 0]),
        ({"map": {"1": 0, "2": 1}}, [2.0, 1.0], [1, 0]),
        ({"map": {"true": 1, "false": 0}}, [True, False], [1, 0]),
        ({"map": {"a": "vowel", "b": "other"}}, ["b", "a"], ["other", "vowel"]),
        ({"clip": [0, 10], "scale": "1/10"}, [-5, 100], [0.0, 1.0]),
        ({"scale": "1/10", "clip": [0, 10]}, [-5, 100], [0.0, 10.0]),
        ([{"clip": [1, None]}, "log"], [0.0, np.e], [0.0, 1.0]),
    ],
)
def test_what_the_steps_do(written: Any, labels: list[Any], changed: list[Any]) -> None:
    [change] = read(written).values()
    given = np.array(labels)
    found = change(given)
    assert found.dtype == change.dtype(given.dtype.name)
    assert found.tolist() == (pytest.approx(changed) if found.dtype.kind == "f" else changed)


@pytest.mark.parametrize(
    ("written", "kept", "own"),
    [
        ({"scale": 0.5, "shift": 3}, 5.0, 4.0),
        ("log", 0.0, 1.0),
        (["log1p", {"scale": 2}], 0.0, 0.0),
        ({"clip": [0, 1], "scale": 0.1}, 0.1, 1.0),
        ([{"map": {"a": 1}}, {"scale": 10}], 20.0, 2.0),
    ],
)
def test_how_they_are_undone(written: Any, kept: float, own: float) -> None:
    [change] = read(written).values()
    assert change.own(kept) == pytest.approx(own)


def test_class_indices_stand_for_the_labels_that_were_mapped_to_them() -> None:
    [change] = read({"map": {"setosa": 0, "virginica": 1, "versicolor": 1}}).values()
    assert change.names == {0: "setosa", 1: "virginica/versicolor"}
    [change] = read({"map": {"low": 0.5, "high": 1}}).values()
    assert change.names is None


def test_each_output_has_its_own() -> None:
    found = read({"risk": {"shift": -1}, "price": "log"})
    assert {name: str(change) for name, change in found.items()} == {"risk": "shift -1", "price": "log"}
    assert read({}) == {}


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ({"scal": 2}, "map_labels does not know 'scal'"),
        ({"scale": 0}, "scale 0 makes all labels the same"),
        ({"clip": [3, 1]}, "the first number must be the lower one"),
        ({"clip": 3}, "must be two numbers"),
        ({"clip": [None, None]}, "must be two numbers"),
        ({"log": False}, "a step that is false does nothing"),
        ({"scale": None}, "scale needs a value"),
        (3, "map_labels takes scale, shift"),
    ],
)
def test_what_is_refused(written: Any, message: str) -> None:
    with pytest.raises(ValidationError) as caught:
        read(written)
    raised = caught.value.errors()[0]["ctx"]["error"]
    assert isinstance(raised, ArgumentError)
    assert message in raised.message


@pytest.mark.parametrize(
    ("written", "labels", "message", "hint"),
    [
        ("log", [0, 1], "log takes labels above 0, but the lowest is 0", "use log1p"),
        ("log1p", [-2.0], "log1p takes labels above -1", "clip the labels first"),
        ({"map": {"a": 0}}, ["a", "b"], "does not say what 'b' becomes", "each label"),
        ({"shift": 1}, ["a"], "shift takes numbers, but the labels are text", "map: {no: 0, yes: 1}"),
        ({"cast": "int"}, ["a"], "the label 'a' is not a number", "map"),
        ({"cast": "int"}, [np.inf], "not finite", "clip"),
    ],
)
def test_labels_that_cannot_be_changed(written: Any, labels: list[Any], message: str, hint: str) -> None:
    [change] = read(written).values()
    with pytest.raises(DataError) as caught:
        change(np.array(labels))
    assert message in caught.value.message
    assert hint in (caught.value.hint or "")
