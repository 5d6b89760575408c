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
    return [each.path for each in problems(text) if each.code in {"loss", "metric"} and each.severity == "error"]


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
