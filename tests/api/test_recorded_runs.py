"""Training from Python, and using what was trained: what the README shows, and what a notebook does."""

from __future__ import annotations

import linecache
import os
import signal
from pathlib import Path

import numpy as np
import pytest
from workplace import Workplace

import trainctl
from trainctl.events import EpochEnded

pytestmark = pytest.mark.tf


@pytest.fixture(scope="module")
def place(shared_workplace: Workplace) -> Workplace:
    return shared_workplace


@pytest.fixture(scope="module")
def run(place: Workplace) -> trainctl.Run:
    return trainctl.run(trainctl.load(place.write()), runs_dir=place.folder / "runs", format="quiet")


def arrays(count: int = 60) -> tuple[np.ndarray, np.ndarray]:
    numbers = np.random.default_rng(0)
    y = numbers.integers(0, 3, count)
    return (numbers.normal(size=(count, 4)) + y[:, None]).astype("float32"), y


def test_a_run_tells_what_it_came_to(run: trainctl.Run) -> None:
    assert run.status == "done"
    assert set(run.metrics) == {"loss", "accuracy", "val_loss", "val_accuracy"}
    assert [row["epoch"] for row in run.history] == [1, 2]
    assert run.record["run_id"] == run.run_id == run.directory.name


def test_it_is_found_again(run: trainctl.Run, place: Workplace) -> None:
    assert run.run_id in [each.run_id for each in trainctl.list_runs(place.folder / "runs")]
    assert trainctl.find_run(run.run_id, place.folder / "runs").directory == run.directory


def test_evaluate(run: trainctl.Run) -> None:
    assert run.evaluate()["accuracy"] == pytest.approx(run.metrics["val_accuracy"])
    assert set(run.evaluate("train")) == {"loss", "accuracy"}
    with pytest.raises(trainctl.DataError, match="no test split"):
        run.evaluate("test")


def test_predict_on_arrays_and_files(run: trainctl.Run, tmp_path: Path) -> None:
    x = np.array([[5.1, 3.5, 1.4, 0.2], [6.7, 3.0, 5.2, 2.3]], "float32")
    predictions = run.predict(x)
    assert len(predictions) == len(predictions.classes) == 2
    np.save(tmp_path / "x.npy", x)
    for same in (x.tolist(), tmp_path / "x.npy", str(tmp_path / "x.npy")):
        np.testing.assert_allclose(run.predict(same).values, predictions.values)


def test_the_models_are_keras_models(run: trainctl.Run) -> None:
    x = np.array([[5.1, 3.5, 1.4, 0.2]], "float32")
    expected = run.predict(x).values
    np.testing.assert_allclose(run.model().predict(x, verbose=0), expected, rtol=1e-6)
    np.testing.assert_allclose(run.inference_model().predict(x, verbose=0), expected, rtol=1e-6)


def test_resume_trains_longer(place: Workplace) -> None:
    first = trainctl.run(place.write(), runs_dir=place.folder / "longer", format="quiet")
    longer = first.resume(set=["fit.epochs=3"], format="quiet")
    assert longer.directory == first.directory
    assert [row["epoch"] for row in longer.history] == [1, 2, 3]
    fork = first.resume(set="compile.optimizer.learning_rate=0.1", fork="other", format="quiet")
    assert (fork.name, fork.directory != first.directory) == ("other", True)


def test_two_runs_of_one_process_are_as_in_two_processes(place: Workplace, run: trainctl.Run) -> None:
    again = trainctl.run(place.write(), runs_dir=place.folder / "again", format="quiet")
    assert again.record["weights"] == run.record["weights"]
    assert "trainctl" not in (again.directory / "console.log").read_text()


def test_a_missed_expectation_raises_and_keeps_the_model(place: Workplace) -> None:
    with pytest.raises(trainctl.ExpectationError, match=r"loss is .*, expected > 1000"):
        trainctl.run(place.write(expect={"loss": "> 1000"}), runs_dir=place.folder / "missed", format="quiet")
    (run,) = trainctl.list_runs(place.folder / "missed")
    assert run.model().count_params() == 67


