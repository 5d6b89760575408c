"""A run's directory: made atomically, written in whole files and whole lines."""

from __future__ import annotations

import json
import math
import os
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from trainctl.errors import RunDirError
from trainctl.runs.directory import append_json, create, create_at, read_json_lines, release_reserve, write_json


def test_the_id_is_time_and_chance(tmp_path: Path) -> None:
    directory = create(tmp_path / "runs", "mnist")
    assert directory.path.parent == tmp_path / "runs" / "mnist"
    assert re.fullmatch(r"\d{8}-\d{6}-[0-9a-f]{6}", directory.run_id)


def test_twenty_at_once_never_meet(tmp_path: Path) -> None:
    with ThreadPoolExecutor(20) as pool:
        made = list(pool.map(lambda _: create(tmp_path, "same"), range(20)))
    assert len({each.path for each in made}) == 20
    assert all(each.path.is_dir() for each in made)


def test_a_name_taken_is_drawn_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    draws = iter(["aaaaaa", "aaaaaa", "bbbbbb", "aaaaaa", "cccccc"])
    monkeypatch.setattr("secrets.token_hex", lambda _: next(draws))
    first, second = create(tmp_path, "same"), create(tmp_path, "same")
    assert first.run_id[-6:] == "aaaaaa"
    assert second.run_id != first.run_id


def test_the_path_for_people_works_where_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    directory = create(tmp_path / "runs", "x")
    for here, shown in {tmp_path: f"runs/x/{directory.run_id}", Path("/"): str(directory.path)}.items():
        monkeypatch.chdir(here)
        assert directory.shown == shown


def test_space_is_kept_aside_until_it_is_released(tmp_path: Path) -> None:
    directory = create(tmp_path, "x")
    assert sum(file.stat().st_size for file in directory.path.iterdir()) >= 64 * 1024
    release_reserve(directory)
    release_reserve(directory)
    assert list(directory.path.iterdir()) == []


def test_a_file_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "runs").touch()
    with pytest.raises(RunDirError, match="cannot make the run directory"):
        create(tmp_path / "runs", "x")


def test_a_torn_last_line_is_ignored(tmp_path: Path) -> None:
    path = tmp_path / "lines.jsonl"
    append_json(path, {"epoch": 1, "loss": math.nan})
    append_json(path, {"epoch": 2, "loss": 0.5})
    with path.open("a") as file:
        file.write('{"epoch": 3, "lo')
    assert read_json_lines(path) == [{"epoch": 1, "loss": None}, {"epoch": 2, "loss": 0.5}]
    assert read_json_lines(tmp_path / "missing") == []


@pytest.mark.parametrize("line", ["5", "[1]", "9" * 5000, "[" * 100_000])
def test_a_strangers_line_ends_the_lines(tmp_path: Path, line: str) -> None:
    (tmp_path / "lines.jsonl").write_text(f'{{"epoch": 1}}\n{line}\n')
    assert read_json_lines(tmp_path / "lines.jsonl") == [{"epoch": 1}]


def test_a_line_that_does_not_fit_the_disk_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "write", lambda _descriptor, data: len(data) - 1)
    with pytest.raises(OSError, match="No space left"):
        append_json(tmp_path / "lines.jsonl", {"a": 1})


def test_json_knows_no_nan(tmp_path: Path) -> None:
    write_json(tmp_path / "run.json", {"nan": math.nan, "deep": {"tuple": (math.inf, 1)}})
    assert json.loads((tmp_path / "run.json").read_text()) == {"nan": None, "deep": {"tuple": [None, 1]}}


def test_an_exact_directory_must_be_new(tmp_path: Path) -> None:
    assert create_at(tmp_path / "a" / "out").path == tmp_path / "a" / "out"
    (tmp_path / "link").symlink_to("nowhere")
    for taken in ("a/out", "link"):
        with pytest.raises(RunDirError, match="exists"):
            create_at(tmp_path / taken)
