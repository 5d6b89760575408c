"""The order of the list is the order of the calls."""

from __future__ import annotations

import csv
from typing import Any

import pytest
from workplace import Trained, Workplace

pytestmark = pytest.mark.tf

PLATEAU: dict[str, Any] = {
    "ReduceLROnPlateau": {"monitor": "loss", "mode": "min", "min_delta": 1e6, "factor": 0.5, "patience": 1}
}
LOG: dict[str, Any] = {"CSVLogger": {"filename": "log.csv"}}


def logged_columns(run: Trained) -> list[str]:
    with (run.directory / "log.csv").open(newline="") as file:
        return next(csv.reader(file))


def test_a_reader_sees_what_stands_before_it(workplace: Workplace) -> None:
    """ReduceLROnPlateau writes `learning_rate` into the logs: CSVLogger sees it only when it is called later."""
    assert "learning_rate" in logged_columns(workplace.train(callbacks=[PLATEAU, LOG]))
    assert "learning_rate" not in logged_columns(workplace.train(callbacks=[LOG, PLATEAU]))


def test_the_record_keeps_the_order(workplace: Workplace) -> None:
    run = workplace.train(callbacks=[PLATEAU, "TerminateOnNaN", LOG])
    assert run.record["callbacks"] == ["ReduceLROnPlateau", "TerminateOnNaN", "CSVLogger"]
