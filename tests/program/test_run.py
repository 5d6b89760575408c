"""`trainctl run`: the run directory, the streams and the displays, by whole runs."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from workplace import SMALL, Ended, Trained, Workplace

from trainctl.sources import mnist

pytestmark = pytest.mark.tf

CONFIGS = Path(__file__).parents[2] / "configs"
CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")


@pytest.fixture(scope="module")
def run(shared_workplace: Workplace) -> Trained:
    """A run with defaults, in lines."""
    data = {**SMALL["data"], "test_split": 0.1}
    shared_workplace.draws = True
    return shared_workplace.train("--set", "fit.epochs=3", data=data, expect={"loss": "< 100"})


class TestRunDirectory:
    def test_holds_these_files(self, run: Trained) -> None:
        assert {path.name for path in run.directory.iterdir()} == {
            "experiment.yaml",
            "resolved.yaml",
            "run.json",
            "metrics.jsonl",
            "events.jsonl",
            "model.keras",
            "history.png",
            "console.log",
            "snapshots",
        }

    def test_the_experiment_is_kept_byte_for_byte(self, run: Trained, shared_workplace: Workplace) -> None:
        written = shared_workplace.folder / "experiment.yaml"
        assert (run.directory / "experiment.yaml").read_bytes() == written.read_bytes()

    def test_run_json(self, run: Trained) -> None:
        record = run.record
        assert {
            "status": "done",
            "exit_code": 0,
            "name": "small",
            "seed": 7,
            "epochs": 3,
            "epochs_run": 3,
            "kept_epoch": 3,
            "overrides": ["fit.epochs=3"],
            "parameters": 67,
            "error": None,
            "run_id": run.directory.name,
            "schema": 1,
        }.items() <= record.items()
        assert record["data"]["source"] == "Iris"
        assert record["data"]["stand_in_for"] is None
        assert re.fullmatch(r"[0-9a-f]{64}", record["data"]["fingerprint"])
        assert {"tensorflow", "keras", "numpy", "python", "trainctl"} <= record["versions"].keys()
        assert record["device"].startswith(("CPU", "GPU"))
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", record["started"])
        assert record["started"] < record["ended"]
        assert [key for key in record["metrics"] if key.startswith("test_")] == ["test_loss", "test_accuracy"]
        assert record["expectations"] == [
            {"metric": "loss", "op": "<", "bound": 100, "value": record["metrics"]["loss"], "met": True}
        ]

    def test_metrics_have_a_line_an_epoch(self, run: Trained) -> None:
        assert [line["epoch"] for line in run.history] == [1, 2, 3]
        keys = ["epoch", "loss", "accuracy", "val_loss", "val_accuracy", "learning_rate", "seconds"]
        assert [list(line) for line in run.history] == [keys] * 3
        assert run.record["metrics"].items() >= {k: run.history[-1][k] for k in keys[1:5]}.items()

    def test_events_tell_the_whole_story(self, run: Trained) -> None:
        names = [event["event"] for event in run.events]
        assert [name for name in names if name not in {"PhaseStarted", "SnapshotSaved"}] == [
            "RunStarted",
            "DataLoaded",
            "ModelBuilt",
            "BaselineMeasured",
            "ExecutionDecided",
            *["EpochStarted", "EpochEnded"] * 3,
            "CallbacksTimed",
            "RunFinished",
        ]
        assert names.count("SnapshotSaved") == 3  # told when they are written, which is beside the training
        assert all(event["schema"] == 2 and event["time"] for event in run.events)

    def test_history_is_a_picture(self, run: Trained) -> None:
        assert (run.directory / "history.png").read_bytes().startswith(b"\x89PNG\r\n\x1a\n")

    def test_the_model_loads_and_predicts(self, run: Trained) -> None:
        import keras

        model = keras.models.load_model(run.directory / "model.keras")
        answer = model.predict(np.zeros((2, 4), np.float32), verbose=0)
        assert answer.shape == (2, 3)
        assert answer.sum(axis=1) == pytest.approx(1)
        assert model.name == "small"

    def test_resolved_yaml_runs_to_the_same_numbers(self, run: Trained, shared_workplace: Workplace) -> None:
        again = shared_workplace.train(config=run.directory / "resolved.yaml")
        assert [_without_seconds(line) for line in again.history] == [_without_seconds(line) for line in run.history]
        assert again.record["metrics"] == run.record["metrics"]
        assert again.record["data"] == run.record["data"]
        assert (again.directory / "resolved.yaml").read_text() == (run.directory / "resolved.yaml").read_text()


def test_a_drawn_seed_is_recorded_and_gives_the_same_numbers_again(workplace: Workplace) -> None:
    first = workplace.train(seed=None)
    assert isinstance(first.record["seed"], int)
    again = workplace.train(config=first.directory / "resolved.yaml")
    assert again.record["seed"] == first.record["seed"]
    assert [_without_seconds(line) for line in again.history] == [_without_seconds(line) for line in first.history]


def _without_seconds(line: dict[str, float]) -> dict[str, float]:
    return {key: value for key, value in line.items() if key != "seconds"}


def test_a_table_also_gets_a_model_for_raw_rows(workplace: Workplace) -> None:
    import keras
    import tensorflow as tf

    run = workplace.train("-s", "fit.epochs=3", "-s", "expect=null", config=CONFIGS / "tabular_classification.yaml")
    model = keras.models.load_model(run.directory / "inference.keras")
    header, first = (line.split(",") for line in (CONFIGS / "data" / "penguins.csv").read_text().splitlines()[:2])
    raw = dict(zip(header, first, strict=True))
    dtypes = {tensor.name: tensor.dtype for tensor in model.inputs}
    row = {
        name: tf.constant([[raw[name]]]) if dtype == "string" else tf.constant([[float(raw[name])]], dtype)
        for name, dtype in dtypes.items()
    }
    assert "species" not in dtypes
    assert np.asarray(model(row)).sum() == pytest.approx(1)


class TestStreams:
    def test_lines_go_to_stderr_without_control_characters(self, run: Trained) -> None:
        assert run.stdout == ""
        assert not CONTROL.search(run.stderr)
        assert len(re.findall(r"^epoch \d/3 ", run.stderr, re.MULTILINE)) == 3

    def test_tensorflow_is_kept_off_the_screen(self, workplace: Workplace) -> None:
        """In a process of its own, since TensorFlow speaks while it is imported."""
        config = workplace.write(callbacks=[{"EarlyStopping": {"patience": 0, "monitor": "loss", "verbose": 1}}])
        with workplace.start("run", config) as process:
            stdout, stderr = process.communicate(timeout=120)
        assert process.returncode == 0
        assert stdout == ""
        assert not re.search(r"oneDNN|cuda|absl", stderr, re.IGNORECASE)
        assert not CONTROL.search(stderr)
        assert re.search(r"oneDNN|cuda|absl", (workplace.runs()[0] / "console.log").read_text(), re.IGNORECASE)

    def test_jsonl_is_json_on_stdout(self, workplace: Workplace) -> None:
        run = workplace.train("--format", "jsonl", "--json")
        lines = [json.loads(line) for line in run.stdout.splitlines()]
        assert lines == run.events
        assert run.stderr == ""

    def test_jsonl_tells_a_mistake_as_json(self, workplace: Workplace) -> None:
        ended = workplace.call("run", str(workplace.write(fit={"epoch": 1})), "--format", "jsonl")
        (problem,) = [json.loads(line) for line in ended.stdout.splitlines()]
        assert (problem["code"], problem["path"]) == ("unknown-key", "fit.epoch")
        assert ended.stderr == ""

    def test_json_is_the_result_on_stdout(self, workplace: Workplace) -> None:
        run = workplace.train("--json")
        result = json.loads(run.stdout)
        assert (result["status"], result["metrics"]) == ("done", run.record["metrics"])
        assert "epoch 2/2" in run.stderr

    def test_quiet_says_nothing(self, workplace: Workplace) -> None:
        run = workplace.train("--format", "quiet")
        assert (run.stdout, run.stderr) == ("", "")

    def test_github_annotates_the_end(self, workplace: Workplace) -> None:
        run = workplace.train("--format", "github", expect={"loss": "< 0"}, exit_code=8)
        assert run.stdout.startswith("::error file=")
        assert ", expected < 0" in run.stdout
        assert "epoch 2/2" in run.stderr

    def test_rich_on_no_terminal_is_readable_at_the_end(self, workplace: Workplace) -> None:
        run = workplace.train("--format", "rich")
        assert "done in" in run.stderr
        assert "val_accuracy" in run.stderr or "accuracy" in run.stderr

    def test_warnings_are_shown_and_the_run_goes_on(self, workplace: Workplace) -> None:
        layers = [{"Dense": {"units": 3}}]
        run = workplace.train(model={"layers": layers})
        assert "warning[loss-activation]" in run.stderr


class TestDryRun:
    def test_leaves_nothing_behind(self, workplace: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
        temporary = workplace.folder / "temporary"
        temporary.mkdir()
        monkeypatch.setattr(tempfile, "tempdir", str(temporary))
        callbacks = [
            {"ModelCheckpoint": {"filepath": "best.keras", "monitor": "val_loss", "save_best_only": True}},
            {"TensorBoard": {}},
        ]
        config = workplace.write(callbacks=callbacks, fit={"epochs": 1000}, expect={"val_accuracy": "> 1"})
        ended = workplace.call("run", str(config), "--dry-run")
        assert ended.exit_code == 0, ended.stderr
        assert "dry run" in ended.stderr
        assert "epoch 1/1" in ended.stderr
        assert list(temporary.iterdir()) == []
        assert not (workplace.folder / "runs").exists()

    def test_fails_as_the_run_would(self, workplace: Workplace) -> None:
        layers = [{"Conv2D": {"filters": 2, "kernel_size": 3}}]
        ended = workplace.call("run", str(workplace.write(model={"layers": layers})), "--dry-run")
        assert ended.exit_code == 5
        assert not (workplace.folder / "runs").exists()


@pytest.fixture(scope="module")
def stood_in(shared_workplace: Workplace) -> Trained:
    """MNIST's configuration where its server refuses the connection."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mnist, "FILE", replace(mnist.FILE, url="http://127.0.0.1:9/mnist.npz"))
        return shared_workplace.train(
            "-s", "fit.epochs=1", "-s", "expect=null", "-s", "data.limit=200", config=CONFIGS / "mnist.yaml"
        )


