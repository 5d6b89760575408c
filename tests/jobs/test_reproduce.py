"""Only a complete run can be done again."""

from __future__ import annotations

from pathlib import Path

import pytest

from trainctl.errors import RunDirError
from trainctl.jobs.reproduce import require_complete
from trainctl.runs.layout import RunDirectory
from trainctl.runs.store import Run


def test_a_run_without_a_result(tmp_path: Path) -> None:
    with pytest.raises(RunDirError, match="is interrupted: there is no result") as caught:
        require_complete(Run(RunDirectory(tmp_path / "id"), {"status": "interrupted", "exit_code": 130}))
    assert caught.value.hint == "trainctl resume id finishes it"


def test_a_fork_is_not_done_again_from_the_start(tmp_path: Path) -> None:
    origin = {"run_id": "first", "place": "after epoch 6"}
    with pytest.raises(
        RunDirError, match="id is a fork and cannot be repeated: it started from the weights of first after epoch 6"
    ) as caught:
        require_complete(Run(RunDirectory(tmp_path / "id"), {"status": "done", "forked_from": origin}))
    assert "trainctl runs reproduce first" in str(caught.value.hint)


@pytest.mark.parametrize("record", [{"status": "done", "exit_code": 0}, {"status": "failed", "exit_code": 8}])
def test_a_run_with_one(tmp_path: Path, record: dict[str, object]) -> None:
    require_complete(Run(RunDirectory(tmp_path / "id"), record))
