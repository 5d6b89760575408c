"""A run that is cut short anywhere goes on to the bits of one that was not. In this process, so that the place is exact."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras
import pytest
import tensorflow as tf
from samebits import EVERYTHING, bits

from trainctl.config.load import load
from trainctl.errors import DivergedError
from trainctl.events import Event, Recovered, SnapshotSaved
from trainctl.runs import growing_files, snapshots
from trainctl.runs.directory import create
from trainctl.runs.layout import RunDirectory
from trainctl.runs.recorder import Recorder
from trainctl.runs.signals import StopRequest
from trainctl.runs.snapshots import Snapshot
from trainctl.training import train
from trainctl.training.callback_list import TrainingCallbacks

pytestmark = pytest.mark.tf

SMALL: Mapping[str, Any] = {
    **EVERYTHING,
    "data": {"source": "Iris", "validation_split": 0.4, "batch_size": 16},  # 6 steps, and 4 of validation
    "model": {
        "layers": [
            {"GaussianNoise": {"stddev": 0.1}},
            {"Dense": {"units": 16, "activation": "relu"}},
            "BatchNormalization",
            {"Dropout": {"rate": 0.3}},
            {"Dense": {"units": 3, "activation": "softmax"}},
        ]
    },
    "fit": {"epochs": 3},
}


class Place:
    """Runs in a folder, cut short where it is told."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, **sections: Any) -> None:
        self.folder = folder
        self.config = folder / "config.yaml"
        self.config.write_text(json.dumps({**SMALL, **sections}))
        self._monkeypatch = monkeypatch
        self.events: list[Event] = []

    def train(self, directory: RunDirectory, start: Snapshot | None = None, *, cut_at: int | None = None) -> bool:
        """Train; whether it came to its end, rather than to the batch `cut_at` of training and validation together."""
        stop, seen = StopRequest(), iter(range(1, 10_000))
        with self._monkeypatch.context() as patch:
            for hook in ("on_train_batch_end", "on_test_batch_end"):
                patch.setattr(TrainingCallbacks, hook, _cutting(getattr(TrainingCallbacks, hook), seen, cut_at, stop))
            recorder = Recorder(directory)

            def emit(event: Event) -> None:
                self.events.append(event)
                recorder(event)

            try:
                outcome = train.train(load(str(self.config)), directory, 11, emit, stop, start=start)
            except KeyboardInterrupt:
                return False
        facts = {"status": "done", "epochs_run": outcome.epochs, "kept_epoch": outcome.kept_epoch}
        record = {**recorder.facts, **facts, "metrics": dict(outcome.metrics)}
        directory.record.write_text(json.dumps(record))
        return True

    def resumed(self, cut_at: int) -> tuple[Path, Snapshot]:
        """A run that was cut short, and then went on to its end; and from where."""
        directory = create(self.folder, f"cut{cut_at}")
        assert not self.train(directory, cut_at=cut_at)
        start, _ = snapshots.newest(directory)
        assert start is not None
        callbacks = load(str(self.config)).experiment.callbacks
        growing_files.cut(directory, growing_files.of_run(directory, callbacks), start.files)
        assert self.train(directory, start)
        return directory.path, start

    def alone(self) -> Path:
        directory = create(self.folder, "alone")
        assert self.train(directory)
        return directory.path


def _cutting(hook: Any, seen: Any, cut_at: int | None, stop: StopRequest) -> Any:
    def run(self: Any, batch: int, logs: Any = None) -> None:
        if next(seen) == cut_at:
            stop.signal_number = 15
        hook(self, batch, logs)

    return run


def test_anywhere_in_an_epoch_and_its_validation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = Place(tmp_path, monkeypatch)
    expected = bits(place.alone())
    assert len(expected["tensorboard"]) > 20
    for cut_at, where in {2: (0, 2), 6: (0, 6), 8: (0, 6), 13: (1, 3), 30: (2, 6)}.items():
        found, start = place.resumed(cut_at)
        assert (start.epoch, start.step) == where
        assert bits(found) == expected, cut_at


@pytest.mark.parametrize("cut_at", [3, 8])
def test_cut_short_no_writer_stays_active(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cut_at: int) -> None:
    place = Place(tmp_path, monkeypatch, callbacks=[{"TensorBoard": {"update_freq": "batch"}}])
    assert not place.train(create(tmp_path, "x"), cut_at=cut_at)
    assert not tf.summary.scalar("stray", 1.0, step=1)


def test_with_several_steps_in_one_call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = Place(tmp_path, monkeypatch, execution={"steps_per_execution": 4})  # 4 and 2 steps
    expected = bits(place.alone())
    for cut_at, where in {2: (0, 6), 4: (1, 4)}.items():
        found, start = place.resumed(cut_at)
        assert (start.epoch, start.step) == where
        assert bits(found) == expected, cut_at


def test_with_rows_read_from_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [f"{index % 7},{index % 11},{index * index % 5},{index % 3}" for index in range(150)]
    (tmp_path / "t.csv").write_text("\n".join(["a,b,c,label", *rows]))
    source = {"CSV": {"path": "t.csv", "label": "label", "stream": True}}
    place = Place(tmp_path, monkeypatch, data={"source": source, "validation_split": 0.4, "batch_size": 16})
    expected = bits(place.alone())
    for cut_at in (3, 8):
        assert bits(place.resumed(cut_at)[0]) == expected, cut_at


