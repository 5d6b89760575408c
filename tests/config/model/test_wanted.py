"""What an experiment says of its labels."""

from __future__ import annotations

from typing import Any

import pytest
from workplace import Workplace

from trainctl.components.labels import LabelKind, Wanted
from trainctl.config.load import load
from trainctl.config.model.wanted import wanted_labels


def wanted(workplace: Workplace, loss: Any, data: Any = None, metrics: Any = ()) -> Any:
    section = {"source": "Synthetic", **(data or {})}
    config = workplace.write(data=section, compile={"loss": loss, "metrics": list(metrics)})
    return wanted_labels(load(str(config)).experiment)


@pytest.mark.parametrize(
    ("loss", "expected"),
    [
        ("mse", Wanted("MeanSquaredError")),
        ({"Huber": {"delta": 2.0}}, Wanted("Huber")),
        ({"SparseCategoricalCrossentropy": {"ignore_class": -1}}, Wanted("SparseCategoricalCrossentropy", ignored=-1)),
    ],
)
def test_the_loss_tells_its_labels(workplace: Workplace, loss: Any, expected: Wanted) -> None:
    assert wanted(workplace, loss) == {"": expected}


def test_a_metric_may_ignore_a_class(workplace: Workplace) -> None:
    metrics = [{"MeanIoU": {"num_classes": 2, "ignore_class": 255}}]
    assert wanted(workplace, "sparse_categorical_crossentropy", metrics=metrics)[""].ignored == 255


def test_labels_are_said_by_hand(workplace: Workplace) -> None:
    assert wanted(workplace, "mse", {"labels": "one_hot"})[""].kind is LabelKind.ONE_HOT


def test_an_autoencoder_says_nothing_of_them(workplace: Workplace) -> None:
    assert wanted(workplace, "mse", {"target": "inputs"}) == {}