class TestStandIn:
    """MNIST without a network."""

    def test_is_loud_on_screen(self, stood_in: Trained) -> None:
        loud = [line for line in stood_in.stderr.splitlines() if line.startswith("WARNING")]
        assert len(loud) >= 2
        assert all("MNIST" in line for line in loud)
        assert loud[-1] == "WARNING: trained on stand-in data instead of MNIST"

    def test_is_recorded(self, stood_in: Trained) -> None:
        assert stood_in.record["data"]["source"] == "Digits"
        assert stood_in.record["data"]["stand_in_for"] == "MNIST"
        assert stood_in.record["data"]["input_shape"] == [28, 28, 1]

    def test_is_said_wherever_its_metrics_are_listed(self, stood_in: Trained, shared_workplace: Workplace) -> None:
        listed = _line_of(shared_workplace.call("runs"), stood_in.directory.name)
        assert "on Digits, stand-in for MNIST" in listed
        shown = shared_workplace.call("runs", "show", stood_in.directory.name).stdout
        assert re.search(r"STAND-IN +trained on Digits, because MNIST could not be downloaded", shown)
        (recorded,) = [
            each
            for each in json.loads(shared_workplace.call("runs", "--json").stdout)
            if each["run_id"] == stood_in.directory.name
        ]
        assert recorded["data"]["stand_in_for"] == "MNIST"


