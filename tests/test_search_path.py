"""The search path: what is installed comes before a stranger's working directory, which is not on it at all."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from trainctl.search_path import leave_out_working_directory

STANDARD = str(Path(os.__file__).parent)


@pytest.mark.parametrize(
    ("before", "pythonpath", "after"),
    [
        (["", STANDARD, "/site"], "", [STANDARD, "/site"]),
        (["{here}", STANDARD, "/site"], "", [STANDARD, "/site"]),
        (["{here}", ".", STANDARD], ":", [STANDARD]),
        (["/bin", STANDARD, "{here}"], "", ["/bin", STANDARD, "{here}"]),
        (["/bin", "{here}", STANDARD], "{here}", ["/bin", "{here}", STANDARD]),
        (["/bin", "{here}/x", STANDARD], "", ["/bin", "{here}/x", STANDARD]),
    ],
    ids=["notebook", "python -m", "empty PYTHONPATH", "editable", "chosen", "below"],
)
def test_the_working_directory_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: list[str], pythonpath: str, after: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", pythonpath.format(here=tmp_path))
    monkeypatch.setattr(sys, "path", [each.format(here=tmp_path) for each in before])
    leave_out_working_directory()
    assert sys.path == [each.format(here=tmp_path) for each in after]


def test_a_working_directory_that_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    monkeypatch.setattr(sys, "path", ["", STANDARD])
    leave_out_working_directory()
    assert sys.path == [STANDARD]
