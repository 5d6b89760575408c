"""What Keras makes of a name."""

from __future__ import annotations

import pytest

from trainctl import catalog
from trainctl.config.component import KerasComponent
from trainctl.config.model.keras_names import canonical_name, learned_argument, metric_name


@pytest.mark.parametrize(
    ("kind", "written", "name"),
    [
        ("loss", "mse", "MeanSquaredError"),
        ("loss", "BinaryCrossentropy", "BinaryCrossentropy"),
        ("optimizer", "adam", "Adam"),
    ],
)
def test_an_identifier_stands_for_a_class(kind: str, written: str, name: str) -> None:
    found = canonical_name(KerasComponent(kind, written))
    assert found == name
    assert canonical_name("text") is None


@pytest.mark.parametrize(
    ("metric", "key"),
    [
        (KerasComponent("metric", "accuracy"), "accuracy"),
        (KerasComponent("metric", "acc"), "acc"),
        (KerasComponent("metric", "AUC"), "auc"),
        (KerasComponent("metric", "AUC", {"name": "area"}), "area"),
        (KerasComponent("metric", "MeanIoU", {"num_classes": 2}), "mean_io_u"),
    ],
)
def test_the_key_of_a_metric(metric: KerasComponent, key: str) -> None:
    assert metric_name(metric) == key


def test_every_metric_has_a_key_that_a_file_name_may_hold() -> None:
    for name in catalog.names("metric"):
        key = metric_name(KerasComponent("metric", name))
        assert key.replace("_", "").isalnum(), name


@pytest.mark.parametrize(
    ("component", "argument"),
    [
        (KerasComponent("layer", "Normalization"), "mean"),
        (KerasComponent("layer", "Normalization", {"mean": 0.0, "variance": 1.0}), None),
        (KerasComponent("layer", "TextVectorization"), "vocabulary"),
        (KerasComponent("layer", "Dense"), None),
        (KerasComponent("metric", "Normalization"), None),
        ("Normalization", None),
    ],
)
def test_a_layer_learns_what_the_file_does_not_say(component: object, argument: str | None) -> None:
    assert learned_argument(component) == argument
