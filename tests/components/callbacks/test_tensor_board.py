"""TensorBoard through YAML, read back with TensorBoard's own reader."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from workplace import Trained, Workplace

pytestmark = pytest.mark.tf


def train(workplace: Workplace, **arguments: Any) -> Trained:
    return workplace.train(callbacks=[{"TensorBoard": arguments}])


def read(folder: Path) -> Any:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(str(folder), size_guidance={"tensors": 0})
    events.Reload()
    return events


def values(events: Any, tag: str) -> list[float]:
    from tensorboard.util.tensor_util import make_ndarray

    return [float(make_ndarray(event.tensor_proto)) for event in events.Tensors(tag)]


def test_scalars_of_training_and_validation(workplace: Workplace) -> None:
    run = train(workplace)
    board = run.directory / "tensorboard"
    for part, prefix in (("train", ""), ("validation", "val_")):
        events = read(board / part)
        for metric in ("loss", "accuracy"):
            expected = [line[f"{prefix}{metric}"] for line in run.history]
            assert values(events, f"epoch_{metric}") == pytest.approx(expected)


def test_histograms_of_every_weight(workplace: Workplace) -> None:
    events = read(train(workplace, histogram_freq=1, log_dir="logs").directory / "logs" / "train")
    tags = [tag for tag in events.Tags()["tensors"] if "histogram" in tag]
    assert len(tags) == 4
    assert all(len(events.Tensors(tag)) == 2 for tag in tags)


@pytest.mark.parametrize("write_graph", [True, False])
def test_the_graph_of_layers(workplace: Workplace, write_graph: bool) -> None:
    events = read(train(workplace, write_graph=write_graph).directory / "tensorboard" / "train")
    assert ("keras" in events.Tags()["tensors"]) is write_graph
    if write_graph:
        assert b"dense_1" in events.Tensors("keras")[0].tensor_proto.string_val[0]


@pytest.mark.parametrize(("update_freq", "points"), [("batch", 16), (4, 4)])
def test_scalars_within_the_epoch(workplace: Workplace, update_freq: str | int, points: int) -> None:
    events = read(train(workplace, update_freq=update_freq).directory / "tensorboard" / "train")
    assert len(events.Tensors("batch_loss")) == points


def test_steps_per_second(workplace: Workplace) -> None:
    events = read(train(workplace, write_steps_per_second=True).directory / "tensorboard" / "train")
    assert all(speed > 0 for speed in values(events, "epoch_steps_per_second"))
