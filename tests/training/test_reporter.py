"""Each epoch becomes an event; a loss that is no number stops the run."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import pytest

from trainctl.events import CallbackNotice, EpochEnded, EpochStarted, Event, Notice, PhaseStarted
from trainctl.training.reporter import EpochNotices, EpochReporter

pytestmark = pytest.mark.tf


def reporter(events: list[Event]) -> EpochReporter:
    made = EpochReporter(events.append, ["accuracy", "auc"], epochs=3, steps=5)
    made.set_model(SimpleNamespace(optimizer=SimpleNamespace(learning_rate=0.25), stop_training=False))
    return made


def ended(events: list[Event]) -> list[EpochEnded]:
    return [event for event in events if isinstance(event, EpochEnded)]


def test_the_graph_is_announced_once() -> None:
    events: list[Event] = []
    made = reporter(events)
    for epoch in range(2):
        made.on_epoch_begin(epoch)
        made.on_epoch_end(epoch, {"loss": 1.0})
    assert [type(event) for event in events] == [EpochStarted, PhaseStarted, EpochEnded, EpochStarted, EpochEnded]
    assert [event.epoch for event in ended(events)] == [1, 2]


def test_metrics_in_the_order_of_the_file() -> None:
    events: list[Event] = []
    logs = {
        "val_loss": 1,
        "extra": 2,
        "auc": 3,
        "val_auc": 4,
        "accuracy": 5,
        "learning_rate": 6,
        "loss": 7,
        "val_accuracy": 8,
    }
    made = reporter(events)
    made.on_epoch_begin(0)
    made.on_epoch_end(0, logs)
    (event,) = ended(events)
    assert list(event.metrics) == ["loss", "accuracy", "auc", "val_loss", "val_accuracy", "val_auc", "extra"]


@pytest.mark.parametrize(("logs", "rate"), [({"loss": 1.0}, 0.25), ({"loss": 1.0, "learning_rate": 0.5}, 0.5)])
def test_the_rate_is_that_of_the_epoch(logs: dict[str, Any], rate: float) -> None:
    events: list[Event] = []
    made = reporter(events)
    made.on_epoch_begin(0)
    made.on_epoch_end(0, logs)
    assert ended(events)[0].learning_rate == rate


@pytest.mark.parametrize("loss", [math.nan, math.inf])
def test_a_loss_that_is_no_number_stops_the_run(loss: float) -> None:
    made = reporter([])
    made.on_epoch_begin(0)
    made.on_epoch_end(0, {"loss": loss})
    assert made.diverged_in == 1
    assert made.model.stop_training is True


def test_what_callbacks_report_at_the_end_of_an_epoch_follows_it() -> None:
    events: list[Event] = []
    emit = EpochNotices(events.append)
    saved = [CallbackNotice(callback="ModelCheckpoint", message=f"saved {number}") for number in range(3)]
    emit(saved[0])  # within the epoch
    with emit.held():
        emit(saved[1])
        emit(Notice(message="something else"))
    emit(saved[2])
    assert [getattr(event, "message", None) for event in events] == ["saved 0", "something else", "saved 1", "saved 2"]


def test_what_they_reported_is_seen_also_where_a_later_one_raises() -> None:
    events: list[Event] = []
    emit = EpochNotices(events.append)

    def raise_after_notice() -> None:
        emit(CallbackNotice(callback="ModelCheckpoint", message="saved"))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), emit.held():
        raise_after_notice()
    assert len(events) == 1
