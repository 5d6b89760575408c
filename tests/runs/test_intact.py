"""A growing file that is shorter, gone or another is an error with a way on."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import pytest

from trainctl.components.callbacks.csv_logger import CSVLogger
from trainctl.components.callbacks.tensor_board import TensorBoard
from trainctl.errors import RunDirError
from trainctl.events import EpochEnded, Recovered
from trainctl.runs import growing_files
from trainctl.runs.directory import create
from trainctl.runs.growing_files import Seal
from trainctl.runs.intact import Intact, require_intact
from trainctl.runs.recorder import Recorder
from trainctl.runs.snapshots import Snapshot

SPECS = [CSVLogger(filename="log.csv"), TensorBoard()]
BOARD = "tensorboard/train/events.out.tfevents.1"


def ended(epoch: int, loss: float) -> EpochEnded:
    return EpochEnded(epoch=epoch, epochs=3, metrics={"loss": loss}, learning_rate=0.1, seconds=0.123456789, steps=8)


class Grown:
    """A run whose files grew, and its snapshot after epoch 3."""

    def __init__(self, folder: Path) -> None:
        self.directory = create(folder, "x")
        self.growing = growing_files.of_run(self.directory, SPECS)
        recorder = Recorder(self.directory)
        recorder(ended(1, 1 / 3))
        first = self.directory.metrics.read_bytes()
        recorder(ended(2, 1e9))
        recorder(Recovered(diverged_in=2, epoch=1, step=0, learning_rate=0.1, attempt=1, retries=2))
        self.directory.metrics.write_bytes(first)  # training went back
        recorder(ended(2, 0.25))
        recorder(ended(3, math.nan))
        (self.directory.path / "log.csv").write_text("epoch,loss\n0,0.5\n1,0.25\n")
        (self.directory.path / BOARD).parent.mkdir(parents=True)
        (self.directory.path / BOARD).write_bytes(bytes(range(200)))
        files = growing_files.sizes(self.directory, self.growing)
        checksums = Seal(self.directory, {}, {}).checksums(files)
        self.snapshot = Snapshot(3, 0, 8, False, 0, {}, files, checksums)

    def check(self, *, accept_missing: bool = False) -> Intact:
        found = require_intact(self.directory, self.growing, self.snapshot, accept_missing=accept_missing)
        growing_files.cut(self.directory, self.growing, self.snapshot.files)
        found.mend(self.directory)
        return found


@pytest.fixture
def grown(tmp_path: Path) -> Grown:
    return Grown(tmp_path)


def test_what_is_whole_or_longer(grown: Grown) -> None:
    with (grown.directory.path / "log.csv").open("a") as log:
        log.write("2,0.1\n")
    assert grown.check() == Intact()
    assert (grown.directory.path / "log.csv").read_text().endswith("1,0.25\n")


def cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-3])


def changed(path: Path) -> None:
    path.write_bytes(b"!" + path.read_bytes()[1:] + b"longer")


def replaced_by_a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def replaced_by_a_link(path: Path) -> None:
    path.rename(path.with_name("elsewhere"))
    path.symlink_to("elsewhere")


@pytest.mark.parametrize("name", ["events.jsonl", "log.csv", BOARD])
@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (cut_short, "has {short}, expected at least {length:,}"),
        (Path.unlink, "is gone, expected {length:,} bytes"),
        (changed, "has other content, expected its first {length:,} bytes unchanged"),
        (replaced_by_a_folder, "is a folder, expected a file"),
        (replaced_by_a_link, "is not a regular file of the run"),
    ],
)
def test_each_change_is_an_error_that_names_it(
    grown: Grown, name: str, change: Callable[[Path], None], problem: str
) -> None:
    change(grown.directory.path / name)
    with pytest.raises(RunDirError) as caught:
        grown.check()
    length = grown.snapshot.files[name]
    words = problem.format(length=length, short=f"{length - 3:,} bytes")
    assert caught.value.message == f"files of the run have changed since the snapshot after epoch 3: {name} {words}"
    assert caught.value.hint == "restore it, or continue with what is there: --accept-missing"


def test_several_are_told_together(grown: Grown) -> None:
    for name in ("events.jsonl", "log.csv", BOARD):
        (grown.directory.path / name).unlink()
    with pytest.raises(RunDirError, match=r"events\.jsonl is gone.*; log\.csv is gone.*; tensorboard/.* is gone"):
        grown.check()


@pytest.mark.parametrize("change", [cut_short, Path.unlink, changed])
def test_metrics_are_rebuilt_from_the_events(grown: Grown, change: Callable[[Path], None]) -> None:
    before = grown.directory.metrics.read_bytes()
    assert len(before.splitlines()) == 3
    change(grown.directory.metrics)
    (notice,) = grown.check().notices
    assert notice.startswith("metrics.jsonl ")
    assert notice.endswith("; it was rebuilt from events.jsonl")
    assert grown.directory.metrics.read_bytes() == before


def test_metrics_that_the_events_do_not_tell(grown: Grown) -> None:
    for path in (grown.directory.metrics, grown.directory.events):
        cut_short(path)
    with pytest.raises(RunDirError, match=r"metrics\.jsonl has .*; events\.jsonl has "):
        grown.check()


def test_what_is_accepted_ends_with_a_whole_line(grown: Grown) -> None:
    for name in ("metrics.jsonl", "events.jsonl", "log.csv", BOARD):
        cut_short(grown.directory.path / name)
    notices = grown.check(accept_missing=True).notices
    assert [notice.split()[0] for notice in notices] == ["metrics.jsonl", "events.jsonl", "log.csv", BOARD]
    assert all(notice.endswith("; continuing with what is there") for notice in notices)
    assert len(grown.directory.metrics.read_text().splitlines()) == 2
    assert grown.directory.metrics.read_text().endswith("}\n")
    assert (grown.directory.path / "log.csv").read_text() == "epoch,loss\n0,0.5\n"
    assert (grown.directory.path / BOARD).stat().st_size == 197  # no later session appends to it


def test_an_old_snapshot_counts_bytes_alone(grown: Grown) -> None:
    snapshot = grown.snapshot
    grown.snapshot = Snapshot(3, 0, 8, False, 0, {}, snapshot.files)
    changed(grown.directory.path / "log.csv")
    assert grown.check() == Intact()
    cut_short(grown.directory.path / "log.csv")
    (grown.directory.path / "log.csv").write_text("")
    with pytest.raises(RunDirError, match=r"log\.csv has 0 bytes"):
        grown.check()


def test_without_a_snapshot_nothing_is_counted(grown: Grown) -> None:
    grown.directory.metrics.unlink()
    assert require_intact(grown.directory, grown.growing, None, accept_missing=False) == Intact()


def test_what_the_snapshot_counts_of_others_is_not_looked_at(grown: Grown) -> None:
    files = {"/etc/passwd": 10**9, "../other": 3, "model.keras": 7}
    snapshot = Snapshot(3, 0, 8, False, 0, {}, files)
    assert require_intact(grown.directory, grown.growing, snapshot, accept_missing=False) == Intact()
