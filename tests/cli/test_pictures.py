"""The file behind `--plot`, checked before the work that it shows."""

from __future__ import annotations

from pathlib import Path

import pytest

from trainctl.cli.pictures import drawn, require_picture
from trainctl.errors import RunDirError, UsageError


def test_pictures_have_one_of_three_endings(tmp_path: Path) -> None:
    require_picture(None)
    for name in ("a.png", "a.SVG", "a.pdf"):
        require_picture(tmp_path / name)
    for name in ("a.jpg", "a"):
        with pytest.raises(UsageError, match=r"ending in \.png, \.svg or \.pdf"):
            require_picture(tmp_path / name)


def test_a_folder_that_is_not_there_and_a_full_disk_are_errors_of_the_output(tmp_path: Path) -> None:
    with pytest.raises(RunDirError, match="cannot be written: No such file or directory"):
        require_picture(tmp_path / "none" / "a.png")
    with pytest.raises(RunDirError, match=r"a\.png cannot be written: disk full"), drawn(tmp_path / "a.png"):
        raise OSError(28, "disk full")
