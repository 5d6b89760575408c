"""Differing settings and results of runs."""

from __future__ import annotations

from pathlib import Path

import pytest
from shelf import record, three

from trainctl.errors import RunDirError
from trainctl.jobs.compare import compare
from trainctl.runs.store import read_run


def test_what_differs_and_which_is_better(tmp_path: Path) -> None:
    first, second, third = map(read_run, three(tmp_path))
    found = compare([first, second, third])
    assert [(row.key, row.values) for row in found.settings] == [("model.layers.0.Dense.units", (8, 16, 8))]
    best = {row.key: row.best for row in found.results}
    assert best["val_loss"] == (1,)
    assert best["val_accuracy"] == ()  # no run says which way is better


def test_a_recorded_direction_decides(tmp_path: Path) -> None:
    ways = {"directions": {"accuracy": "max"}}
    runs = [record(tmp_path, f"2026010{n}-120000-aaaaaa", metrics={"val_accuracy": n / 10}, **ways) for n in (1, 2, 3)]
    assert compare(list(map(read_run, runs))).results[0].best == (2,)


def test_a_run_without_settings_is_refused(tmp_path: Path) -> None:
    first, second, _ = three(tmp_path)
    (second / "resolved.yaml").unlink()
    with pytest.raises(RunDirError, match=r"resolved\.yaml"):
        compare([read_run(first), read_run(second)])
