"""A session records how its work ended, whatever happened; the work here is pretended."""

from __future__ import annotations

import errno
import json
import signal
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from workplace import Workplace

from trainctl.config.load import load
from trainctl.diagnostics import Diagnostic
from trainctl.errors import BuildError, DataError, TrainingError
from trainctl.events import EpochEnded, Event, ExpectationResult, RunStarted
from trainctl.jobs import session
from trainctl.jobs.run import run
from trainctl.runs.ending import Outcome
from trainctl.runs.layout import RunDirectory
from trainctl.ui.lines import event_lines

Work = Callable[..., Outcome]


class Session:
    """Runs pretended work and keeps what was seen."""

    def __init__(self, workplace: Workplace) -> None:
        self.workplace = workplace
        self.seen: list[Event] = []
        self.drawn: list[list[dict[str, Any]]] = []

    def run(self, work: Work, **options: Any) -> session.Ended:
        loaded = load(str(self.workplace.write()))
        with mock.patch.object(session.Training, "__call__", lambda _, *context: work(*context)):
            return run(loaded, self.workplace.folder / "runs", self.seen.append, **options)

    def draw(self, runs: Sequence[Sequence[dict[str, Any]]], *_: object) -> None:
        self.drawn.append(list(runs[0]))

    @property
    def record(self) -> dict[str, Any]:
        (directory,) = self.workplace.runs()
        return json.loads((directory / "run.json").read_text())


@pytest.fixture
def pretended(workplace: Workplace, monkeypatch: pytest.MonkeyPatch) -> Session:
    pretended = Session(workplace)
    monkeypatch.setattr("trainctl.jobs.session.write_history_plot", pretended.draw)
    return pretended


def good(_directory: Any, emit: Any, _stop: Any) -> Outcome:
    emit(EpochEnded(epoch=1, epochs=1, metrics={"loss": 0.5}, learning_rate=None, seconds=1, steps=1))
    return Outcome(1, {"loss": 0.5}, 1, (ExpectationResult("loss", "<", 1, 0.5, met=True),))


def raising(error: BaseException) -> Work:
    def work(*_: Any) -> Outcome:
        raise error

    return work


def test_done(pretended: Session) -> None:
    finished, error = pretended.run(good)
    assert error is None
    assert (finished.status, finished.exit_code, finished.kept_epoch) == ("done", 0, 1)
    assert finished.run_id == pretended.record["run_id"]
    assert pretended.record["metrics"] == {"loss": 0.5}
    assert pretended.record["expectations"] == [{"metric": "loss", "op": "<", "bound": 1, "value": 0.5, "met": True}]
    assert isinstance(pretended.seen[0], RunStarted)
    assert pretended.seen[-1] == finished
    assert [row["epoch"] for row in pretended.drawn[0]] == [1]


@pytest.mark.parametrize(
    ("error", "exit_code", "message"),
    [
        (DataError("no rows", hint="add some"), 4, "no rows"),
        (BuildError("no fit"), 5, "no fit"),
        (TrainingError("NaN"), 6, "NaN"),
        (MemoryError(), 6, "out of memory"),
        (OSError(errno.ENOSPC, "No space left on device"), 7, "the disk is full"),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), 7, "the disk is full"),
        (
            RuntimeError("Unable to write (errno = 28, error message = 'No space left on device')"),
            7,
            "the disk is full",
        ),
        (ZeroDivisionError("by zero"), 1, "a bug in trainctl: ZeroDivisionError: by zero"),
        (PermissionError(errno.EACCES, "Permission denied", "/elsewhere"), 1, "Permission denied"),
    ],
    ids=str,
)
def test_failed(pretended: Session, error: Exception, exit_code: int, message: str) -> None:
    finished, raised = pretended.run(raising(error))
    assert (finished.status, finished.exit_code) == ("failed", exit_code)
    assert raised is error or raised.__cause__ is error  # type: ignore[union-attr]
    record = pretended.record
    assert (record["status"], record["exit_code"]) == ("failed", exit_code)
    assert message in record["error"]["message"]