def test_with_moving_averages_and_without_validation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    averaging = {"Adam": {"learning_rate": 0.01, "use_ema": True, "ema_momentum": 0.5}}
    place = Place(
        tmp_path,
        monkeypatch,
        data={"source": "Iris", "batch_size": 32},
        compile={**SMALL["compile"], "optimizer": averaging},
        callbacks=[
            {"ModelCheckpoint": {"filepath": "best.keras"}},
            {"CSVLogger": {"filename": "log.csv"}},
            {"TensorBoard": {}},
            {"SwapEMAWeights": {"swap_on_epoch": True}},
        ],
    )
    expected = bits(place.alone())
    for cut_at in (3, 7):
        assert bits(place.resumed(cut_at)[0]) == expected, cut_at


def test_within_a_validation_that_moves_seeds_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keras draws masks of recurrent layers also where none is used."""
    layers = [
        {"Reshape": {"target_shape": [4, 1]}},
        {"GRU": {"units": 4, "dropout": 0.3, "recurrent_dropout": 0.2}},
        {"Dense": {"units": 3, "activation": "softmax"}},
    ]
    place = Place(tmp_path, monkeypatch, model={"layers": layers})
    expected = bits(place.alone())
    for cut_at in (9, 19):
        found, start = place.resumed(cut_at)
        assert start.step == start.steps
        assert bits(found) == expected, cut_at


def test_with_layers_that_carry_their_state_from_batch_to_batch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    layers = [
        {"Reshape": {"target_shape": [4, 1]}},
        {"Model": {"layers": [{"GRU": {"units": 4, "stateful": True}}], "name": "inner"}},
        {"Dense": {"units": 3, "activation": "softmax"}},
    ]
    place = Place(
        tmp_path,
        monkeypatch,
        data={"source": "Iris", "validation_split": 0.4, "batch_size": 15},
        model={"inputs": {"x": {"batch_size": 15}}, "layers": layers},
    )
    expected = bits(place.alone())
    for cut_at in (3, 8, 19):
        assert bits(place.resumed(cut_at)[0]) == expected, cut_at


def test_with_several_optimizers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    several = {"OptimizerMap": {"default_optimizer": {"Adam": {"learning_rate": 0.01}}}}
    compiled = {**SMALL["compile"], "optimizer": {"MultiOptimizer": {"optimizer_map": several}}}
    place = Place(
        tmp_path,
        monkeypatch,
        compile=compiled,
        callbacks=[
            {"ModelCheckpoint": {"filepath": "best.keras"}},
            {"CSVLogger": {"filename": "log.csv"}},
            {"TensorBoard": {}},
            {"LambdaCallback": {"on_epoch_end": "record('r', 1)"}},
        ],
    )
    expected = bits(place.alone())
    assert bits(place.resumed(13)[0]) == expected


@pytest.mark.parametrize(
    ("section", "steps"),
    [
        ({}, [(1, 0), (2, 0), (3, 0)]),
        ({"every_epochs": 2}, [(2, 0), (3, 0)]),
        ({"every_epochs": 0}, []),
        ({"every_steps": 4}, [(0, 4), (1, 2), (1, 6), (2, 4), (3, 0)]),
        ({"every_minutes": 1000}, [(3, 0)]),
    ],
)
def test_when_snapshots_are_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, section: dict[str, Any], steps: list[tuple[int, int]]
) -> None:
    place = Place(tmp_path, monkeypatch, execution={"snapshot": section}, callbacks=[])
    directory = create(tmp_path, "x")
    assert place.train(directory)
    assert [(event.epoch, event.step) for event in place.events if isinstance(event, SnapshotSaved)] == steps
    assert len(snapshots.paths(directory)) == min(1, len(steps))


def test_a_run_that_diverges_tries_again_with_a_smaller_rate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sections = {
        "data": {"source": "Diabetes", "batch_size": 64},
        "model": {"layers": [{"Dense": {"units": 1}}]},
        "compile": {"optimizer": {"SGD": {"learning_rate": 1e30}}, "loss": "mse"},
        "callbacks": [{"TerminateOnNaN": {"raise_error": True}}, {"CSVLogger": {"filename": "log.csv"}}],
    }
    recover = {"recover": {"on": "nan", "retries": 2, "learning_rate_factor": 1e-17}}
    place = Place(tmp_path, monkeypatch, **sections, execution=recover)
    directory = create(tmp_path, "x")
    assert place.train(directory)
    told = [event for event in place.events if isinstance(event, Recovered)]
    assert [(event.attempt, event.epoch, event.learning_rate) for event in told] == [
        (1, 0, pytest.approx(1e13)),
        (2, 0, pytest.approx(1e-4)),
    ]
    assert [line.split(",")[0] for line in (directory.path / "log.csv").read_text().splitlines()] == [
        "epoch",
        "0",
        "1",
        "2",
    ]
    assert len(json.loads(directory.record.read_text())["recoveries"]) == 2

    hopeless = Place(tmp_path, monkeypatch, **sections, execution={"recover": {"on": "nan", "learning_rate_factor": 1}})
    with pytest.raises(DivergedError, match="loss of batch"):
        hopeless.train(create(tmp_path, "hopeless"))


def test_a_diverged_state_is_never_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Poison(keras.callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            if epoch == 1:
                self.model.layers[-1].bias.assign([float("nan")] * 3)

    from trainctl.models import build

    monkeypatch.setattr(build, "build_callbacks", lambda *_: [Poison()])
    place = Place(tmp_path, monkeypatch, callbacks=[{"History": {}}])
    directory = create(tmp_path, "x")
    with pytest.raises(DivergedError):
        place.train(directory)
    found, _ = snapshots.newest(directory)
    assert found is not None
    assert found.epoch == 1
