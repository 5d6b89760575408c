"""The newest whole snapshot counts; files that grow are cut to it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from trainctl.components.callbacks.csv_logger import CSVLogger
from trainctl.components.callbacks.early_stopping import EarlyStopping
from trainctl.components.callbacks.tensor_board import TensorBoard
from trainctl.errors import TrainingError
from trainctl.runs import claims, snapshots
from trainctl.runs.directory import create
from trainctl.runs.layout import RunDirectory
from trainctl.runs.snapshots import Snapshot


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


def test_growing_files_are_cut_and_later_ones_removed(directory: RunDirectory) -> None:
    specs = [CSVLogger(filename="logs/log.csv"), EarlyStopping(), TensorBoard()]
    growing = snapshots.growing(directory, specs)
    (directory.path / "logs").mkdir()
    (directory.path / "tensorboard" / "train").mkdir(parents=True)
    events = directory.path / "tensorboard" / "train" / "events.out.tfevents.1"
    for path in (directory.metrics, directory.path / "logs" / "log.csv", events):
        path.write_text("123")
    sizes = snapshots.sizes(directory, growing)
    assert sizes == {"metrics.jsonl": 3, "logs/log.csv": 3, "tensorboard/train/events.out.tfevents.1": 3}

    other = directory.path / "tensorboard" / "train" / "projector_config.pbtxt"
    for path in (directory.metrics, directory.events, events, events.with_suffix(".2"), other):
        with path.open("a") as file:
            file.write("456")
    snapshots.cut(directory, growing, sizes)
    assert (directory.metrics.read_text(), events.read_text(), other.read_text()) == ("123", "123", "456")
    assert not directory.events.exists()
    assert not events.with_suffix(".2").exists()


def test_a_log_elsewhere_is_cut_where_it_is_the_runs_alone(directory: RunDirectory, tmp_path: Path) -> None:
    own, shared = tmp_path / "own.csv", tmp_path / "shared.csv"
    specs = [CSVLogger(filename=str(own)), CSVLogger(filename=str(shared), append=True)]
    growing = snapshots.growing(directory, specs)
    for path in (own, shared):
        path.write_text("123")
    claims.claim(own, [str(directory.path)])
    sizes = snapshots.sizes(directory, growing)
    assert sizes == {str(own): 3}
    for path in (own, shared):
        path.write_text("123456")
    snapshots.cut(directory, growing, sizes)
    assert (own.read_text(), shared.read_text()) == ("123", "123456")
    snapshots.cut(directory, growing, {})
    assert own.read_text() == "123"  # it may have been there before the run


def test_of_event_files_elsewhere_the_sessions_own_are_cut(directory: RunDirectory, tmp_path: Path) -> None:
    sessions = [
        {"started": "2026-01-01T00:00:10.500Z", "ended": "2026-01-01T00:01:00Z", "host": "a.b", "pid": 7},
        {"started": "2026-01-01T01:00:00Z", "host": "c", "pid": 8},
    ]
    directory.record.write_text(json.dumps({"sessions": sessions}))
    folder, began = tmp_path / "shared" / "train", int(datetime(2026, 1, 1, tzinfo=UTC).timestamp())
    folder.mkdir(parents=True)
    for session, second in zip(sessions, (10.5, 3600), strict=True):
        claimed(tmp_path / "shared", directory, str(session["host"]), int(session["pid"]), began + second)
    own = [
        folder / f"events.out.tfevents.{began + 10}.a.b.7.0.v2",
        folder / f"events.out.tfevents.{began + 3600}.c.8.0",
    ]
    others = [
        folder / f"events.out.tfevents.{began + second}.{writer}"
        for second, writer in [
            (9, "a.b.7.0.v2"),
            (70, "a.b.7.0.v2"),
            (10, "a.b.77.0.v2"),
            (10, "aab.7.0"),
            (3600, "c.profile"),
        ]
    ]
    growing = snapshots.growing(directory, [TensorBoard(log_dir=str(tmp_path / "shared"))])
    for path in (own[0], *others):
        path.write_text("123")
    sizes = snapshots.sizes(directory, growing)
    assert sizes == {str(own[0]): 3}
    for path in (*own, *others):
        path.write_text("123456")
    snapshots.cut(directory, growing, sizes)
    assert own[0].read_text() == "123"
    assert not own[1].exists()
    assert {path.read_text() for path in others} == {"123456"}


def claimed(path: Path, directory: RunDirectory, host: str, pid: int, when: float) -> None:
    """Record that a session of the run wrote to `path`."""
    with (
        mock.patch("socket.gethostname", return_value=host),
        mock.patch("os.getpid", return_value=pid),
        mock.patch("time.time", return_value=when),
    ):
        claims.claim(path, [str(directory.path)])


def test_without_a_claim_nothing_elsewhere_is_cut(directory: RunDirectory, tmp_path: Path) -> None:
    """What a run directory itself says of files elsewhere may be a stranger's word."""
    own, folder = tmp_path / "own.csv", tmp_path / "logs"
    folder.mkdir()
    event_file = folder / "events.out.tfevents.1767225610.host.7.0"
    for path in (own, event_file):
        path.write_text("123456")
    sessions = [{"started": "2026-01-01T00:00:10Z", "host": "host", "pid": 7}]
    directory.record.write_text(json.dumps({"sessions": sessions}))
    growing = snapshots.growing(directory, [CSVLogger(filename=str(own)), TensorBoard(log_dir=str(folder))])
    snapshots.cut(directory, growing, {str(own): 0, str(event_file): 0})
    assert {own.read_text(), event_file.read_text()} == {"123456"}


