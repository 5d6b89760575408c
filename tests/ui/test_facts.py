"""The facts of a run in words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from trainctl import events
from trainctl.ui import facts


def test_data(loaded: events.DataLoaded) -> None:
    assert facts.format_data(loaded) == "Digits, stand-in for MNIST: 48,000 train, 12,000 validation"
    assert "28×28×?" in facts.format_sample(loaded)
    assert "10 classes" in facts.format_sample(loaded)


@pytest.mark.parametrize(
    ("shape", "words"),
    [((28, 28, 1), "28×28×1"), ((None, 3), "?×3"), ({"image": [2, 2], "size": []}, "image 2×2, size scalar")],
)
def test_shapes(shape: object, words: str) -> None:
    assert facts.format_shape(shape) == words  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("details", "words"),
    [
        ({}, ""),
        ({"inputs": {"x": {"dtype": "uint8", "min": 0, "max": 255}}}, "uint8 0 to 255"),
        ({"labels": {"y": {"classes": {"cat": 4000, "dog": 1}}}}, "cat 4,000, dog 1"),
        ({"labels": {"y": {"min": -1.5, "max": 2}}}, "labels -1.5 to 2"),
        ({"labels": {"y": {"classes": {str(index): index + 1 for index in range(10)}}}}, "1 to 10 samples per class"),
        ({"columns": {"age": {"missing": 3}, "sex": {"missing": 0}}}, "3 missing values in age"),
    ],
)
def test_details(details: dict[str, object], words: str) -> None:
    assert facts.format_details(details) == words


def test_a_model_with_frozen_weights(built: events.ModelBuilt) -> None:
    assert facts.format_model(built) == "Sequential: 5 layers, 50,890 parameters"
    assert "10 of them trainable" in facts.format_model(replace(built, trainable_parameters=10))


def test_only_callbacks_that_took_long_are_told(finished: events.RunFinished) -> None:
    costly = replace(finished, callback_seconds={"TensorBoard": 6.5, "CSVLogger": 0.01})
    assert facts.format_costs(costly).startswith("TensorBoard")
    assert "10%" in facts.format_costs(costly)
    assert "CSVLogger" not in facts.format_costs(costly)


def test_no_word_of_a_stranger_reaches_the_terminal_as_a_command(loaded: events.DataLoaded) -> None:
    assert "\x1b" not in facts.format_data(replace(loaded, source="\x1b[2Jevil"))
