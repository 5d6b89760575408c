"""Every exit code, by the real thing; and a run.json that says the same."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from workplace import Trained, Workplace

from trainctl.errors import EXIT_CODES

pytestmark = pytest.mark.tf

DIVERGING = {"optimizer": {"SGD": {"learning_rate": 1e30}}, "loss": "sparse_categorical_crossentropy"}
SIGNALS = {signal.SIGINT: ("interrupted", "Ctrl-C"), signal.SIGTERM: ("terminated", "SIGTERM")}


def assert_truthful(run: Trained, *, status: str, message: str | None) -> None:
    """run.json, the last event and the exit code say the same, and nothing half-written is left."""
    record, last = run.record, run.events[-1]
    assert (record["status"], record["exit_code"]) == (last["status"], last["exit_code"]) == (status, run.exit_code)
    if message is None:
        assert record["error"] is None
    else:
        assert message in record["error"]["message"]
        assert message in run.stderr
    assert record["epochs_run"] == len(run.history)
    assert [path.name for path in run.directory.rglob(".*")] == []
    assert [path.name for path in run.directory.rglob("*.tmp")] == []


def test_0_done(workplace: Workplace) -> None:
    assert_truthful(workplace.train(), status="done", message=None)


class TestBug:
    """1: a bug in trainctl."""

    def test_ends_a_run_with_a_report(self, workplace: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("trainctl.training.train.save", _broken)
        run = workplace.train("--format", "quiet", exit_code=1)
        assert_truthful(run, status="failed", message="a bug in trainctl: LookupError: broken")
        assert (run.directory / "console.log").read_text().count("LookupError: broken") == 1
        said, resume, asked = run.stderr.splitlines()
        assert said == "error: a bug in trainctl: LookupError: broken"
        assert resume == f"  resume: trainctl resume runs/small/{run.directory.name}"
        report = Path(asked.removeprefix("  please report it, with the file "))
        assert "LookupError: broken" in report.read_text()

    def test_ends_a_command_with_a_report(self, workplace: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("trainctl.cli.doctor.facts", _broken)
        ended = workplace.call("doctor")
        assert ended.exit_code == 1
        assert ended.stdout == ""
        said, asked = ended.stderr.splitlines()
        assert said == "error: a bug in trainctl: LookupError: broken"
        assert Path(asked.removeprefix("  please report it, with the file ")).is_relative_to(workplace.folder)

    def test_debug_shows_the_traceback(self, workplace: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("trainctl.cli.doctor.facts", _broken)
        assert "Traceback (most recent call last)" in workplace.call("doctor", "--debug").stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["run", "no.yaml"],
        ["run", "."],
        ["run"],
        ["run", "experiment.yaml", "--set", "fit.epochs"],
        ["run", "experiment.yaml", "--format", "loud"],
        ["run", "experiment.yaml", "--no-such-option"],
        ["validate"],
        ["list", "no-such-kind"],
        ["describe", "NoSuchName"],
        ["no-such-command"],
        [],
    ],
    ids=" ".join,
)
def test_2_usage(workplace: Workplace, arguments: list[str]) -> None:
    workplace.write()
    ended = workplace.call(*arguments)
    assert ended.exit_code == 2
    assert ended.stdout == ""
    assert ended.stderr
    assert not (workplace.folder / "runs").exists()


@pytest.mark.parametrize(
    "arguments", [[], ["--set", "callbacks.EarlyStopping.patience=1"]], ids=["content", "a --set path"]
)
def test_3_invalid_experiment(workplace: Workplace, arguments: list[str]) -> None:
    sections = {} if arguments else {"callbacks": [{"EarlyStopping": {"patince": 3}}]}
    ended = workplace.call("run", str(workplace.write(**sections)), *arguments)
    assert ended.exit_code == 3
    assert not (workplace.folder / "runs").exists()


class TestData:
    """4: the data."""

    def test_missing_file_is_found_before_tensorflow(self, workplace: Workplace) -> None:
        run = workplace.train(data={"source": {"CSV": {"path": "no.csv", "label": "y"}}}, exit_code=4)
        assert_truthful(run, status="failed", message="no.csv does not exist")
        assert re.search(r"experiment\.yaml:\d+:\d+: error\[data\]", run.stderr)
        assert "importing TensorFlow" not in run.stderr

    def test_splits_that_leave_nothing(self, workplace: Workplace) -> None:
        run = workplace.train(data={"source": "Iris", "limit": 1, "validation_split": 0.5}, exit_code=4)
        assert_truthful(run, status="failed", message="leaves no training samples")

    @pytest.mark.usefixtures("no_network")
    def test_no_network_and_no_stand_in(self, workplace: Workplace) -> None:
        layers = ["Flatten", {"Dense": {"units": 10, "activation": "softmax"}}]
        run = workplace.train(data={"source": "MNIST"}, model={"layers": layers}, exit_code=4)
        assert_truthful(run, status="failed", message="mnist.npz")
        assert "offline: Digits" in run.record["error"]["hint"]


class TestBuild:
    """5: Keras refuses the model or a callback."""

    def test_a_layer_that_does_not_fit(self, workplace: Workplace) -> None:
        layers = [{"Dense": {"units": 4}}, {"Conv2D": {"filters": 2, "kernel_size": 3}}, {"Dense": {"units": 3}}]
        run = workplace.train(model={"layers": layers}, exit_code=5)
        assert_truthful(run, status="failed", message="Conv2D does not fit its input of shape (None, 4)")
        assert "error[build]" in run.stderr

    def test_a_callback_that_does_not_fit(self, workplace: Workplace) -> None:
        (workplace.folder / "labels.tsv").touch()
        board = {"TensorBoard": {"embeddings_freq": 1, "embeddings_metadata": {"no_layer": "labels.tsv"}}}
        run = workplace.train(callbacks=[board], exit_code=5)
        assert_truthful(run, status="failed", message="no_layer")


class TestTraining:
    """6: training failed."""

    def test_a_loss_that_is_no_number(self, workplace: Workplace) -> None:
        run = workplace.train(compile=DIVERGING, fit={"epochs": 5}, exit_code=6)
        assert_truthful(run, status="failed", message="the loss of epoch 1 is nan")
        assert [line["loss"] for line in run.history] == [None]
        assert run.record["kept_epoch"] is None
        assert not (run.directory / "model.keras").exists()

    @pytest.mark.parametrize("raise_error", [False, True])
    def test_the_batch_is_named_by_terminate_on_nan(self, workplace: Workplace, raise_error: bool) -> None:
        callbacks = [{"TerminateOnNaN": {"raise_error": raise_error}}, {"CSVLogger": {"filename": "log.csv"}}]
        run = workplace.train(compile=DIVERGING, callbacks=callbacks, exit_code=6)
        assert_truthful(run, status="failed", message="the loss of batch 2 in epoch 1 is nan")

    def test_a_callback_that_raises(self, workplace: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
        import keras

        monkeypatch.setattr(keras.callbacks.CSVLogger, "on_epoch_end", _broken)
        run = workplace.train(callbacks=[{"CSVLogger": {"filename": "log.csv"}}], exit_code=6)
        assert_truthful(run, status="failed", message="CSVLogger failed in on_epoch_end: LookupError: broken")
        assert "Traceback" in (run.directory / "console.log").read_text()

    def test_out_of_memory(self, workplace: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("trainctl.training.stages.fit", _out_of_memory)
        assert_truthful(workplace.train(exit_code=6), status="failed", message="out of memory")


class TestRunDirectory:
    """7: the run directory."""

    @pytest.mark.parametrize("runs_dir", ["file", "file/runs", "/proc/runs"])
    def test_cannot_be_made(self, workplace: Workplace, runs_dir: str) -> None:
        (workplace.folder / "file").touch()
        ended = workplace.call("run", str(workplace.write()), "--runs-dir", runs_dir)
        assert ended.exit_code == 7
        assert "cannot make the run directory" in ended.stderr
        assert "choose another folder with --runs-dir" in ended.stderr
        assert "space" not in ended.stderr  # which would help nothing

    @pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
    def test_may_not_be_written(self, workplace: Workplace) -> None:
        (workplace.folder / "locked").mkdir(mode=0o500)
        assert workplace.call("run", str(workplace.write()), "--runs-dir", "locked").exit_code == 7

    def test_is_gone_during_the_run(self, workplace: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
        import shutil

        from trainctl.training.reporter import EpochReporter

        def clean_up(*_: Any, **__: Any) -> None:
            shutil.rmtree(workplace.runs()[0])

        monkeypatch.setattr(EpochReporter, "on_epoch_begin", clean_up)
        ended = workplace.call("run", str(workplace.write()))
        assert ended.exit_code == 7
        assert "was deleted during the run" in ended.stderr

    @pytest.mark.parametrize("callbacks", [[], [{"ModelCheckpoint": {"filepath": "best.keras"}}]])
    def test_is_full(self, workplace: Workplace, small_disk: Path, callbacks: list[Any]) -> None:
        layers = [{"Dense": {"units": units}} for units in (500, 1000, 3)]
        config = workplace.write(model={"layers": layers}, callbacks=callbacks)
        ended = workplace.call("run", str(config))
        (directory,) = workplace.runs()
        run = Trained(ended.exit_code, ended.stdout, ended.stderr, directory)
        assert run.exit_code == 7
        assert_truthful(run, status="failed", message="the disk is full")
        assert not list(directory.glob("*.keras"))

    def test_a_run_that_is_not_there(self, workplace: Workplace) -> None:
        assert workplace.call("runs", "show", "latest").exit_code == 7


@pytest.fixture
def small_disk(workplace: Workplace) -> Iterator[Path]:
    """`runs/` as a file system of one megabyte."""
    folder = workplace.folder / "runs"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"no small file system can be mounted here: {mounted.stderr.decode().strip()}")
    yield folder
    subprocess.run(["umount", folder], check=True)


class TestExpectation:
    """8: an expectation was not met."""

    def test_the_model_is_kept(self, workplace: Workplace) -> None:
        run = workplace.train(expect={"val_accuracy": ">= 0.999", "loss": "< 1e9"}, exit_code=8)
        assert_truthful(run, status="failed", message=", expected >= 0.999")
        assert {each["metric"]: each["met"] for each in run.record["expectations"]} == {
            "val_accuracy": False,
            "loss": True,
        }
        assert (run.directory / "model.keras").exists()

    def test_the_test_split_counts(self, workplace: Workplace) -> None:
        data = {"source": "Iris", "validation_split": 0.2, "test_split": 0.2}
        run = workplace.train(data=data, expect={"test_accuracy": "> 1"}, exit_code=8)
        assert_truthful(run, status="failed", message=", expected > 1")


@pytest.mark.parametrize("number", SIGNALS, ids=lambda number: number.name)
def test_130_and_143_signals(workplace: Workplace, number: signal.Signals) -> None:
    callbacks = [{"CSVLogger": {"filename": "log.csv"}}, {"TensorBoard": {}}]
    with workplace.start("run", workplace.write(fit={"epochs": 100_000}, callbacks=callbacks)) as process:
        _wait_for_epochs(workplace, 2)
        process.send_signal(number)
        stdout, stderr = process.communicate(timeout=60)
    run = Trained(process.returncode, stdout, stderr, workplace.runs()[0])
    status, word = SIGNALS[number]
    assert run.exit_code == 128 + number
    assert_truthful(run, status=status, message=f"{status} by {word}")
    assert run.record["epochs_run"] >= 2
    assert (run.directory / "history.png").exists() == (number is signal.SIGINT)  # whoever sends SIGTERM is in a hurry
    assert len((run.directory / "log.csv").read_text().splitlines()) >= 3
    assert "Traceback" not in stderr


def _wait_for_epochs(workplace: Workplace, epochs: int) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        for file in workplace.folder.glob("runs/*/2*/metrics.jsonl"):
            if file.read_text().count("\n") >= epochs:
                return
        time.sleep(0.05)
    pytest.fail("training did not begin")


def test_with_several_files_the_highest_counts(workplace: Workplace) -> None:
    good, bad = workplace.write("good.yaml"), workplace.write("bad.yaml", fit={"epochs": 0})
    ended = workplace.call("validate", str(good), str(bad), "no.yaml", str(good), "--json")
    assert ended.exit_code == 3
    assert [result["exit_code"] for result in json.loads(ended.stdout)] == [0, 3, 2, 0]


def test_the_table_holds_them_all() -> None:
    assert list(EXIT_CODES) == [0, 1, 2, 3, 4, 5, 6, 7, 8, 130, 143]


def _broken(*_: Any, **__: Any) -> None:
    raise LookupError("broken")


def _out_of_memory(*_: Any, **__: Any) -> None:
    raise MemoryError
