"""Folds beside other splits, and files that all of their runs would write."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from trainctl.diagnostics import Diagnostic

Problems = Callable[..., list[Diagnostic]]


def with_data(experiment: str, data: str) -> str:
    return experiment.replace(
        "  source: Iris\n  validation_split: 0.2\n", f"  {{source: Iris, validation_split: 0.2, {data}}}\n"
    )


@pytest.mark.parametrize(
    ("data", "found"),
    [
        ("folds: 5", []),
        ("folds: 5, limit: 5", []),
        ("folds: 5, split_by_group: a", []),
        ("folds: {k: 5, by: group}, split_by_group: a", []),
        ("folds: {k: 5, by: a}, split_by_group: a", []),
        ("folds: {k: 5, by: time}, split_by_time: a", []),
        ("folds: 5, test_split: 0.2", [("split-twice", "data.test_split")]),
        ("folds: 5, test: Iris", [("split-twice", "data.test")]),
        ("folds: {k: 5, fold: 1}, test_split: 0.2", [("split-twice", "data.test_split")]),
        ("folds: 5, limit: 4", [("no-training-data", "data.folds.k")]),
        ("folds: {k: 5, by: time}, split_by_group: a", [("split-twice", "data.folds.by")]),
        ("folds: {k: 5, by: b}, split_by_group: a", [("split-twice", "data.folds.by")]),
        ("folds: {k: 5, by: b}, split_by_time: a", [("split-twice", "data.folds.by")]),
        ("folds: {k: 5, by: group}, split_by_time: a", [("split-twice", "data.folds.by")]),
    ],
)
def test_folds_and_other_splits(problems: Problems, experiment: str, data: str, found: list[tuple[str, str]]) -> None:
    assert [(each.code, each.path) for each in problems(with_data(experiment, data))] == found


def test_a_source_with_a_test_split_of_its_own(problems: Problems, experiment: str) -> None:
    text = experiment.replace("  source: Iris\n", "  source: MNIST\n  folds: 5\n").replace("units: 3", "units: 10")
    (found,) = problems(text)
    assert (found.code, found.path) == ("split-twice", "data.folds")
    assert "MNIST has its own test split" in found.message


@pytest.mark.parametrize(
    ("callback", "count"),
    [
        ("CSVLogger: {filename: log.csv}", 0),
        ("CSVLogger: {filename: /tmp/log.csv}", 1),
        ("CSVLogger: {filename: /tmp/log.csv, append: true}", 0),
        ("BackupAndRestore: {backup_dir: /tmp/backup}", 1),
    ],
)
def test_files_elsewhere_belong_to_one_fold(problems: Problems, experiment: str, callback: str, count: int) -> None:
    text = experiment.replace("TerminateOnNaN", callback)
    found = problems(with_data(text, "folds: 3"))
    assert [each.code for each in found] == ["output-path"] * count
    assert problems(with_data(text, "folds: {k: 3, fold: 2}")) == [], "one run writes over nobody"


def test_the_columns_to_hold_out_by_have_an_effect(problems: Problems, experiment: str) -> None:
    text = experiment.replace("  validation_split: 0.2\n", "  split_by_group: a\n  folds: 3\n").replace(
        "val_loss", "loss"
    )
    assert problems(text) == []
