"""`trainctl resume`: runs that cannot be resumed. tests/program/test_resume.py resumes."""

from __future__ import annotations

import json

import pytest
from workplace import Workplace


@pytest.mark.parametrize("run", ["latest", "small", "absent/folder"])
def test_a_run_that_is_not_there(workplace: Workplace, run: str) -> None:
    ended = workplace.call("resume", run)
    assert ended.exit_code == 7
    assert run in ended.stderr or "no run" in ended.stderr


def test_a_run_without_a_record_of_its_experiment(workplace: Workplace) -> None:
    folder = workplace.folder / "runs" / "small" / "20260101-120000-aaaaaa"
    folder.mkdir(parents=True)
    (folder / "run.json").write_text(json.dumps({"run_id": folder.name, "name": "small", "status": "failed"}))
    ended = workplace.call("resume", str(folder))
    assert ended.exit_code in {3, 7}
    assert "Traceback" not in ended.stderr
