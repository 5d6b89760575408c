"""What components may use: outputs have their place in the run directory."""

from __future__ import annotations

from pathlib import Path

import pytest

from trainctl.components.context import CallbackContext


def context(directory: Path, **more: bool) -> CallbackContext:
    return CallbackContext(directory, lambda _: None, lambda value: value, **more)  # type: ignore[arg-type]


def test_an_output_lies_in_the_run_directory_and_has_its_folder(tmp_path: Path) -> None:
    found = context(tmp_path).output("a/b/c.txt")
    assert found == tmp_path / "a" / "b" / "c.txt"
    assert found.parent.is_dir()


@pytest.mark.parametrize("path", ["../x", "a/../../x", ".", "", "./..", "a/.."])
def test_a_relative_one_may_not_leave_it(tmp_path: Path, path: str) -> None:
    with pytest.raises(ValueError, match="is outside the run directory"):
        context(tmp_path / "run").output(path)


def test_an_absolute_one_is_left_alone_in_a_trial(tmp_path: Path) -> None:
    run, file = tmp_path / "run", tmp_path / "else" / "log.csv"
    assert context(run).output(str(file)) == file
    assert context(run, is_trial=True).output(str(file)).is_relative_to(run)
