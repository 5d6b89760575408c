"""Files that are replaced whole."""

from pathlib import Path

import pytest

from trainctl.atomic import replacing


def test_the_old_file_stays_until_the_new_one_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "model.keras"
    path.write_text("old")
    with replacing(path) as aside:
        aside.write_text("new")
        assert (path.read_text(), aside.suffix) == ("old", ".keras")
    assert [each.read_text() for each in tmp_path.iterdir()] == ["new"]


def test_a_failure_leaves_the_old_file_alone(tmp_path: Path) -> None:
    path = tmp_path / "model.keras"
    path.write_text("old")
    with pytest.raises(FileNotFoundError), replacing(path) as aside:
        (aside.parent / "gone" / aside.name).write_text("new")
    assert [each.read_text() for each in tmp_path.iterdir()] == ["old"]
