"""The section `data.folds`: a number or a mapping, and the columns that it holds out by."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from trainctl.config.load import Loaded
from trainctl.config.render import resolved_yaml
from trainctl.diagnostics import Diagnostic

Load = Callable[..., Loaded]
Problems = Callable[..., list[Diagnostic]]


@pytest.fixture
def with_folds(load_text: Load, experiment: str) -> Callable[..., Loaded]:
    def loaded(folds: str, *overrides: str) -> Loaded:
        return load_text(experiment.replace("  source: Iris\n", f"  source: Iris\n  folds: {folds}\n"), *overrides)

    return loaded


def written(loaded: Loaded) -> tuple[int, str | None, int | None]:
    folds = loaded.experiment.data.folds
    assert folds is not None
    return folds.k, folds.by, folds.fold


def test_a_number_is_short_for_k(with_folds: Callable[..., Loaded]) -> None:
    loaded = with_folds("5")
    assert written(loaded) == (5, None, None)
    assert loaded.experiment.data.is_cross_validated
    assert "  folds:\n    k: 5\n" in resolved_yaml(loaded, 1)


def test_set_reaches_below_a_number(with_folds: Callable[..., Loaded]) -> None:
    assert written(with_folds("5", "data.folds.fold=2")) == (5, None, 2)
    assert not with_folds("5", "data.folds.fold=2").experiment.data.is_cross_validated


def test_null_removes_it(with_folds: Callable[..., Loaded]) -> None:
    loaded = with_folds("5", "data.folds=null")
    assert loaded.experiment.data.folds is None
    assert "folds" not in resolved_yaml(loaded, 1)


def test_further_overrides_come_after_its_own(with_folds: Callable[..., Loaded]) -> None:
    loaded = with_folds("5", "fit.epochs=2").with_overrides(["data.folds.fold=3", "fit.epochs=4"])
    assert (written(loaded), loaded.experiment.fit.epochs) == ((5, None, 3), 4)
    assert loaded.overrides == ("fit.epochs=2", "data.folds.fold=3", "fit.epochs=4")


@pytest.mark.parametrize(
    ("data", "group", "time"),
    [
        ("folds: 5", None, None),
        ("folds: {k: 5, by: patient}", "patient", None),
        ("folds: {k: 5, by: group}", "group", None),
        ("folds: {k: 5, by: group}, split_by_group: patient", "patient", None),
        ("folds: 5, split_by_group: patient", "patient", None),
        ("folds: {k: 5, by: time}", None, "time"),
        ("folds: {k: 5, by: time}, split_by_time: day", None, "day"),
        ("folds: {k: 5, by: day}, split_by_time: day", None, "day"),
        ("folds: 5, split_by_time: day", None, "day"),
    ],
)
def test_by_names_a_column(load_text: Load, experiment: str, data: str, group: str | None, time: str | None) -> None:
    text = experiment.replace(
        "  source: Iris\n  validation_split: 0.2\n", f"  {{source: Iris, validation_split: 0.2, {data}}}\n"
    )
    section = load_text(text).experiment.data
    assert (section.group_column, section.time_column) == (group, time)


def test_windows_are_in_the_order_of_time_without_a_column(load_text: Load, experiment: str, tmp_path: Path) -> None:
    source = "{Timeseries: {path: weather.csv, target: t, window: 3}}"
    text = experiment.replace("  source: Iris\n", f"  source: {source}\n  folds: {{k: 3, by: time}}\n")
    section = load_text(
        text.replace("sparse_categorical_crossentropy", "mse").replace("[accuracy]", "[mae]")
    ).experiment.data
    assert section.time_column is None


@pytest.mark.parametrize(
    ("folds", "code", "message"),
    [
        ("1", "out-of-range", "data.folds.k must be at least 2, got 1"),
        ("many", "wrong-type", "data.folds.k must be an integer"),
        ("[5]", "wrong-type", "data.folds must be a mapping"),
        ("{by: patient}", "missing-key", "k"),
        ("{k: 5, fold: 6}", "wrong-value", "fold must be between 1 and k: 5, got 6"),
        ("{k: 5, bye: x}", "unknown-key", "'data.folds' has no key 'bye'"),
    ],
)
def test_what_is_wrong_is_told_at_its_place(
    problems: Problems, experiment: str, folds: str, code: str, message: str
) -> None:
    (found,) = problems(experiment.replace("  source: Iris\n", f"  source: Iris\n  folds: {folds}\n"))
    assert found.code == code
    assert message in found.message
    assert found.location is not None
    assert found.location.line == 3
