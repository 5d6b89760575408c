"""Data at the command line: what is shown before training, what a mistake says, what raw rows become."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from workplace import Workplace

pytestmark = pytest.mark.tf


def visits(folder: Path) -> None:
    """120 visits on two kinds of days: who came on a Sunday, and paid, returned."""
    days = np.datetime64("2024-01-01") + np.arange(120)
    weekday = (days.astype(int) + 3) % 7
    rows = [
        f"{day},{'yes' if index % 3 else 'no'},{index % 5},{'' if index % 10 == 0 else index},p{index // 4},{int(weekday[index] == 6)}"
        for index, day in enumerate(days)
    ]
    (folder / "visits.csv").write_text("\n".join(["day,paid,guests,spent,patient,returned", *rows]) + "\n")


def test_a_table_is_shown_then_trained_then_used_on_raw_rows(workplace: Workplace) -> None:
    visits(workplace.folder)
    sections = {
        "data": {
            "source": {"CSV": {"path": "visits.csv", "label": "returned"}},
            "validation_split": 0.25,
            "split_by_group": "patient",
            "batch_size": 16,
        },
        "model": {"layers": [{"Dense": {"units": 2, "activation": "softmax"}}]},
        "fit": {"epochs": 1},
    }
    shown = workplace.call("validate", "--build", str(workplace.write(**sections)))
    assert shown.exit_code == 0
    lines = [line.split() for line in shown.stdout.splitlines()]
    kinds = {line[0]: line[1] for line in lines if len(line) > 2}
    wanted = {"day": "date", "paid": "boolean", "guests": "numeric", "spent": "numeric"}
    assert wanted.items() <= kinds.items()
    assert "patient" not in shown.stdout  # kept for splitting, not for learning

    run = workplace.train(**sections)
    details = run.record["data"]["details"]
    assert details["columns"]["spent"]["missing"] > 0
    assert sum(details["labels"]["y"]["classes"].values()) == run.record["data"]["train_samples"]
    assert "missing values in spent" in run.stderr

    predicted = workplace.call("predict", "latest", "visits.csv")
    assert predicted.exit_code == 0, predicted.stderr
    assert len(list(csv.reader(io.StringIO(predicted.stdout)))) == 121


def test_an_image_that_is_cut_short_is_named_while_training(workplace: Workplace) -> None:
    rng = np.random.default_rng(0)
    for number in range(8):
        for name in ("red", "blue"):
            file = workplace.folder / "images" / name / f"{number}.png"
            file.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(rng.integers(0, 255, (16, 16, 3), np.uint8)).save(file)
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])
    run = workplace.train(
        exit_code=4,
        data={"source": {"ImageFolder": {"path": "images", "image_size": [8, 8]}}, "batch_size": 4},
        model={"layers": ["Flatten", {"Dense": {"units": 2, "activation": "softmax"}}]},
    )
    assert "images/blue/7.png is an incomplete image" in run.stderr
    assert "help: repair or remove them, or set on_error: skip" in run.stderr