def _line_of(ended: Ended, start: str) -> str:
    (line,) = [line for line in ended.stdout.splitlines() if line.startswith(start)]
    return line


def test_the_runs_go_where_they_are_told(workplace: Workplace) -> None:
    ended = workplace.call("run", str(workplace.write()), "--runs-dir", "else/where", "-s", "name=other")
    assert ended.exit_code == 0
    (directory,) = workplace.folder.glob("else/where/other/2*")
    assert (directory / "run.json").exists()
    assert workplace.call("runs", "show", "other", "--runs-dir", "else/where").exit_code == 0


def test_the_console_script_is_the_same_program(workplace: Workplace) -> None:
    script = Path(sys.executable).with_name("trainctl")
    for command in ([str(script)], [sys.executable, "-m", "trainctl"]):
        said = subprocess.run([*command, "--version"], capture_output=True, text=True, check=True)
        assert re.fullmatch(r"trainctl \d+\.\d+\.\d+\n", said.stdout)


@pytest.mark.tf
class TestCodeOfTheUsers:
    """What the user's own code does to a run is told, and never ends it as a success."""

    MODULE = (
        "import sys, keras, trainctl\n"
        "@trainctl.callback\n"
        "class Leaves(keras.callbacks.Callback):\n"
        "    def on_epoch_end(self, epoch, logs=None):\n"
        "        sys.exit(0)\n"
        "@trainctl.callback\n"
        "class Broken(keras.callbacks.Callback):\n"
        "    def __init__(self):\n"
        "        raise KeyError('nothing here')\n"
    )

    @pytest.mark.parametrize(
        ("callback", "code", "said"), [("Leaves", 6, "sys.exit(0)"), ("Broken", 5, "Broken cannot be created")]
    )
    def test_it_fails_with_the_right_code(self, workplace: Workplace, callback: str, code: int, said: str) -> None:
        module = workplace.folder / "own.py"
        module.write_text(self.MODULE)
        run = workplace.train("--import", str(module), callbacks=[callback], exit_code=code)
        assert said in run.stderr
        assert run.record["status"] == "failed"

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("import sys\nsys.exit(0)\n", "SystemExit: 0"),
            (
                "import trainctl\n@trainctl.callback\nclass NoCallback: ...\n",
                "NoCallback is not a keras.callbacks.Callback",
            ),
        ],
    )
    def test_a_module_that_leaves_or_lies(self, workplace: Workplace, text: str, said: str) -> None:
        module = workplace.folder / "own.py"
        module.write_text(text)
        ended = workplace.call("validate", str(workplace.write()), "--import", str(module))
        assert ended.exit_code == 3
        assert said in ended.stderr


