"""What is made of all folds: the predictions of their held-out samples in the order of the data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from trainctl.jobs.folds import conclude
from trainctl.runs.children import child_run, together
from trainctl.runs.layout import RunDirectory


@pytest.fixture
def whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunDirectory:
    monkeypatch.setattr("trainctl.training.ensemble.write_ensemble", lambda *_: "there is none here")
    monkeypatch.setattr("trainctl.jobs.session.write_history_plot", lambda *_: None)
    return RunDirectory(tmp_path / "x" / "1")


def concluded(whole: RunDirectory, texts: list[str | None]) -> list[Any]:
    parts = [whole.child("folds", str(number)) for number in range(1, len(texts) + 1)]
    for part, text in zip(parts, texts, strict=True):
        part.path.mkdir(parents=True)
        if text is not None:
            part.predictions.write_text(text)
    events: list[Any] = []
    conclude(whole, together("folds", [child_run(part, {"status": "done"}) for part in parts]), events.append)
    return events


@pytest.mark.tf
def test_rows_are_in_the_order_of_the_data(whole: RunDirectory) -> None:
    first = 'row,label,prediction\n0,"a,b",a\n9,b,b\n10,a,b\n'
    concluded(whole, [first, "row,label,prediction\n", "row,label,prediction\n2,a,a\n"])
    lines = whole.predictions.read_text().splitlines()
    assert lines == ["row,fold,label,prediction", '0,1,"a,b",a', "2,3,a,a", "9,1,b,b", "10,1,a,b"]


@pytest.mark.tf
def test_without_predictions_there_is_no_file_and_a_missing_ensemble_is_told(whole: RunDirectory) -> None:
    events = concluded(whole, [None, None])
    assert not whole.predictions.exists()
    assert events[-1].message.startswith("no model averages the folds: there is none here")
