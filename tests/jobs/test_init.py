"""`init`: a draft is written whole or not at all, and never over a file."""

from __future__ import annotations

from pathlib import Path

import pytest
from shelf import record

from trainctl.drafts.draft import Draft
from trainctl.drafts.notes import Note
from trainctl.errors import ConfigError, RunDirError
from trainctl.jobs.init import draft_from_run, require_complete, write_draft


def test_nothing_is_written_over_a_file(tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_text("mine")
    draft = Draft("name: x\n", files={"words.txt": "theirs"})
    with pytest.raises(RunDirError, match="exists and is kept"):
        write_draft(draft, tmp_path / "x.yaml")
    assert {each.name: each.read_text() for each in tmp_path.iterdir()} == {"words.txt": "mine"}
    with pytest.raises(RunDirError, match="cannot be written"):
        write_draft(draft, tmp_path / "nowhere" / "x.yaml")


def test_a_link_in_a_run_is_not_followed(tmp_path: Path) -> None:
    path = record(tmp_path, "20260101-120000-aaaaaa")
    (tmp_path / "secret").write_text("key: 1")
    (path / "resolved.yaml").unlink()
    (path / "resolved.yaml").symlink_to(tmp_path / "secret")
    with pytest.raises(RunDirError, match=r"has no resolved\.yaml"):
        draft_from_run("latest", tmp_path)


def test_problems_point_at_their_lines() -> None:
    draft = Draft(
        "model:\n  layers:\n    - Gate: {units: 4}\n", ((3, Note("Gate is not part of Keras", "register it")),)
    )
    with pytest.raises(ConfigError) as caught:
        require_complete(draft, "x.yaml")
    [problem] = caught.value.diagnostics
    assert (str(problem.location), problem.code, problem.hint) == ("x.yaml:3:7", "not-expressible", "register it")
