"""Losses and metrics that no labels of the experiment can fit are reported before TensorFlow starts."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from trainctl.diagnostics import Diagnostic

Problems = Callable[..., list[Diagnostic]]

LAST = "Dense: {units: 3, activation: softmax}"
LOSS = "loss: sparse_categorical_crossentropy"
METRICS = "metrics: [accuracy]"


def found(problems: Problems, experiment: str, last: str, loss: str, metrics: str, source: str) -> list[str]:
    text = experiment.replace(LAST, last).replace(LOSS, f"loss: {loss}").replace(METRICS, f"metrics: [{metrics}]")
    text = text.replace("source: Iris", f"source: {source}")
    return [
        each.path
        for each in problems(text)
        if each.code in {"loss", "metric", "output-units"} and each.severity == "error"
    ]


@pytest.mark.parametrize(
    ("last", "loss", "metrics", "source"),
    [
        (LAST, "sparse_categorical_crossentropy", "AUC, F1Score, MeanIoU: {num_classes: 3}", "Iris"),
        (LAST, "categorical_crossentropy", "accuracy", "Iris"),
        (LAST, "CategoricalHinge", "accuracy", "Iris"),
        ("Dense: {units: 1, activation: sigmoid}", "hinge", "accuracy", "BreastCancer"),
        ("Dense: {units: 1}", "poisson", "mae", "Diabetes"),
        ("Dense: {units: 1, activation: sigmoid}", "binary_crossentropy", "F1Score, BinaryAccuracy", "BreastCancer"),
    ],
)
def test_what_fits(problems: Problems, experiment: str, last: str, loss: str, metrics: str, source: str) -> None:
    assert found(problems, experiment, last, loss, metrics, source) == []


@pytest.mark.parametrize(
    ("last", "loss", "metrics", "source", "paths"),
    [
        (LAST, "kl_divergence", "AUC", "Iris", ["compile.loss"]),
        (LAST, "Dice", "AUC", "Iris", ["compile.loss"]),
        (LAST, "hinge", "AUC", "Iris", ["compile.loss"]),
        (LAST, "sparse_categorical_crossentropy", "BinaryAccuracy", "Iris", ["compile.metrics.BinaryAccuracy"]),
        (
            LAST,
            "sparse_categorical_crossentropy",
            "BinaryIoU, MeanIoU: {num_classes: 2}",
            "Iris",
            ["compile.metrics.BinaryIoU", "compile.metrics.MeanIoU"],
        ),
        (
            "Dense: {units: 1, activation: softmax}",
            "binary_crossentropy",
            "AUC",
            "BreastCancer",
            ["model.layers.1.Dense.units"],
        ),
    ],
)
def test_what_does_not(
    problems: Problems, experiment: str, last: str, loss: str, metrics: str, source: str, paths: list[str]
) -> None:
    assert found(problems, experiment, last, loss, metrics, source) == paths


def test_a_sparse_loss_tells_the_labels_of_any_source(problems: Problems, experiment: str) -> None:
    source = "{CSV: {path: t.csv, label: y}}"
    assert found(problems, experiment, LAST, "sparse_categorical_crossentropy", "BinaryIoU", source) == [
        "compile.metrics.BinaryIoU"
    ]


TABLE = "{CSV: {path: t.csv, label: y}}"
ONE = "Dense: {units: 1}"


@pytest.mark.parametrize(
    ("last", "loss", "metrics", "source", "paths"),
    [
        (LAST, "mse", "mae", "Iris", ["compile.loss"]),
        (LAST, "poisson", "mse", "Digits", ["compile.loss"]),
        (LAST, "Huber", "AUC", "Iris", ["compile.loss"]),
        (ONE, "mse", "accuracy", "Diabetes", ["compile.metrics.0"]),
        (ONE, "mae", "accuracy", "Iris", ["compile.metrics.0"]),
        (ONE, "poisson", "mae", "Iris", []),
        (LAST, "sparse_categorical_crossentropy", "mae", "Diabetes", ["compile.loss"]),
        (ONE, "hinge", "mae", "Diabetes", ["compile.loss"]),
        (ONE, "binary_crossentropy", "mae", "CaliforniaHousing", ["compile.loss"]),
        (
            "Dense: {units: 2, activation: softmax}",
            "sparse_categorical_crossentropy",
            "BinaryAccuracy",
            TABLE,
            ["compile.metrics.BinaryAccuracy"],
        ),
        ("Dense: {units: 1, activation: softmax}", "mse", "mae", TABLE, ["model.layers.1.Dense.units"]),
        ("Dense: {units: 1}\n    - Softmax", "binary_crossentropy", "mae", TABLE, ["model.layers.1.Dense.units"]),
        (
            "Dense: {units: 3}",
            "{CategoricalGeneralizedCrossEntropy: {q: 0.5}}",
            "accuracy",
            TABLE,
            ["model.layers.1.Dense.units"],
        ),
        (ONE, "mse", "accuracy", TABLE, []),  # the labels may be 0 and 1
    ],
)
def test_classes_and_numbers(
    problems: Problems, experiment: str, last: str, loss: str, metrics: str, source: str, paths: list[str]
) -> None:
    assert found(problems, experiment, last, loss, metrics, source) == paths


@pytest.mark.parametrize(
    ("labels", "loss", "last", "source", "paths"),
    [
        ("one_hot", "sparse_categorical_crossentropy", LAST, TABLE, ["compile.loss"]),
        ("one_hot", "sparse_categorical_crossentropy", LAST, "Iris", ["compile.loss"]),
        ("one_hot", "mse", LAST, "Iris", []),
        ("one_hot", "binary_crossentropy", LAST, "Iris", []),
        ("one_hot", "binary_crossentropy", ONE, TABLE, ["model.layers.1.Dense.units"]),
        ("index", "categorical_crossentropy", LAST, TABLE, ["compile.loss"]),
        ("index", "mse", LAST, "Iris", ["compile.loss"]),
        ("number", "sparse_categorical_crossentropy", LAST, TABLE, ["compile.loss"]),
        ("number", "mse", LAST, "Iris", ["compile.loss"]),
        ("number", "mse", ONE, "Iris", []),
        ("multi_hot", "sparse_categorical_crossentropy", LAST, TABLE, ["compile.loss"]),
        ("multi_hot", "binary_crossentropy", LAST, TABLE, []),
    ],
)
def test_labels_by_hand(
    problems: Problems, experiment: str, labels: str, loss: str, last: str, source: str, paths: list[str]
) -> None:
    text = experiment.replace("  source: Iris", f"  source: Iris\n  labels: {labels}").replace(METRICS, "metrics: null")
    assert found(problems, text, last, loss, "", source) == paths


def test_the_classes_of_a_regression_are_worth_a_warning(problems: Problems, experiment: str) -> None:
    text = experiment.replace(LAST, ONE).replace(LOSS, "loss: mae").replace(METRICS, "metrics: null")
    assert [(each.code, each.severity) for each in problems(text)] == [("loss", "warning")]
    assert problems(text.replace("  source: Iris", "  source: Iris\n  labels: number")) == []
    assert problems(text.replace("source: Iris", "source: BreastCancer")) == []  # two classes: 0 and 1


def test_labels_that_are_changed_are_known_once_they_are(problems: Problems, experiment: str) -> None:
    change = "  map_labels: {map: {setosa: 0, versicolor: 0, virginica: 1}}"
    text = experiment.replace("  source: Iris", f"  source: Iris\n{change}")
    one = text.replace(LAST, "Dense: {units: 1, activation: sigmoid}")
    assert problems(one.replace(LOSS, "loss: binary_crossentropy")) == []
    assert problems(text.replace(LAST, "Dense: {units: 2, activation: softmax}")) == []


def test_an_autoencoder_has_no_accuracy(problems: Problems, experiment: str) -> None:
    text = experiment.replace("  source: Iris", "  source: Iris\n  target: inputs").replace(LAST, "Dense: {units: 4}")
    assert [each.path for each in problems(text.replace(LOSS, "loss: mse"))] == ["compile.metrics.0"]


def test_mixed_samples_have_one_hot_labels(problems: Problems, experiment: str) -> None:
    text = experiment.replace("  source: Iris", "  source: Digits\n  augment: [MixUp]").replace("units: 3", "units: 10")
    assert problems(text.replace(METRICS, "metrics: [F1Score, CategoricalAccuracy]")) == []


def test_a_margin_is_no_probability(problems: Problems, experiment: str) -> None:
    assert problems(experiment.replace(LAST, "Dense: {units: 3}").replace(LOSS, "loss: CategoricalHinge")) == []


def test_everything_is_reported_at_once(problems: Problems, experiment: str) -> None:
    text = experiment.replace("source: Iris", "source: Diabetes").replace("val_loss", "val_speed")
    assert {each.path for each in problems(text)} == {
        "compile.loss",
        "compile.metrics.0",
        "callbacks.EarlyStopping.monitor",
    }
