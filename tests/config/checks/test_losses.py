"""The last layer against the loss and the labels."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from trainctl.diagnostics import Diagnostic

Problems = Callable[..., list[Diagnostic]]

LAST = "Dense: {units: 3, activation: softmax}"
LOSS = "loss: sparse_categorical_crossentropy"


@pytest.mark.parametrize(
    ("last", "loss", "source", "codes"),
    [
        (LAST, LOSS, "Iris", []),
        ("Dense: {units: 3}", "loss: {SparseCategoricalCrossentropy: {from_logits: true}}", "Iris", []),
        ("Dense: {units: 3}", LOSS, "Iris", ["loss-activation"]),
        ("Dense: {units: 3, activation: tanh}", LOSS, "Iris", ["loss-activation"]),
        ("Dense: {units: 10, activation: softmax}", LOSS, "Iris", ["output-units"]),
        ("Dense: {units: 2, activation: softmax}", LOSS, "Iris", ["output-units"]),
        ("Dense: {units: 1, activation: sigmoid}", "loss: binary_crossentropy", "BreastCancer", []),
        ("Dense: {units: 1, activation: softmax}", "loss: binary_crossentropy", "BreastCancer", ["output-units"]),
        (LAST, "loss: binary_crossentropy", "{CSV: {path: t.csv, label: [a, b, c]}}", ["loss-activation"]),
        (LAST, LOSS, "Diabetes", ["loss"]),
        ("Dense: {units: 1}", "loss: mae", "Iris", ["loss"]),
    ],
)
def test_what_fits_together(
    problems: Problems, experiment: str, last: str, loss: str, source: str, codes: list[str]
) -> None:
    text = experiment.replace(LAST, last).replace(LOSS, loss).replace("source: Iris", f"source: {source}")
    assert [each.code for each in problems(text.replace("  metrics: [accuracy]\n", ""))] == codes


@pytest.mark.parametrize(
    ("after", "codes"), [("Dropout: {rate: 0.1}", ["output-units"]), ("Reshape: {target_shape: [2]}", [])]
)
def test_units_count_unless_a_later_layer_changes_them(
    problems: Problems, experiment: str, after: str, codes: list[str]
) -> None:
    found = problems(experiment.replace(LAST, f"Dense: {{units: 2, activation: softmax}}\n    - {after}"))
    assert [each.code for each in found if each.code == "output-units"] == codes


def test_what_is_learned_from_the_inputs_has_no_classes(problems: Problems, experiment: str) -> None:
    text = experiment.replace(LAST, "Dense: {units: 4}").replace(LOSS, "loss: mse").replace("[accuracy]", "[mae]")
    assert problems(text.replace("  source: Iris\n", "  source: Iris\n  target: inputs\n")) == []
