"""What is watched, expected or put into a file name is logged."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from trainctl.diagnostics import Diagnostic

Problems = Callable[..., list[Diagnostic]]


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("cp-{epoch:03d}-{val_loss:.2f}.keras", []),
        ("{accuracy}.keras", []),
        ("{{literal}}.keras", []),
        ("{auc:.2f}.keras", ["unknown-metric"]),
        ("{epoch!r}.keras", ["placeholder"]),
        ("{val_loss:d}.keras", ["placeholder"]),
        ("{epoch:.2f}.keras", ["placeholder"]),
        ("{epoch.keras", ["placeholder"]),
    ],
)
def test_what_a_file_name_may_hold(problems: Problems, experiment: str, name: str, codes: list[str]) -> None:
    text = experiment.replace("- TerminateOnNaN", f'- ModelCheckpoint: {{filepath: "{name}"}}')
    assert [each.code for each in problems(text)] == codes


@pytest.mark.parametrize(
    ("metrics", "codes"),
    [
        ("[accuracy, {Accuracy: {name: exact}}]", []),
        ("[accuracy, accuracy]", ["duplicate-metric"]),
        ("[accuracy, {AUC: {name: accuracy}}]", ["duplicate-metric"]),
    ],
)
def test_two_metrics_under_one_key(problems: Problems, experiment: str, metrics: str, codes: list[str]) -> None:
    assert [each.code for each in problems(experiment.replace("[accuracy]", metrics))] == codes


def test_without_validation_the_hint_says_how_to_have_it(problems: Problems, experiment: str) -> None:
    (found,) = problems(experiment.replace("  validation_split: 0.2\n", ""))
    assert found.code == "no-validation"
    assert "validation_split" in str(found.hint)


@pytest.mark.parametrize(("key", "codes"), [("val_accuracy", []), ("test_loss", []), ("val_f1", ["unknown-metric"])])
def test_an_expectation_is_about_something_measured(
    problems: Problems, experiment: str, key: str, codes: list[str]
) -> None:
    text = experiment.replace("  validation_split: 0.2\n", "  validation_split: 0.2\n  test_split: 0.2\n")
    assert [each.code for each in problems(f'{text}expect: {{{key}: ">= 0.1"}}\n')] == codes
