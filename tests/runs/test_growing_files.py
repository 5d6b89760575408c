"""Files that grow are cut to their length at the snapshot, copied, and forced to the disk with a checksum."""

from __future__ import annotations

import json
import os
import zlib
from datetime import UTC, datetime
from pathlib import Path
from unittest import mock

import pytest

from trainctl.components.callbacks.csv_logger import CSVLogger
from trainctl.components.callbacks.early_stopping import EarlyStopping
from trainctl.components.callbacks.tensor_board import TensorBoard
from trainctl.runs import claims, growing_files
from trainctl.runs.directory import create
from trainctl.runs.layout import RunDirectory


@pytest.fixture
def directory(tmp_path: Path) -> RunDirectory:
    return create(tmp_path, "x")


def test_growing_files_are_cut_and_later_ones_removed(directory: RunDirectory) -> None:
    specs = [CSVLogger(filename="logs/log.csv"), EarlyStopping(), TensorBoard()]
    growing = growing_files.of_run(directory, specs)
    (directory.path / "logs").mkdir()
    (directory.path / "tensorboard" / "train").mkdir(parents=True)
    events = directory.path / "tensorboard" / "train" / "events.out.tfevents.1"
    for path in (directory.metrics, directory.path / "logs" / "log.csv", events):
        path.write_text("123")
    sizes = growing_files.sizes(directory, growing)
    assert sizes == {"metrics.jsonl": 3, "logs/log.csv": 3, "tensorboard/train/events.out.tfevents.1": 3}

    other = directory.path / "tensorboard" / "train" / "projector_config.pbtxt"
    for path in (directory.metrics, directory.events, events, events.with_suffix(".2"), other):
        with path.open("a") as file:
            file.write("456")
    growing_files.cut(directory, growing, sizes)
    assert (directory.metrics.read_text(), events.read_text(), other.read_text()) == ("123", "123", "456")
    assert not directory.events.exists()
    assert not events.with_suffix(".2").exists()


def test_a_log_elsewhere_is_cut_where_it_is_the_runs_alone(directory: RunDirectory, tmp_path: Path) -> None:
    own, shared = tmp_path / "own.csv", tmp_path / "shared.csv"
    specs = [CSVLogger(filename=str(own)), CSVLogger(filename=str(shared), append=True)]
    growing = growing_files.of_run(directory, specs)
    for path in (own, shared):
        path.write_text("123")
    claims.claim(own, [str(directory.path)])
    sizes = growing_files.sizes(directory, growing)
    assert sizes == {str(own): 3}
    for path in (own, shared):
        path.write_text("123456")
    growing_files.cut(directory, growing, sizes)
    assert (own.read_text(), shared.read_text()) == ("123", "123456")
    growing_files.cut(directory, growing, {})
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
    growing = growing_files.of_run(directory, [TensorBoard(log_dir=str(tmp_path / "shared"))])
    for path in (own[0], *others):
        path.write_text("123")
    sizes = growing_files.sizes(directory, growing)
    assert sizes == {str(own[0]): 3}
    for path in (*own, *others):
        path.write_text("123456")
    growing_files.cut(directory, growing, sizes)
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
    growing = growing_files.of_run(directory, [CSVLogger(filename=str(own)), TensorBoard(log_dir=str(folder))])
    growing_files.cut(directory, growing, {str(own): 0, str(event_file): 0})
    assert {own.read_text(), event_file.read_text()} == {"123456"}


def test_without_a_record_nothing_elsewhere_is_cut(directory: RunDirectory, tmp_path: Path) -> None:
    event_file = tmp_path / "events.out.tfevents.1.host.1.0"
    event_file.write_text("123")
    growing = growing_files.of_run(directory, [TensorBoard(log_dir=str(tmp_path))])
    for record in ("", "{}", '{"sessions": [{"pid": 1}]}', '{"sessions": 1}'):
        directory.record.write_text(record)
        growing_files.cut(directory, growing, {})
    assert event_file.read_text() == "123"