def test_without_a_record_nothing_elsewhere_is_cut(directory: RunDirectory, tmp_path: Path) -> None:
    event_file = tmp_path / "events.out.tfevents.1.host.1.0"
    event_file.write_text("123")
    growing = snapshots.growing(directory, [TensorBoard(log_dir=str(tmp_path))])
    for record in ("", "{}", '{"sessions": [{"pid": 1}]}', '{"sessions": 1}'):
        directory.record.write_text(record)
        snapshots.cut(directory, growing, {})
    assert event_file.read_text() == "123"


def test_what_grew_until_the_snapshot_is_copied(directory: RunDirectory, tmp_path: Path) -> None:
    other = create(tmp_path, "y")
    outside = tmp_path / "outside.csv"
    specs = [CSVLogger(filename="deep/log.csv"), CSVLogger(filename="gone.csv"), CSVLogger(filename=str(outside))]
    (directory.path / "deep").mkdir()
    for path in (directory.path / "deep" / "log.csv", directory.path / "other.txt", outside):
        path.write_text("123456")
    lengths = {"deep/log.csv": 3, "gone.csv": 2, "other.txt": 6, "../../x/y": 1, str(outside): 6}
    snapshots.copy_growing(directory, other, snapshots.growing(directory, specs), lengths)
    assert (other.path / "deep" / "log.csv").read_text() == "123"
    assert sorted(path.name for path in other.path.iterdir()) == [".reserve", "deep"]


@pytest.mark.parametrize("files", [["metrics.jsonl"], {"metrics.jsonl": -1}, {"metrics.jsonl": "3"}])
def test_lengths_that_are_none_are_damage(directory: RunDirectory, files: Any) -> None:
    path = snapshots.save(directory, replace(snapshot(1), files=files), keep=1)
    assert snapshots.newest(directory) == (None, [path])


def test_two_callbacks_of_one_kind_have_names_of_their_own() -> None:
    specs = [EarlyStopping(), CSVLogger(filename="a"), EarlyStopping()]
    assert snapshots.unique_names(specs) == ["EarlyStopping", "CSVLogger", "EarlyStopping 2"]
