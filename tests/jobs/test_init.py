"""`init`: a draft is written whole or not at all, and never over a file."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

import pytest
from shelf import record

from trainctl.drafts.draft import Draft
from trainctl.drafts.notes import Note
from trainctl.errors import ConfigError, DataError, RunDirError
from trainctl.jobs.init import draft_from_data, draft_from_run, require_complete, write_draft


def test_nothing_is_written_over_a_file(tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_text("mine")
    draft = Draft("name: x\n", files={"words.txt": "theirs"})
    with pytest.raises(RunDirError, match="exists and is kept"):
        write_draft(draft, tmp_path / "x.yaml")
    assert {each.name: each.read_text() for each in tmp_path.iterdir()} == {"words.txt": "mine"}
    with pytest.raises(RunDirError, match="cannot be written"):
        write_draft(draft, tmp_path / "nowhere" / "x.yaml")


def test_nothing_is_left_of_what_was_interrupted(tmp_path: Path) -> None:
    class Interrupted(dict[str, str]):
        def items(self) -> Any:
            yield "a.csv", "a"
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_draft(Draft("name: x\n", files=Interrupted()), tmp_path / "x.yaml")
    assert list(tmp_path.iterdir()) == []


def written_for(folder: Path, columns: str, *rows: str, **arguments: Any) -> Draft:
    table = folder / "table.csv"
    table.write_text("\n".join([columns, *rows]) + "\n")
    return draft_from_data(table, "y", arguments, folder / "sub" / "x.yaml", "x")


def test_columns_that_do_not_help_are_left_out_unless_there_are_no_others(tmp_path: Path) -> None:
    drawn = Random(1)
    labels = [drawn.randrange(2) for _ in range(60)]
    rows = (f"{number},{drawn.random()},{label}" for number, label in enumerate(labels))
    draft = written_for(tmp_path, "id,size,y", *rows, features={"id": "number", "size": "number"})
    assert "CSV: {path: ../table.csv, label: y, features: {size: number}}" in draft.text
    assert "the file leaves it out" in draft.about[0]
    alone = written_for(tmp_path, "id,y", *(f"{number},{label}" for number, label in enumerate(labels)))
    assert "CSV: {path: ../table.csv, label: y}" in alone.text
    assert "remove it with exclude: [id]" in alone.about[0]


def test_one_label_for_all_is_refused(tmp_path: Path) -> None:
    for label in ("same", "7.5"):
        with pytest.raises(DataError, match=f"every label of .* is {label}: nothing can be learned"):
            written_for(tmp_path, "x,y", *(f"{number * 7 % 10},{label}" for number in range(20)))


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
