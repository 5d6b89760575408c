"""CSVLogger through YAML."""

from __future__ import annotations

import csv
from typing import Any

import pytest
from workplace import Trained, Workplace

pytestmark = pytest.mark.tf


def train(workplace: Workplace, **arguments: Any) -> Trained:
    return workplace.train(callbacks=[{"CSVLogger": {"filename": "logs/training.csv", **arguments}}])


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_line_an_epoch(workplace: Workplace, separator: str) -> None:
    run = train(workplace, separator=separator)
    with (run.directory / "logs" / "training.csv").open(newline="") as file:
        lines = list(csv.DictReader(file, delimiter=separator))
    assert list(lines[0]) == ["epoch", "accuracy", "loss", "val_accuracy", "val_loss"]
    assert [int(line["epoch"]) for line in lines] == [0, 1]
    for line, recorded in zip(lines, run.history, strict=True):
        assert {key: float(line[key]) for key in lines[0] if key != "epoch"} == pytest.approx(
            {key: recorded[key] for key in lines[0] if key != "epoch"}
        )


@pytest.mark.parametrize(("append", "expected"), [(False, 3), (True, 5)])
def test_append_goes_on_in_the_file(workplace: Workplace, append: bool, expected: int) -> None:
    place = workplace.folder / "all.csv"
    for _ in range(2):
        train(workplace, filename=str(place), append=append)
    lines = place.read_text().splitlines()
    assert len(lines) == expected
    assert sum(line.startswith("epoch") for line in lines) == 1
