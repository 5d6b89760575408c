"""A short run as events, with times of its own, and streams to look into."""

from __future__ import annotations

import io

import pytest

from trainctl import events

START = 1_000.0


class Terminal(io.StringIO):
    """A stream that says a person looks at it."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def terminal() -> Terminal:
    return Terminal()


@pytest.fixture
def started() -> events.RunStarted:
    return events.RunStarted(
        time=START,
        name="mnist",
        run_id="20260101-120000-a1b2c3",
        directory="runs/mnist/20260101-120000-a1b2c3",
        config="configs/mnist.yaml",
        seed=42,
        epochs=3,
        overrides=("fit.epochs=3",),
    )


@pytest.fixture
def loaded() -> events.DataLoaded:
    return events.DataLoaded(
        time=START + 1,
        source="Digits",
        train_samples=48_000,
        validation_samples=12_000,
        test_samples=0,
        input_shape=(28, 28, None),
        num_classes=10,
        steps_per_epoch=100,
        batch_size=480,
        stand_in_for="MNIST",
    )


@pytest.fixture
def built() -> events.ModelBuilt:
    return events.ModelBuilt(
        time=START + 2,
        model="Sequential",
        parameters=50_890,
        trainable_parameters=50_890,
        layers=5,
        device="CPU (2 threads)",
        callbacks=("EarlyStopping", "ModelCheckpoint"),
        directions={"loss": "min", "accuracy": "max"},
    )


@pytest.fixture
def finished() -> events.RunFinished:
    return events.RunFinished(
        time=START + 100,
        status="done",
        exit_code=0,
        epochs=3,
        seconds=65.0,
        directory="runs/mnist/20260101-120000-a1b2c3",
        metrics={"loss": 0.25, "val_loss": 0.3},
        kept_epoch=2,
        expectations=(events.ExpectationResult("val_loss", "<=", 0.5, 0.3, met=True),),
    )


@pytest.fixture
def epoch():
    """Makes the end of an epoch: `epoch(2, loss=0.5)`."""

    def make(number: int, *, rate: float | None = 1e-3, seconds: float = 10.0, **metrics: float) -> events.EpochEnded:
        return events.EpochEnded(
            epoch=number, epochs=3, metrics=metrics, learning_rate=rate, seconds=seconds, steps=100
        )

    return make