def test_an_ending_that_cannot_be_recorded_is_no_success(pretended: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("trainctl.runs.recorder.Recorder.finish", fail)
    finished, error = pretended.run(good)
    assert (finished.status, finished.exit_code) == ("failed", 7)
    assert "the disk is full" in str(error)


def test_a_file_of_the_run_that_cannot_be_written(pretended: Session) -> None:
    def work(directory: Any, *_: Any) -> Outcome:
        raise PermissionError(errno.EACCES, "Permission denied", str(directory.path / "model.keras"))

    finished, _ = pretended.run(work)
    assert finished.exit_code == 7
    assert "model.keras: Permission denied" in str(finished.message)


@pytest.mark.parametrize(
    ("number", "status", "exit_code"), [(signal.SIGINT, "interrupted", 130), (signal.SIGTERM, "terminated", 143)]
)
def test_a_signal(pretended: Session, number: signal.Signals, status: str, exit_code: int) -> None:
    def work(*_: Any) -> Outcome:
        signal.raise_signal(number)
        raise AssertionError("the signal came too late")

    finished, _ = pretended.run(work)
    assert (finished.status, finished.exit_code, finished.kept_epoch) == (status, exit_code, None)
    assert pretended.record["status"] == status


@pytest.mark.parametrize(("number", "epochs", "drawn"), [("SIGINT", 1, 1), ("SIGINT", 0, 0), ("SIGTERM", 1, 0)])
def test_nobody_waits_for_a_plot_without_need(pretended: Session, number: str, epochs: int, drawn: int) -> None:
    def work(directory: Any, emit: Any, stop: Any) -> Outcome:
        for _ in range(epochs):
            good(directory, emit, stop)
        signal.raise_signal(signal.Signals[number])
        raise AssertionError("the signal came too late")

    pretended.run(work)
    assert len(pretended.drawn) == drawn


def test_a_signal_while_the_ending_is_understood(pretended: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "log_traceback", lambda _: signal.raise_signal(signal.SIGTERM))
    finished, _ = pretended.run(raising(TrainingError("NaN")))
    assert (finished.status, pretended.record["status"]) == ("failed", "failed")


def test_missed_expectations_fail_and_keep_the_metrics(pretended: Session) -> None:
    missed = ExpectationResult("loss", "<", 1, 2.0, met=False)
    finished, _ = pretended.run(lambda *_: Outcome(3, {"loss": 2.0}, 2, (missed,)))
    assert (finished.exit_code, finished.kept_epoch, finished.metrics) == (8, 2, {"loss": 2.0})
    assert finished.message == "loss is 2, expected < 1"


def test_the_plot_is_there_before_the_record_says_done(pretended: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    recorded: list[str] = []
    monkeypatch.setattr(
        "trainctl.jobs.session.write_history_plot", lambda *_: recorded.append(pretended.record["status"])
    )
    pretended.run(good)
    assert recorded == ["running"]


def test_an_error_with_a_place_is_told_once(pretended: Session) -> None:
    error = BuildError("no fit", diagnostics=[Diagnostic("build", "no fit", hint="widen it")])
    lines = [line for event in [pretended.run(raising(error)).finished] for line in event_lines(event)]
    assert not any("no fit" in line for line in lines)
    assert pretended.record["error"]["message"] == "no fit"


def test_a_failed_dry_run_names_no_directory(pretended: Session) -> None:
    finished = pretended.run(raising(BuildError("no fit")), dry_run=True).finished
    assert (finished.directory, finished.resume) == ("", None)
    assert not any("trainctl-dry-run" in line for event in pretended.seen for line in event_lines(event))


def test_a_plot_that_cannot_be_drawn_fails_no_run(pretended: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trainctl.jobs.session.write_history_plot", raising(ValueError("no plot")))
    finished, error = pretended.run(good)
    assert (finished.exit_code, error) == (0, None)


def test_a_dry_run_leaves_nothing(pretended: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    used: list[Path] = []

    def work(directory: Any, *_: Any) -> Outcome:
        used.append(directory.path)
        return Outcome(1, {}, 1)

    assert pretended.run(work, dry_run=True)[0].exit_code == 0
    assert used[0].is_relative_to(tmp_path / "temporary")
    assert list((tmp_path / "temporary").iterdir()) == []
    assert pretended.workplace.runs() == []


def test_a_dry_run_that_failed_names_no_directory_that_is_gone(pretended: Session) -> None:
    def work(directory: Any, *_: Any) -> Outcome:
        path = directory.path / "logs" / "x.csv"
        shown = f"Mine failed: cannot write {path} in {directory.path}"
        raise TrainingError(shown, hint=f"look at {path}") from OSError(errno.EPERM, "no", "/elsewhere")

    finished, error = pretended.run(work, dry_run=True)
    assert finished.message == str(error) == "Mine failed: cannot write logs/x.csv in the run directory"
    assert finished.hint == "look at logs/x.csv"
    (started,) = [event for event in pretended.seen if isinstance(event, RunStarted)]
    assert started.directory == finished.directory == ""


def test_the_plot_is_drawn_in_the_format_that_was_asked_for_and_then_stays_in_it(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretended, drawn = Session(workplace), []
    monkeypatch.setattr(
        "trainctl.jobs.session.write_history_plot", lambda _, path, *__: (path.touch(), drawn.append(path))
    )
    loaded = replace(load(str(workplace.write())), plot_format="svg")
    with mock.patch.object(session.Training, "__call__", lambda _, *context: good(*context)):
        run(loaded, workplace.folder / "runs", pretended.seen.append)
    (path,) = drawn
    directory = RunDirectory(path.parent)
    assert (path.name, directory.history_plot, pretended.record["plot_format"]) == ("history.svg", path, "svg")
    session.draw_history(directory, "again")
    assert drawn == [path, path]
    (directory.path / "run.json").write_text(json.dumps({**pretended.record, "plot_format": "png"}))
    session.draw_history(directory, "as png")
    assert [each.name for each in directory.path.glob("history.*")] == ["history.png"]
