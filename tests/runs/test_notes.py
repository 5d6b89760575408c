"""Tags and notes, also those that a stranger wrote."""

from __future__ import annotations

from pathlib import Path

import pytest

from trainctl.errors import UsageError
from trainctl.runs.layout import RunDirectory
from trainctl.runs.notes import Notes, read_notes, require_tag, write_notes


def test_what_was_said_is_read(tmp_path: Path) -> None:
    notes = Notes(("a", "b"), "größer: \n gut")
    write_notes(RunDirectory(tmp_path), notes)
    assert read_notes(RunDirectory(tmp_path)) == notes


@pytest.mark.parametrize("content", ["", "[1]", '{"tags": 3, "note": []}', '{"tags": [null, {}], "note": 1}'])
def test_damaged_notes_are_none(tmp_path: Path, content: str) -> None:
    (tmp_path / "notes.json").write_text(content)
    assert read_notes(RunDirectory(tmp_path)) == Notes()


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "other.json").write_text('{"note": "a secret"}')
    (tmp_path / "notes.json").symlink_to("other.json")
    assert read_notes(RunDirectory(tmp_path)) == Notes()
    write_notes(RunDirectory(tmp_path), Notes(note="mine"))
    assert "a secret" in (tmp_path / "other.json").read_text()


@pytest.mark.parametrize("tag", ["", "two words", "a\nb", "x" * 61])
def test_a_tag_is_a_word(tag: str) -> None:
    with pytest.raises(UsageError):
        require_tag(tag)
