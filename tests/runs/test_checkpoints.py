"""Which model of a run is meant."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from trainctl.errors import RunDirError
from trainctl.runs.checkpoints import model_file
from trainctl.runs.store import find_run


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    folder = tmp_path / "runs" / "small" / "20260101-000000-abcdef"
    folder.mkdir(parents=True)
    record: dict[str, Any] = {"run_id": folder.name, "name": "small", "status": "done"}
    record["checkpoints"] = {"best": {"file": "best.keras"}, "last": {"file": "model.keras"}}
    (folder / "run.json").write_text(json.dumps(record))
    for name in ("model.keras", "best.keras"):
        (folder / name).write_text("")
    return tmp_path / "runs"


@pytest.mark.parametrize(
    ("run", "wanted", "name"),
    [
        ("small", None, "model.keras"),
        ("small/best", None, "best.keras"),
        ("latest/last", None, "model.keras"),
        ("small", "best", "best.keras"),
        ("small/best", "model.keras", "model.keras"),
    ],
)
def test_a_model_by_its_name(runs: Path, run: str, wanted: str | None, name: str) -> None:
    assert model_file(find_run(runs, run), wanted).name == name


@pytest.mark.parametrize("wanted", ["none.keras", "../x.keras", "/etc/passwd"])
def test_a_file_that_is_no_model_of_the_run(runs: Path, wanted: str) -> None:
    with pytest.raises(RunDirError) as refused:
        model_file(find_run(runs, "small"), wanted)
    assert refused.value.hint == "it has best.keras and model.keras"


def test_the_final_model_does_not_stand_in_for_the_best(runs: Path) -> None:
    run = find_run(runs, "small/best")
    run.directory.path.joinpath("best.keras").unlink()
    with pytest.raises(RunDirError, match=r"has no best\.keras"):
        model_file(run)
