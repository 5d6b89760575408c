"""The table of metrics: train and validation beside each other, the best epoch, and what there is no room for."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from rich.console import Console

from trainctl import events
from trainctl.ui.progress import RunState, advance
from trainctl.ui.scores import scores

Epoch = Callable[..., events.EpochEnded]


def text(state: RunState, width: int = 100, most: int | None = None) -> list[str]:
    console = Console(width=width, color_system=None)
    with console.capture() as captured:
        console.print(scores(state, width, most))
    return captured.get().splitlines()


@pytest.fixture
def state(built: events.ModelBuilt, epoch: Epoch) -> RunState:
    found = advance(RunState(), built)
    for number, loss in enumerate([0.9, 0.4, 0.5], start=1):
        found = advance(found, epoch(number, loss=loss, val_loss=loss + 1, accuracy=0.5))
    return found


def test_a_metric_stands_beside_that_of_validation(state: RunState) -> None:
    head, _, loss, *_ = text(state)
    assert head.split()[:3] == ["metric", "train", "val"]
    assert loss.split()[:3] == ["loss", "0.5000", "1.5000"] or loss.split()[0] == "loss"
    assert "(2)" in loss  # the epoch with the lowest val_loss


def test_a_narrow_terminal_shows_less(state: RunState) -> None:
    assert "trend" in text(state, 100)[0]
    assert "trend" not in text(state, 70)[0]
    assert "best" not in text(state, 50)[0]


def test_rows_without_room_are_counted(state: RunState, epoch: Epoch) -> None:
    wide = advance(state, epoch(3, **{f"m{number}": 1.0 for number in range(5)}))
    lines = text(wide, most=3)
    assert lines[-1].split()[:3] == ["and", "3", "more"]


def test_once_the_run_is_over_the_kept_weights_count(state: RunState, finished: events.RunFinished) -> None:
    over = advance(state, finished)
    assert any("0.2500" in line and "0.3000" in line for line in text(over))
