"""Which runs go on, with which changes, and from where; the work here is pretended."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import pytest
from workplace import Workplace

from trainctl.config.load import load
from trainctl.errors import RunDirError
from trainctl.events import EpochEnded, Event, Notice, RunFinished, RunStarted, SnapshotSaved
from trainctl.jobs import fork as fork_job
from trainctl.jobs import resume, session
from trainctl.jobs.run import begin
from trainctl.runs import growing_files, snapshots
from trainctl.runs.directory import append_json
from trainctl.runs.ending import Outcome
from trainctl.runs.lock import locked
from trainctl.runs.snapshots import Snapshot
from trainctl.runs.store import Run, find_run

CALLBACKS = [
    {"EarlyStopping": {"patience": 3}},
    {"CSVLogger": {"filename": "log.csv"}},
    {"ModelCheckpoint": {"filepath": "best.keras"}},
]
SCHEDULE = {"ExponentialDecay": {"initial_learning_rate": 0.1, "decay_steps": 5, "decay_rate": 0.5}}
STATE = {
    "callbacks": {"EarlyStopping": {"wait": 1}, "CSVLogger": {}, "ModelCheckpoint": {"best": 0.5}},
    "optimizer": {"paths": ["adam/learning_rate"], "values": [np.float32(0.01)]},
}


class Runs:
    """Runs pretended work, and keeps what was seen."""

    def __init__(self, workplace: Workplace) -> None:
        self.workplace = workplace
        self.folder = workplace.folder / "runs"
        self.events: list[Event] = []
        self.started_from: list[Snapshot | None] = []
        self.interrupted = False

    def killed(self, *snapshots_at: tuple[int, int], sections: Any = None, **facts: Any) -> Run:
        """A run of 4 epochs of 8 steps that left snapshots and has died, or ended as `facts` say."""
        given = {"fit": {"epochs": 4}, "callbacks": CALLBACKS, **(sections or {})}
        loaded = load(str(self.workplace.write(**given)))

        def work(directory: Any, emit: Any, _stop: Any) -> Outcome:
            for epoch, step in snapshots_at:
                emit(EpochEnded(epoch=epoch, epochs=4, metrics={"loss": 1.0}, learning_rate=None, seconds=1, steps=8))
                sizes = growing_files.sizes(directory, [directory.metrics, directory.events])
                snapshots.save(
                    directory, Snapshot(epoch, step, 8, facts.get("stopped", False), 0, STATE, sizes), keep=2
                )
            emit(EpochEnded(epoch=9, epochs=9, metrics={"loss": 9.0}, learning_rate=None, seconds=1, steps=8))
            return Outcome(4, {"loss": 1.0}, 4)

        with mock.patch.object(session.Training, "__call__", lambda _, *context: work(*context)):
            begin(loaded, self.folder, self.events.append)
        (path,) = self.workplace.runs()
        record = json.loads((path / "run.json").read_text())
        (path / "run.json").write_text(json.dumps({**record, "status": "running", "exit_code": None, **facts}))
        self.events.clear()
        return find_run(self.folder, "latest")

    def resume(self, run: Run, *overrides: str, fork: str | None = None, accept_missing: bool = False) -> RunFinished:
        with mock.patch.object(session.Training, "__call__", lambda *given: self._train(*given)):
            if fork:
                return fork_job.fork(run, fork, self.events.append, overrides, runs_dir=self.folder).finished
            return resume.resume(run, self.events.append, overrides, accept_missing=accept_missing).finished

    def _train(self, training: session.Training, *_: Any) -> Outcome:
        self.started_from.append(training.start)
        if self.interrupted:
            raise KeyboardInterrupt
        return Outcome(4, {"loss": 0.5}, 4)

    @property
    def started(self) -> RunStarted:
        (event,) = [event for event in self.events if isinstance(event, RunStarted)]
        return event

    @property
    def said(self) -> list[str]:
        return [event.message for event in self.events if isinstance(event, Notice) and event.loud]


@pytest.fixture(autouse=True)
def _no_plot(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trainctl.jobs.session.write_history_plot", lambda *_: None)  # nobody looks


@pytest.fixture
def runs(workplace: Workplace) -> Runs:
    return Runs(workplace)


def test_a_killed_run_goes_on_from_its_last_snapshot(runs: Runs) -> None:
    run = runs.killed((1, 0), (2, 3))
    assert run.status == "died"
    assert runs.resume(run).status == "done"
    assert runs.started.resumed == "in epoch 3 after 3 of 8 steps"
    (start,) = runs.started_from
    assert start is not None
    assert (start.epoch, start.step) == (2, 3)
    assert [line["epoch"] for line in run.history()] == [1, 2]  # what came after the snapshot is cut
    record = find_run(runs.folder, "latest").record
    assert [each["resumed"] for each in record["sessions"]] == [None, "in epoch 3 after 3 of 8 steps"]
    assert record["seconds"] >= record["sessions"][1]["seconds"]
    events = [json.loads(line)["event"] for line in run.directory.events.read_text().splitlines()]
    assert events == ["RunStarted", "EpochEnded", "EpochEnded", "RunStarted", "RunFinished"]


def test_what_the_kill_left_half_written_is_removed(runs: Runs) -> None:
    run = runs.killed((1, 0), error={"message": "terminated"}, ended="then")
    half = [run.directory.snapshots / ".saving-77-step-000000016.npz", run.directory.path / ".saving-77-best.keras"]
    for path in half:
        path.write_text("half")
    (run.directory.path / ".saving-for-later").mkdir()
    runs.resume(run)
    assert [path for path in half if path.exists()] == []
    assert (run.directory.path / ".saving-for-later").is_dir()
    assert find_run(runs.folder, "latest").record["error"] is None


def test_a_file_that_lost_lines_is_an_error_unless_it_is_accepted(runs: Runs) -> None:
    run = runs.killed((1, 0), (2, 0))
    run.directory.metrics.write_text("")
    run.directory.events.write_text("")
    with pytest.raises(RunDirError, match=r"since the snapshot after epoch 2: metrics\.jsonl has 0 bytes") as caught:
        runs.resume(run)
    assert "--accept-missing" in str(caught.value.hint)
    assert run.again().record["status"] == "running"  # nothing was touched
    assert runs.resume(run, accept_missing=True).status == "done"
    assert runs.said == [
        f"{name} has 0 bytes, expected at least {count:,}; continuing with what is there"
        for name, count in runs.started_from[0].files.items()  # type: ignore[union-attr]
    ]


def test_metrics_that_are_gone_are_rebuilt(runs: Runs) -> None:
    run = runs.killed((1, 0), (2, 0))
    run.directory.metrics.unlink()
    assert runs.resume(run).status == "done"
    (said,) = runs.said
    assert said.startswith("metrics.jsonl is gone, expected ")
    assert said.endswith("; it was rebuilt from events.jsonl")
    assert [line["epoch"] for line in run.history()] == [1, 2]


def test_a_fork_begins_with_rebuilt_metrics_and_leaves_the_other(runs: Runs) -> None:
    run = runs.killed((1, 0), (2, 0))
    run.directory.metrics.unlink()
    runs.resume(run, fork="other")
    assert [line["epoch"] for line in find_run(runs.folder, "other").history()] == [1, 2]
    assert not run.directory.metrics.exists()


def test_edited_files_of_the_run(runs: Runs) -> None:
    run = runs.killed((1, 0))
    path = run.directory.experiment
    path.write_text(path.read_text().replace("0.01", "0.5"))
    assert runs.resume(run, "fit.epochs=5").status == "done"
    assert runs.resume(run, "fit.epochs=6").status == "done"  # which has written resolved.yaml anew
    said = "experiment.yaml in the run directory was edited, which has no effect: "
    assert [message.startswith(said) for message in runs.said] == [True, True]
    resolved = run.directory.resolved
    resolved.write_text(resolved.read_text().replace("0.01", "0.5"))
    with pytest.raises(RunDirError, match=r"resolved\.yaml was edited"):
        runs.resume(run, "fit.epochs=7")


class TestDeletedSnapshots:
    """Training from the start would throw away what was trained."""

    def test_that_it_took_some_is_in_its_events(self, runs: Runs) -> None:
        run = runs.killed((1, 0), (2, 0))
        append_json(
            run.directory.events, SnapshotSaved(file="step-000000016.npz", epoch=2, step=0, seconds=0).as_dict()
        )
        shutil.rmtree(run.directory.snapshots)
        with pytest.raises(RunDirError, match=r"snapshots of .* are gone; the last was step-000000016\.npz") as caught:
            runs.resume(run)
        assert caught.value.hint == "restore them, or train from the start: --accept-missing"
        assert [line["epoch"] for line in run.history()] == [1, 2, 9]  # nothing was touched
        assert runs.resume(run, accept_missing=True).status == "done"
        assert runs.started_from == [None]

    def test_that_it_was_resumed_is_in_its_record(self, runs: Runs) -> None:
        run = runs.killed((1, 0))
        runs.interrupted = True
        runs.resume(run)
        shutil.rmtree(run.directory.snapshots)
        with pytest.raises(RunDirError, match=r"snapshots of .* are gone"):
            runs.resume(run.again())

    def test_all_are_damaged(self, runs: Runs) -> None:
        run = runs.killed((1, 0))
        snapshots.paths(run.directory)[0].write_bytes(b"")
        with pytest.raises(RunDirError, match=r"snapshots of .* are damaged"):
            runs.resume(run)
        assert runs.resume(run, accept_missing=True).status == "done"
        assert runs.said == ["the snapshot step-000000008.npz is damaged: starting over"]

    def test_a_fork_cannot_train_from_the_start(self, runs: Runs) -> None:
        run, runs.interrupted = runs.killed((1, 0)), True
        runs.resume(run, fork="other")
        other = find_run(runs.folder, "other")
        shutil.rmtree(other.directory.snapshots)
        with pytest.raises(RunDirError, match="a fork cannot train from the start") as caught:
            runs.resume(other, accept_missing=False)
        assert f"trainctl resume {run.directory.run_id} --fork NAME" in str(caught.value.hint)

    def test_a_complete_run_cannot_train_longer(self, runs: Runs) -> None:
        run = runs.killed((4, 0), status="done", exit_code=0)
        shutil.rmtree(run.directory.snapshots)
        with pytest.raises(RunDirError, match="it trained 4 epochs, and has no snapshot to continue from") as caught:
            runs.resume(run, "fit.epochs=9")
        assert caught.value.hint == f"train again, for longer: trainctl run {run.directory.resolved} --set fit.epochs=8"


def test_without_a_snapshot_it_starts_over(runs: Runs) -> None:
    run = runs.killed()
    runs.resume(run)
    assert runs.started.resumed == "from the start"
    assert runs.started_from == [None]
    assert run.history() == []


def test_a_damaged_snapshot_is_told_and_set_aside(runs: Runs) -> None:
    run = runs.killed((1, 0), (2, 0))
    newest = snapshots.paths(run.directory)[0]
    newest.write_bytes(newest.read_bytes()[:80])
    runs.resume(run)
    assert runs.said == ["the snapshot step-000000016.npz is damaged: continuing after epoch 1"]
    assert [path.name for path in sorted(run.directory.snapshots.iterdir())] == [
        "step-000000008.npz",
        "step-000000016.npz.damaged",
    ]


def test_environment_changes_are_reported(runs: Runs) -> None:
    run = runs.killed((1, 0), cpu_count=999, switches={"TF_NUM_INTRAOP_THREADS": "3"})
    runs.resume(run)
    (said,) = runs.said
    assert "results may differ in the last bits: cpu_count 999 → " in said
    assert "TF_NUM_INTRAOP_THREADS 3 → None" in said


@pytest.mark.parametrize(
    "override",
    [
        "fit.epochs=9",
        "callbacks.CSVLogger.separator=;",
        "description=longer",
        "execution.snapshot.every_steps=3",
        "expect.loss=< 2",
    ],
)
def test_changes_that_leave_the_numbers_are_kept(runs: Runs, override: str) -> None:
    run = runs.killed((1, 0))
    runs.resume(run, override)
    _path, _, value = override.partition("=")
    assert value in (run.directory.path / "resolved.yaml").read_text()
    assert find_run(runs.folder, "latest").record["overrides"] == [override]


@pytest.mark.parametrize(
    ("override", "change"),
    [
        ("compile.optimizer.learning_rate=0.5", "compile.optimizer.learning_rate: 0.01 → 0.5"),
        ("data.batch_size=8", "data.batch_size: 16 → 8"),
        ("callbacks.EarlyStopping.patience=5", "callbacks.EarlyStopping.patience: 3 → 5"),
        ("seed=8", "seed: 7 → 8"),
        ("execution.deterministic=true", "execution.deterministic: false → true"),
    ],
)
def test_changes_of_the_numbers_are_refused(runs: Runs, override: str, change: str) -> None:
    run = runs.killed((1, 0))
    with pytest.raises(RunDirError) as caught:
        runs.resume(run, override)
    assert change in caught.value.message
    assert "--fork" in str(caught.value.hint)
    assert [line["epoch"] for line in run.history()] == [1, 9]  # nothing was touched


@pytest.mark.parametrize("facts", [{"status": "done"}, {"status": "failed", "exit_code": 8}])
def test_a_finished_run_only_goes_on_to_more_epochs(runs: Runs, facts: dict[str, Any]) -> None:
    run = runs.killed((4, 0), **facts)
    with pytest.raises(RunDirError, match="is done: it trained 4 epochs") as caught:
        runs.resume(run)
    assert "--set fit.epochs=8" in str(caught.value.hint)
    assert runs.resume(run, "fit.epochs=8").status == "done"


def test_a_run_that_was_stopped_early_stays_so(runs: Runs) -> None:
    run = runs.killed((3, 0), stopped=True, status="done")
    with pytest.raises(RunDirError, match="stopped after 3 epochs"):
        runs.resume(run, "fit.epochs=9")


@pytest.mark.parametrize(("at", "least"), [((2, 0), 2), ((2, 3), 3)])
def test_fewer_epochs_than_are_done(runs: Runs, at: tuple[int, int], least: int) -> None:
    run = runs.killed(at)
    with pytest.raises(
        RunDirError, match=rf"fit\.epochs is {least - 1}, but the run has already trained further"
    ) as caught:
        runs.resume(run, f"fit.epochs={least - 1}")
    assert caught.value.hint == f"--set fit.epochs={least}, or more"
    assert runs.resume(run, f"fit.epochs={least}").status == "done"


def test_epochs_that_the_data_will_tell(runs: Runs) -> None:
    run = runs.killed((2, 0), sections={"fit": {"epochs": "${data.num_classes}"}})
    assert runs.resume(run).status == "done"
    with pytest.raises(RunDirError, match="is done: it trained 2 epochs"):
        runs.resume(find_run(runs.folder, "latest"))


def test_a_run_that_ended_just_now_is_done(runs: Runs) -> None:
    run = runs.killed((4, 0))
    record = json.loads(run.directory.record.read_text())
    run.directory.record.write_text(json.dumps({**record, "status": "done"}))  # by the other process, meanwhile
    with pytest.raises(RunDirError, match="is done: it trained 4 epochs"):
        runs.resume(run)


def test_a_directory_that_cannot_be_written(runs: Runs) -> None:
    run = runs.killed((1, 0))
    (run.directory.path / ".reserve").mkdir()  # root may write anywhere, but not into a folder
    with pytest.raises(RunDirError, match=r"cannot write into .*: Is a directory"):
        runs.resume(run)


def test_a_run_that_is_running_is_left_alone(runs: Runs) -> None:
    run = runs.killed((1, 0))
    with locked(run.directory), pytest.raises(RunDirError, match="another process is running"):
        runs.resume(run)


class TestFork:
    def test_a_new_run_begins_where_the_other_was(self, runs: Runs) -> None:
        run = runs.killed((1, 0), status="done")
        runs.resume(run, "fit.epochs=9", "compile.optimizer.learning_rate=0.5", fork="other")
        new = find_run(runs.folder, "other")
        assert new.record["forked_from"]["run_id"] == run.directory.run_id
        assert runs.started.resumed == f"after epoch 1 of {run.directory.run_id}"
        assert [line["epoch"] for line in new.history()] == [1]
        assert [line["epoch"] for line in run.history()] == [1, 9]
        (start,) = runs.started_from
        assert start is not None
        assert start.state["learning_rate"] == 0.5
        assert start.state["callbacks"].keys() == {"EarlyStopping", "CSVLogger"}  # the best file is elsewhere

    def test_what_has_changed_begins_anew(self, runs: Runs) -> None:
        run = runs.killed((1, 0), stopped=True)
        runs.resume(run, "callbacks.EarlyStopping.patience=9", "compile.optimizer=sgd", fork="other")
        (start,) = runs.started_from
        assert start is not None
        assert not start.stopped
        assert "optimizer" not in start.state
        assert start.state["callbacks"].keys() == {"CSVLogger"}

    @pytest.mark.parametrize(
        ("before", "override", "rate"),
        [
            ({"Adam": {"learning_rate": 0.001}}, "compile.optimizer=adam", "the same"),
            ("adam", "compile.optimizer.Adam.beta_1=0.9", "the same"),
            ("adam", "compile.optimizer={Adam: {learning_rate: 0.5}}", 0.5),
            ({"Adam": {"learning_rate": 0.5}}, "compile.optimizer=adam", 0.001),
            ({"Adam": {"learning_rate": SCHEDULE}}, "compile.optimizer.learning_rate=0.5", 0.5),
            ("adam", f"compile.optimizer.learning_rate={json.dumps(SCHEDULE)}", None),
        ],
    )
    def test_an_optimizer_with_another_rate_goes_on(
        self, runs: Runs, before: Any, override: str, rate: float | str | None
    ) -> None:
        compile_ = {"optimizer": before, "loss": "sparse_categorical_crossentropy"}
        runs.resume(runs.killed((1, 0), sections={"compile": compile_}), override, fork="other")
        (start,) = runs.started_from
        assert start is not None
        assert "optimizer" in start.state
        assert start.state.get("learning_rate", "the same") == rate

    def test_cut_short_at_once_it_begins_where_it_would_have_begun(self, runs: Runs) -> None:
        run, runs.interrupted = runs.killed((1, 0)), True
        runs.resume(run, "compile.optimizer=sgd", "data.batch_size=100", fork="other")
        other = find_run(runs.folder, "other")
        assert runs.resume(other).resume == f"trainctl resume {other.directory.shown}"
        runs.resume(other, fork="another")
        first, *others = runs.started_from
        assert first is not None
        for start in others:
            assert start is not None
            assert (start.epoch, start.step, start.steps) == (1, 0, 8)
            assert "optimizer" not in start.state
            assert start.state["callbacks"].keys() == first.state["callbacks"].keys()
            assert start.learning_rate == first.learning_rate == 0.01  # SGD's own
        assert [line["epoch"] for line in other.history()] == [1]
        events = [json.loads(line)["event"] for line in other.directory.events.read_text().splitlines()]
        assert events == ["RunStarted", "RunFinished"]  # of the second session

    def test_its_own_snapshots_are_newer_than_the_one_it_began_with(self, runs: Runs) -> None:
        runs.resume(runs.killed((3, 0)), "data.batch_size=100", fork="other")
        directory = find_run(runs.folder, "other").directory
        snapshots.save(directory, Snapshot(4, 0, 2, False, 0, STATE), keep=2)  # 8 steps: fewer than the 24 of the other
        found, _ = snapshots.newest(directory)
        assert found is not None
        assert found.epoch == 4

    def test_it_has_all_its_tries_to_recover(self, runs: Runs) -> None:
        run = runs.killed((1, 0))
        taken, _ = snapshots.newest(run.directory)
        assert taken is not None
        snapshots.save(run.directory, replace(taken, step=1, recoveries=2), keep=1)
        runs.resume(run, fork="other")
        assert [start.recoveries for start in runs.started_from if start] == [0]

    def test_it_writes_over_nothing_of_the_other(self, runs: Runs, tmp_path: Path) -> None:
        log = str(tmp_path / "log.csv")
        run = runs.killed((1, 0), sections={"callbacks": [{"CSVLogger": {"filename": log}}]})
        with pytest.raises(RunDirError, match=r"overwrite .*/log\.csv, which the run .* writes") as caught:
            runs.resume(run, fork="other")
        assert "--set callbacks.CSVLogger.filename=" in str(caught.value.hint)
        runs.resume(run, "callbacks.CSVLogger.filename=log.csv", fork="other")
        assert len(runs.started_from) == 1

    def test_with_any_seed(self, runs: Runs) -> None:
        run = runs.killed((1, 0))
        runs.resume(run, "seed=0", fork="other")
        assert find_run(runs.folder, "other").record["seed"] == 0
        runs.resume(run, "seed=null", fork="third")
        assert find_run(runs.folder, "third").record["seed"] == 7

    def test_there_has_to_be_a_snapshot(self, runs: Runs) -> None:
        with pytest.raises(RunDirError, match="has no snapshot to start from"):
            runs.resume(runs.killed(), fork="other")

    def test_a_snapshot_that_a_newer_one_replaces_meanwhile(self, runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
        run, read = runs.killed((1, 0)), snapshots._read

        def too_late(path: Path) -> Snapshot:
            monkeypatch.setattr(snapshots, "_read", read)
            snapshots.save(run.directory, Snapshot(2, 0, 8, False, 0, STATE), keep=1)
            return read(path)

        monkeypatch.setattr(snapshots, "_read", too_late)
        runs.resume(run, fork="other")
        assert [start.epoch for start in runs.started_from if start] == [2]


def test_folders_that_are_no_runs(tmp_path: Path) -> None:
    with pytest.raises(RunDirError, match="is not a run: it has no run"):
        find_run(tmp_path, str(tmp_path))


def test_a_new_name_changes_no_number(runs: Runs) -> None:
    run = runs.killed((1, 0))
    assert runs.resume(run, "name=other").status == "done"
    assert run.again().name == "other"


class TestFinishing:
    """A complete run gets what it lacks."""

    @pytest.mark.parametrize("facts", [{"status": "done", "exit_code": 0}, {"status": "failed", "exit_code": 8}])
    def test_its_plot(self, runs: Runs, monkeypatch: pytest.MonkeyPatch, facts: dict[str, Any]) -> None:
        run = runs.killed((4, 0), **facts)
        monkeypatch.setattr("trainctl.jobs.session.write_history_plot", lambda rows, path, *_: path.write_bytes(b""))
        finished = runs.resume(run)
        assert (finished.status, finished.exit_code) == (facts["status"], facts["exit_code"])
        assert finished.metrics == {"loss": 1.0}
        assert run.directory.history_plot.is_file()
        assert runs.started_from == []
        assert [event.message for event in runs.events if isinstance(event, Notice)] == [
            "history.png was missing and was written"
        ]
        with pytest.raises(RunDirError, match="is done"):
            runs.resume(run)

    def test_its_last_event(self, runs: Runs) -> None:
        run = runs.killed((4, 0), status="done", exit_code=0)
        *before, last = run.directory.events.read_text().splitlines(keepends=True)
        run.directory.events.write_text("".join(before))
        (run.directory.path / ".reserve").touch()
        finished = runs.resume(run)
        written = json.loads(run.directory.events.read_text().splitlines()[-1])
        rounded = {"time": None, "seconds": round(json.loads(last)["seconds"], 3)}
        assert {**json.loads(last), **rounded} == {**written, "time": None}
        assert finished.epochs == 4
        assert not (run.directory.path / ".reserve").exists()

    def test_its_models(self, runs: Runs) -> None:
        run = runs.killed((4, 0), status="done", exit_code=0, models=["model.keras", "inference.keras"])
        run.directory.model.touch()
        assert runs.resume(run).status == "done"
        (start,) = runs.started_from
        assert start is not None
        assert start.epoch == 4
        assert runs.said == ["inference.keras is gone; writing again from the snapshot after epoch 4"]

    def test_its_models_without_a_snapshot(self, runs: Runs) -> None:
        run = runs.killed(status="done", exit_code=0, models=["model.keras"])
        with pytest.raises(RunDirError, match=r"model\.keras of the run .* is gone, and there is no snapshot"):
            runs.resume(run)