def test_what_grew_until_the_snapshot_is_copied(directory: RunDirectory, tmp_path: Path) -> None:
    other = create(tmp_path, "y")
    outside = tmp_path / "outside.csv"
    specs = [CSVLogger(filename="deep/log.csv"), CSVLogger(filename="gone.csv"), CSVLogger(filename=str(outside))]
    (directory.path / "deep").mkdir()
    for path in (directory.path / "deep" / "log.csv", directory.path / "other.txt", outside):
        path.write_text("123456")
    lengths = {"deep/log.csv": 3, "gone.csv": 2, "other.txt": 6, "../../x/y": 1, str(outside): 6}
    growing_files.copy(directory, other, growing_files.of_run(directory, specs), lengths)
    assert (other.path / "deep" / "log.csv").read_text() == "123"
    assert sorted(path.name for path in other.path.iterdir()) == [".reserve", "deep"]


class TestSeal:
    """The checksum of what a snapshot counts, once it is on the disk."""

    def test_each_byte_is_read_once(self, directory: RunDirectory, monkeypatch: pytest.MonkeyPatch) -> None:
        read, read_bytes = os.read, []

        def counted(descriptor: int, count: int) -> bytes:
            found = read(descriptor, count)
            read_bytes.append(len(found))
            return found

        monkeypatch.setattr(os, "read", counted)
        seal = growing_files.Seal(directory, {}, {})
        for content in ("a" * 1000, "a" * 1000, "a" * 1500):
            directory.metrics.write_text(content + "later")
            found = seal.checksums({"metrics.jsonl": len(content)})
            assert found == {"metrics.jsonl": zlib.crc32(content.encode())}
        assert sum(read_bytes) == 1500

    def test_it_goes_on_from_the_checksums_of_a_snapshot(self, directory: RunDirectory) -> None:
        directory.metrics.write_text("abcdef")
        seal = growing_files.Seal(directory, {"metrics.jsonl": 3}, {"metrics.jsonl": zlib.crc32(b"abc")})
        assert seal.checksums({"metrics.jsonl": 6}) == {"metrics.jsonl": zlib.crc32(b"abcdef")}
        assert seal.checksums({"metrics.jsonl": 2}) == {"metrics.jsonl": zlib.crc32(b"ab")}

    def test_the_file_and_its_name_are_forced_to_the_disk(
        self, directory: RunDirectory, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        forced: list[str] = []
        monkeypatch.setattr(os, "fsync", lambda number: forced.append(str(Path(f"/proc/self/fd/{number}").readlink())))
        directory.metrics.write_text("abc")
        seal = growing_files.Seal(directory, {}, {})
        seal.checksums({"metrics.jsonl": 3})
        seal.checksums({"metrics.jsonl": 3})
        assert forced == [str(directory.metrics), str(directory.path)]

    def test_what_is_gone_has_no_checksum(self, directory: RunDirectory) -> None:
        assert growing_files.Seal(directory, {}, {}).checksums({"gone.csv": 3}) == {}


def test_what_a_snapshot_may_count(directory: RunDirectory, tmp_path: Path) -> None:
    """The snapshot may be a stranger's: it says how long files are, never which."""
    outside = tmp_path / "outside.csv"
    specs = [CSVLogger(filename="log.csv"), CSVLogger(filename=str(outside)), TensorBoard()]
    growing = growing_files.of_run(directory, specs)
    own = ["metrics.jsonl", "events.jsonl", "log.csv", "tensorboard/train/events.out.tfevents.1"]
    others = ["model.keras", "tensorboard/other", "../x/log.csv", "/etc/passwd", str(outside)]
    assert [key for key in [*own, *others] if growing_files.is_own(directory, growing, key)] == own
    claims.claim(outside, [str(directory.path)])
    assert growing_files.is_own(directory, growing, str(outside))
