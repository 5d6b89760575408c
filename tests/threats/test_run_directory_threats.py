"""A stranger's run directory: what is written into it stays in it, and nothing elsewhere is cut or copied for it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from workplace import Workplace

from trainctl.components.callbacks.csv_logger import CSVLogger
from trainctl.components.callbacks.tensor_board import TensorBoard
from trainctl.components.context import CallbackContext
from trainctl.config.load import load
from trainctl.errors import RunDirError
from trainctl.events import EpochEnded
from trainctl.files import write_whole
from trainctl.jobs import resume, session
from trainctl.runs import growing_files, layout, snapshots
from trainctl.runs.directory import append_json, create, keep_reserve
from trainctl.runs.ending import Outcome
from trainctl.runs.experiment_files import write_inputs
from trainctl.runs.failure import in_directory
from trainctl.runs.layout import RunDirectory
from trainctl.runs.recorder import Recorder
from trainctl.runs.snapshots import Snapshot
from trainctl.runs.store import find_run

VICTIM = "the victim's own words\n"
STATE = {"model": {}, "optimizer": {"paths": [], "values": []}, "callbacks": {}, "learning_rate": 0.1}


@pytest.fixture
def victim(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    path = folder / "victim"
    path.write_text(VICTIM)
    return path


class Unfinished:
    """A run that pretended to train, left one snapshot, and died."""

    def __init__(self, workplace: Workplace, **sections: Any) -> None:
        self.workplace = workplace
        config = workplace.write(**{"fit": {"epochs": 4}, **sections})
        loaded = load(str(config))
        directory = create(workplace.folder / "runs", loaded.name)
        write_inputs(directory, loaded, 7)
        started = session.start_of(loaded, directory, 7)
        session.recorded(loaded, Recorder(directory), started, self._work, _ignore)
        (self.path,) = workplace.runs()
        record = json.loads((self.path / "run.json").read_text())
        (self.path / "run.json").write_text(json.dumps({**record, "status": "running", "exit_code": None}))

    def _work(self, directory: RunDirectory, emit: Any, _stop: Any) -> Outcome:
        emit(EpochEnded(epoch=1, epochs=4, metrics={"loss": 1.0}, learning_rate=None, seconds=1, steps=8))
        files = {**growing_files.sizes(directory, [directory.metrics, directory.events]), **self.lengths()}
        snapshots.save(directory, Snapshot(1, 0, 8, False, 0, STATE, files), keep=2)
        return Outcome(1, {"loss": 1.0}, 1)

    def lengths(self) -> dict[str, int]:
        return {}

    def resume(self) -> None:
        run = find_run(self.workplace.folder / "runs", str(self.path))
        with mock.patch("trainctl.jobs.session.Training.__call__", return_value=Outcome(4, {"loss": 0.5}, 4)):
            resume.resume(run, _ignore)

    def replace(self, name: str, make: Callable[[Path], object]) -> None:
        path = self.path / name
        if path.is_dir():
            path.rename(self.path / f"old-{path.name}")
        path.unlink(missing_ok=True)
        path.parent.mkdir(parents=True, exist_ok=True)
        make(path)


def _ignore(_event: object) -> None:
    """Nobody watches."""


NAMES = sorted(layout.RESERVED - {layout.EXPERIMENT, layout.RESOLVED, layout.RECORD})


@pytest.mark.claim("R5")
@pytest.mark.parametrize("name", NAMES)
def test_a_link_in_the_place_of_a_name_is_not_written_through(workplace: Workplace, victim: Path, name: str) -> None:
    run = Unfinished(workplace)
    target = victim.parent if name in {layout.SNAPSHOTS, layout.INPUTS} else victim
    run.replace(name, lambda path: path.symlink_to(target))
    with pytest.raises(RunDirError, match=f"{name} is a symbolic link, and is not followed"):
        run.resume()
    assert victim.read_text() == VICTIM
    assert list(victim.parent.iterdir()) == [victim]


@pytest.mark.claim("R5")
@pytest.mark.parametrize("name", NAMES)
def test_a_pipe_in_the_place_of_a_name_does_not_hang(workplace: Workplace, name: str) -> None:
    run = Unfinished(workplace)
    run.replace(name, lambda path: os.mkfifo(path))
    with pytest.raises(RunDirError, match=f"{name} is neither a file nor a folder"):
        run.resume()


@pytest.mark.claim("R5")
@pytest.mark.parametrize("kind", ["link", "pipe"])
@pytest.mark.parametrize(
    ("command", "name"),
    [
        ("resume", layout.RESOLVED),
        ("evaluate", layout.RESOLVED),
        ("resume", layout.RECORD),
        ("evaluate", layout.RECORD),
        ("runs show", layout.RECORD),
    ],
)
def test_what_is_read_of_a_run_is_a_file_of_its_own(
    workplace: Workplace, victim: Path, command: str, kind: str, name: str
) -> None:
    run = Unfinished(workplace)
    victim.write_text((run.path / name).read_text())
    run.replace(name, lambda path: path.symlink_to(victim) if kind == "link" else os.mkfifo(path))
    ended = workplace.call(*command.split(), str(run.path))
    assert ended.exit_code == 7, ended.stderr


@pytest.mark.claim("R5")
@pytest.mark.parametrize("name", [layout.RESERVE, layout.RECORD, layout.METRICS, layout.EVENTS, layout.CONSOLE])
def test_each_writer_refuses_a_link(tmp_path: Path, victim: Path, name: str) -> None:
    from trainctl.runs.console import captured

    directory = RunDirectory(tmp_path / "run")
    directory.path.mkdir()
    (directory.path / name).symlink_to(victim)
    writers: dict[str, Callable[[], object]] = {
        layout.RESERVE: lambda: keep_reserve(directory),
        layout.RECORD: lambda: write_whole(directory.record, b"{}"),
        layout.METRICS: lambda: append_json(directory.metrics, {"epoch": 1}),
        layout.EVENTS: lambda: append_json(directory.events, {"event": "x"}),
        layout.CONSOLE: lambda: captured(directory.console).__enter__(),
    }
    if name in {layout.RESERVE, layout.RECORD}:  # whole files take the link's place
        writers[name]()
        assert not (directory.path / name).is_symlink()
    else:
        with pytest.raises(RunDirError, match="symbolic link"), in_directory(directory.path):
            writers[name]()
    assert victim.read_text() == VICTIM


@pytest.mark.claim("R5")
def test_the_name_under_which_a_file_is_written_aside_may_be_guessed(tmp_path: Path, victim: Path) -> None:
    path = tmp_path / "model.keras"
    (tmp_path / f".saving-{os.getpid()}-model.keras").symlink_to(victim)
    write_whole(path, b"new")
    assert (path.read_bytes(), victim.read_text()) == (b"new", VICTIM)


@pytest.mark.claim("R6")
@pytest.mark.parametrize("name", [layout.METRICS, layout.EVENTS, layout.CONSOLE])
def test_a_hard_link_of_an_archive_is_not_written_through(workplace: Workplace, victim: Path, name: str) -> None:
    run = Unfinished(workplace)
    victim.write_bytes((run.path / name).read_bytes())
    before = victim.read_bytes()
    run.replace(name, lambda path: path.hardlink_to(victim))
    run.resume()
    assert victim.read_bytes() == before


@pytest.mark.claim("R7")
@pytest.mark.parametrize(
    ("output", "link"),
    [
        ("log.csv", "log.csv"),
        ("deep/log.csv", "deep"),
        ("tensorboard", "tensorboard"),
        ("tensorboard", "tensorboard/train"),
        ("tensorboard", "tensorboard/train/projector_config.pbtxt"),
        ("best.keras", "best.keras"),
        ("checkpoints", "checkpoints/0"),
        ("wandb", "wandb"),
    ],
)
def test_a_callback_does_not_write_through_a_link(tmp_path: Path, victim: Path, output: str, link: str) -> None:
    directory = tmp_path / "run"
    place = directory / link
    place.parent.mkdir(parents=True)
    place.symlink_to(victim if "." in link else victim.parent)
    context = CallbackContext(directory, print, print)
    with pytest.raises(RunDirError, match="symbolic link"), in_directory(directory):
        context.output(output)


@pytest.mark.claim("R7")
def test_a_link_that_stays_in_the_run_directory_is_its_own_business(tmp_path: Path) -> None:
    """W&B keeps `wandb/latest-run`."""
    folder = tmp_path / "run" / "wandb"
    (folder / "run-1").mkdir(parents=True)
    (folder / "latest-run").symlink_to("run-1")
    assert CallbackContext(tmp_path / "run", print, print).output("wandb") == folder


@pytest.mark.claim("R8")
@pytest.mark.parametrize("length", [0, 3])
def test_a_snapshot_cuts_no_file_elsewhere(workplace: Workplace, victim: Path, length: int) -> None:
    class Lying(Unfinished):
        def lengths(self) -> dict[str, int]:
            return {str(victim): length, f"../../../{victim.name}": length}

    run = Lying(workplace)
    run.resume()
    assert victim.read_text() == VICTIM


@pytest.mark.claim("R8")
@pytest.mark.parametrize("callback", [CSVLogger, TensorBoard])
def test_a_log_elsewhere_is_not_cut_because_a_run_says_that_it_is_its(
    tmp_path: Path, victim: Path, callback: type
) -> None:
    directory = RunDirectory(tmp_path / "run")
    directory.path.mkdir()
    event_file = victim.parent / "events.out.tfevents.1767225610.host.7.0"
    event_file.write_text(VICTIM)
    session_ = {"started": "2026-01-01T00:00:00Z", "host": "host", "pid": 7}
    directory.record.write_text(json.dumps({"sessions": [session_]}))
    spec = CSVLogger(filename=str(victim)) if callback is CSVLogger else TensorBoard(log_dir=str(victim.parent))
    growing_files.cut(directory, growing_files.of_run(directory, [spec]), {str(victim): 0})
    assert {victim.read_text(), event_file.read_text()} == {VICTIM}


@pytest.mark.claim("R8")
def test_snapshots_are_not_pruned_through_a_link(tmp_path: Path) -> None:
    other, directory = tmp_path / "other", RunDirectory(tmp_path / "run")
    other.mkdir()
    directory.path.mkdir()
    kept = [other / layout.snapshot_name(step) for step in range(3)]
    for path in kept:
        path.touch()
    directory.snapshots.symlink_to(other)
    snapshots.prune(directory, keep=1)
    assert sorted(other.iterdir()) == kept
    assert snapshots.paths(directory) == []


@pytest.mark.claim("R9")
@pytest.mark.parametrize("link", ["log.csv", "deep"])
def test_a_fork_copies_no_file_of_yours(tmp_path: Path, victim: Path, link: str) -> None:
    source, target = RunDirectory(tmp_path / "source"), RunDirectory(tmp_path / "target")
    for directory in (source, target):
        directory.path.mkdir()
    (source.path / link).symlink_to(victim if link == "log.csv" else victim.parent)
    name = "log.csv" if link == "log.csv" else "deep/victim"
    growing = growing_files.of_run(source, [CSVLogger(filename=name)])
    growing_files.copy(source, target, growing, {name: 100})
    assert list(target.path.iterdir()) == []
    assert growing_files.sizes(source, growing) == {}
