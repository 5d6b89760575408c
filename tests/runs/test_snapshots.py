"""The newest whole snapshot counts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from trainctl.components.callbacks.csv_logger import CSVLogger
from trainctl.components.callbacks.early_stopping import EarlyStopping
from trainctl.errors import TrainingError
from trainctl.runs import snapshots
from trainctl.runs.directory import create
from trainctl.runs.layout import RunDirectory
from trainctl.runs.snapshots import Snapshot
from trainctl.runs.state_file import read_state, write_state


@pytest.fixture
def directory(tmp_path: Path) -> RunDirectory:
    return create(tmp_path, "x")


def snapshot(epoch: int, step: int = 0, **state: Any) -> Snapshot:
    return Snapshot(epoch, step, 10, False, 0, state, {"metrics.jsonl": 3})


def test_the_newest_is_found_and_only_so_many_are_kept(directory: RunDirectory) -> None:
    for epoch, step in ((0, 5), (1, 0), (1, 5)):
        snapshots.save(directory, snapshot(epoch, step, at=(epoch, step)), keep=2)
    assert [path.name for path in snapshots.paths(directory)] == ["step-000000015.npz", "step-000000010.npz"]
    found, damaged = snapshots.newest(directory)
    assert found == snapshot(1, 5, at=[1, 5])
    assert damaged == []


def test_a_damaged_one_is_made_good_by_the_one_before(directory: RunDirectory) -> None:
    for epoch in (1, 2, 3):
        snapshots.save(directory, snapshot(epoch), keep=3)
    newest, middle, _ = snapshots.paths(directory)
    newest.write_bytes(newest.read_bytes()[:50])
    middle.write_bytes(b"")
    found, damaged = snapshots.newest(directory)
    assert found is not None
    assert found.epoch == 1
    assert damaged == [newest, middle]


def test_none_at_all(directory: RunDirectory) -> None:
    assert snapshots.newest(directory) == (None, [])


@pytest.mark.parametrize(
    ("remembered", "trouble"),
    [
        ({"seen": {1}}, "seen is set; it can be a number"),
        ({"seen": [1, {"deep": {1}}]}, "seen.1.deep is set; "),
        ({3: 1}, "it has the key 3; keys are text"),
    ],
    ids=str,
)
def test_the_callback_is_to_blame_for_what_cannot_be_kept(
    directory: RunDirectory, remembered: Any, trouble: str
) -> None:
    with pytest.raises(TrainingError) as caught:
        snapshots.save(directory, snapshot(1, callbacks={"Mine 2": remembered}), keep=1)
    assert caught.value.message.startswith(f"the state_dict() of Mine 2 cannot be saved: {trouble}")


@pytest.mark.parametrize(
    ("taken", "words"),
    [
        (snapshot(0), "before the first step"),
        (snapshot(3), "after epoch 3"),
        (snapshot(3, 7), "in epoch 4 after 7 of 10 steps"),
    ],
)
def test_the_place_in_words(taken: Snapshot, words: str) -> None:
    assert taken.place == words


@pytest.mark.parametrize("files", [["metrics.jsonl"], {"metrics.jsonl": -1}, {"metrics.jsonl": "3"}])
def test_lengths_that_are_none_are_damage(directory: RunDirectory, files: Any) -> None:
    path = snapshots.save(directory, replace(snapshot(1), files=files), keep=1)
    assert snapshots.newest(directory) == (None, [path])


def test_two_callbacks_of_one_kind_have_names_of_their_own() -> None:
    specs = [EarlyStopping(), CSVLogger(filename="a"), EarlyStopping()]
    assert snapshots.unique_names(specs) == ["EarlyStopping", "CSVLogger", "EarlyStopping 2"]


def test_a_snapshot_of_the_first_version_has_no_checksums(directory: RunDirectory) -> None:
    path = snapshots.save(directory, snapshot(1), keep=1)
    tree = read_state(path)
    assert tree.pop("checksums") == {}
    write_state(path, tree)
    assert snapshots.newest(directory) == (snapshot(1), [])
