"""Notices of labels that leave little to learn."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from trainctl.components.context import DataContext
from trainctl.components.dataset import Dataset, Samples
from trainctl.data.balance import tell_labels
from trainctl.data.profile import Profile
from trainctl.events import Event, Notice

pytestmark = pytest.mark.tf


def told(y: Any, names: tuple[str, ...] = (), *, classify: bool = True) -> list[str]:
    events: list[Event] = []
    samples = Samples(np.zeros(len(np.asarray(y))), np.asarray(y))
    dataset = Dataset(samples, class_names=names)
    tell_labels(dataset, Profile.of({}, samples), DataContext(events.append), classify=classify)
    return [event.message for event in events if isinstance(event, Notice) and event.loud]


@pytest.mark.parametrize(
    ("y", "names", "messages"),
    [
        ([0, 0, 0], ("p",), ["the labels in the training data are all p: there is nothing to learn"]),
        ([0, 0, 1, 2, 2], ("a", "b", "c"), ["1 class with only one training sample: b"]),
        (
            [1, 1, 2, 2],
            (),
            [
                "the labels in the training data start at 1, but class indices start at 0: "
                "1 output of the model cannot be used; map_labels: {shift: -1} in data numbers the classes from 0"
            ],
        ),
        ([0, 0, 1, 1], (), []),
        ([0, 1, 2], (), []),  # one of each: that is the data
    ],
)
def test_classes(y: list[int], names: tuple[str, ...], messages: list[str]) -> None:
    assert told(y, names) == messages


def test_many_single_classes_are_not_all_listed() -> None:
    (message,) = told([*range(30), 0])
    assert message.startswith("29 classes with only one training sample: 1, 2, ")
    assert message.endswith("10 and …")


def test_numbers() -> None:
    assert told(np.full(4, 2.5)) == ["the labels in the training data are all 2.5: there is nothing to learn"]
    assert told([1, 1, 2, 7], classify=False) == []
    assert told([0.5, 1.5]) == []
