"""Splits that leave nothing, or are given twice. tests/config/test_checks.py has the place of each."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from trainctl.diagnostics import Diagnostic

Problems = Callable[..., list[Diagnostic]]


@pytest.mark.parametrize(
    ("splits", "codes"),
    [
        ("validation_split: 0.2", []),
        ("validation_split: 0.4, test_split: 0.59", []),
        ("validation_split: 0.4, test_split: 0.6", ["no-training-data"]),
        ("validation_split: 0.2, test: Iris", []),
        ("validation: Iris, test_split: 0.2, test: Iris", ["split-twice"]),
        ("validation: Iris, validation_split: 0.2", ["split-twice"]),
    ],
)
def test_what_is_left_to_train_on(problems: Problems, experiment: str, splits: str, codes: list[str]) -> None:
    text = experiment.replace("  source: Iris\n  validation_split: 0.2\n", f"  {{source: Iris, {splits}}}\n")
    assert [each.code for each in problems(text)] == codes


def test_a_rule_without_a_share_splits_nothing(problems: Problems, experiment: str) -> None:
    text = experiment.replace("  validation_split: 0.2\n", "  split_by_time: day\n").replace("val_loss", "loss")
    (found,) = problems(text)
    assert (found.code, found.path) == ("no-split", "data.split_by_time")


def test_changes_of_labels_that_nothing_learns(problems: Problems, experiment: str) -> None:
    source = "  source: Iris\n"
    (found,) = problems(experiment.replace(source, f"{source}  target: inputs\n  map_labels: {{shift: 1}}\n"))
    assert (found.code, found.path) == ("no-effect", "data.map_labels")
    assert problems(experiment.replace(source, f"{source}  map_labels: {{shift: 0}}\n")) == []