def test_an_interrupt_ends_the_run_as_in_the_terminal(place: Workplace) -> None:
    folder = place.folder / "interrupted"

    def interrupt(event: trainctl.Event) -> None:
        if isinstance(event, EpochEnded):
            os.kill(os.getpid(), signal.SIGINT)

    handler = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        trainctl.run(place.write(fit={"epochs": 50}), runs_dir=folder, format="quiet", on_event=interrupt)
    assert signal.getsignal(signal.SIGINT) is handler
    (run,) = trainctl.list_runs(folder)
    assert run.status == "interrupted"
    assert len(run.resume(set=["fit.epochs=3"], format="quiet").history) == 3


@pytest.fixture(scope="module")
def given(place: Workplace) -> trainctl.Run:
    return trainctl.run(place.write(), data=arrays(), runs_dir=place.folder / "given", format="quiet")


class TestGivenArrays:
    def test_they_take_the_place_of_the_source(self, given: trainctl.Run) -> None:
        data = given.record["data"]
        assert (data["source"], data["train_samples"], data["validation_samples"]) == ("Arrays", 48, 12)
        assert len(data["fingerprint"]) == 64
        assert given.record["given_data"] == {"kind": "Arrays", "label": None}

    def test_resume_needs_them_again(self, given: trainctl.Run) -> None:
        with pytest.raises(trainctl.DataError, match="trained on data given in Python"):
            given.resume(set=["fit.epochs=3"], format="quiet")
        x, y = arrays()
        with pytest.raises(trainctl.DataError, match="data has changed since"):
            given.resume(set=["fit.epochs=3"], data=(x + 1, y), format="quiet")
        assert len(given.resume(set=["fit.epochs=3"], data=arrays(), format="quiet").history) == 3

    def test_the_command_says_so_too(self, given: trainctl.Run, place: Workplace) -> None:
        ended = place.call("resume", str(given.directory), "--set", "fit.epochs=9")
        assert ended.exit_code == 4
        assert "trained on data given in Python" in ended.stderr

    def test_evaluate_and_predict(self, given: trainctl.Run) -> None:
        with pytest.raises(trainctl.DataError, match="needs it again"):
            given.evaluate()
        assert given.evaluate("validation", data=arrays())["loss"] > 0
        assert len(given.predict(arrays(5)[0])) == 5

    def test_a_test_part(self, place: Workplace) -> None:
        run = trainctl.run(place.write(), data=(arrays(), arrays(9)), runs_dir=place.folder / "parts", format="quiet")
        assert run.record["data"]["test_samples"] == 9
        assert "test_accuracy" in run.metrics


def test_a_callback_of_a_cell(place: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    cell = "import keras, trainctl\n@trainctl.callback\nclass Count(keras.callbacks.Callback):\n    def on_epoch_end(self, epoch, logs=None):\n        seen.append(epoch)\n"
    seen: list[int] = []
    names = {"__name__": "__main__", "seen": seen}

    def execute(text: str, file: str) -> None:
        linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
        exec(compile(text, file, "exec"), names)

    execute(cell, "<cell 1>")
    run = trainctl.run(place.write(callbacks=["Count"]), runs_dir=place.folder / "cell", format="quiet")
    assert seen == [0, 1]
    (definition,) = run.record["definitions"]
    assert (definition["kind"], definition["name"]) == ("callback", "Count")
    assert "class Count(keras.callbacks.Callback):" in definition["source"]
    execute(cell, "<cell 2>")  # run again, as one does
    assert len(run.resume(set=["fit.epochs=3"], format="quiet").history) == 3
    execute(cell.replace("append(epoch)", "append(-epoch)"), "<cell 3>")
    with pytest.raises(trainctl.RunDirError, match=r"'Count'.* has changed"):
        run.resume(set=["fit.epochs=4"], format="quiet")
    ended = place.call("resume", str(run.directory), "--set", "fit.epochs=4")
    assert ended.exit_code == 7
    assert "Count" in ended.stderr
    assert "--import" in ended.stderr