@pytest.mark.tf
def test_a_run_directory_that_was_deleted_is_no_success(workplace: Workplace) -> None:
    remove = "import os, trainctl\n@trainctl.function\ndef remove(logs):\n    os.rename('runs', 'elsewhere')\n"
    (workplace.folder / "own.py").write_text(remove)
    late = {"LambdaCallback": {"on_train_end": ["remove", "save('m.keras')"]}}
    ended = workplace.call("run", str(workplace.write(callbacks=[late])), "--import", "own.py")
    assert ended.exit_code == 7
    assert "deleted during the run" in ended.stderr


@pytest.mark.tf
def test_a_loss_for_numbers_on_classes_points_at_the_loss(workplace: Workplace) -> None:
    from workplace import SMALL

    ended = workplace.call("run", str(workplace.write(compile={**SMALL["compile"], "loss": "mse", "metrics": []})))
    assert ended.exit_code == 3
    assert "mse needs a number for each output in each label, but the labels are class indices" in ended.stderr


@pytest.mark.tf
class TestPredict:
    def test_what_cannot_be_read_or_written(self, shared_workplace: Workplace) -> None:
        import numpy as np

        place = shared_workplace
        run = place.train(fit={"epochs": 1})
        np.save(place.folder / "empty.npy", np.zeros((0, 4), "float32"))
        np.save(place.folder / "x.npy", np.zeros((2, 4), "float32"))
        name = str(run.directory)
        assert place.call("predict", name, "x.npy", "-o", "x.npy").exit_code == 2
        assert place.call("predict", name, "x.npy", "-o", "out.txt").exit_code == 2
        assert place.call("predict", name, "empty.npy").exit_code == 4
        assert place.call("predict", name, "x.npy", "-o", "out.csv").exit_code == 0
        assert (place.folder / "out.csv").read_text().startswith("prediction,probability\n")
        (run.directory / "model.keras").write_bytes(b"PK broken")
        ended = place.call("predict", name, "x.npy")
        assert ended.exit_code == 7
        assert "cannot be read" in ended.stderr


@pytest.mark.parametrize("command", [["list"], ["describe", "Dense"], ["schema"]])
def test_a_full_stdout_is_no_bug(workplace: Workplace, command: list[str]) -> None:
    import subprocess
    import sys

    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(
            [sys.executable, "-m", "trainctl", *command], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert ended.returncode == 7
    assert ended.stderr == "error[output]: the result cannot be written: stdout: No space left on device\n"
