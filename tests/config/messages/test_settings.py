"""What is wrong with a section or an argument of ours: one diagnostic for each value, at the value."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from trainctl.diagnostics import Diagnostic

Problems = Callable[..., list[Diagnostic]]

STOPPING = "EarlyStopping: {monitor: val_loss, patience: 3}"


@pytest.mark.parametrize(
    ("old", "new", "code", "path"),
    [
        ("epochs: 5", "epochs: 0", "out-of-range", "fit.epochs"),
        ("epochs: 5", "epochs: many", "wrong-type", "fit.epochs"),
        ("epochs: 5", "epoch: 5", "unknown-key", "fit.epoch"),
        ("epochs: 5", "batch_size: 5", "wrong-section", "fit.batch_size"),
        ("fit:\n  epochs: 5", "fit: 5", "wrong-type", "fit"),
        ("compile:", "metrics: []\ncompile:", "wrong-section", "metrics"),
        ("validation_split: 0.2", "validation_split: 20", "out-of-range", "data.validation_split"),
        (STOPPING, "EarlyStopping: {mode: lowest}", "wrong-value", "callbacks.EarlyStopping.mode"),
        (STOPPING, "EarlyStopping: {patince: 3}", "unknown-argument", "callbacks.EarlyStopping.patince"),
        (STOPPING, "ModelCheckpoint: {}", "missing-argument", "callbacks.ModelCheckpoint.filepath"),
        (STOPPING, "ModelCheckpoint: {filepath: a.h5}", "file-suffix", "callbacks.ModelCheckpoint.filepath"),
        (STOPPING, "ReduceLROnPlateau: {epsilon: 1}", "removed-argument", "callbacks.ReduceLROnPlateau.epsilon"),
    ],
)
def test_the_code_and_the_place(problems: Problems, experiment: str, old: str, new: str, code: str, path: str) -> None:
    assert old in experiment
    found = problems(experiment.replace(old, new))
    assert (code, path) in [(each.code, each.path) for each in found]
    assert all(each.location is not None for each in found)


def test_alternatives_that_all_fail_on_one_value_are_one_problem(problems: Problems, experiment: str) -> None:
    found = problems(experiment.replace("epochs: 5", "epochs: 5\n  class_weight: 3"))
    assert [each.path for each in found] == ["fit.class_weight"]


def test_a_misspelled_name_is_not_missing_too(problems: Problems, experiment: str) -> None:
    found = problems(experiment.replace(STOPPING, "ModelCheckpoint: {filepth: a.keras}"))
    assert [each.code for each in found] == ["unknown-argument"]


@pytest.mark.parametrize("bound", ["0.93", "high", "=> 0.9", "[1]"])
def test_an_expectation_is_a_comparison(problems: Problems, experiment: str, bound: str) -> None:
    (found,) = problems(f"{experiment}expect: {{val_loss: {bound}}}\n")
    assert (found.code, found.path) == ("wrong-value", "expect.val_loss")
