import dataclasses
import io

import pytest
from rich.cells import cell_len
from rich.console import Console

from trainctl import events
from trainctl.ui.progress import RunState, advance
from trainctl.ui.view import WIDEST, view


def screen(state: RunState, *, width: int = 80, height: int = 50, now: float = 1_030.0) -> list[str]:
    console = Console(file=io.StringIO(), width=width, height=height, color_system=None)
    console.print(view(state, now=now, width=width, height=height))
    return [line.rstrip() for line in console.file.getvalue().splitlines()]


def after(*facts: events.Event) -> RunState:
    state = RunState()
    for fact in facts:
        state = advance(state, fact)
    return state


@pytest.fixture
def under_way(started, loaded, built, epoch) -> RunState:
    return after(
        started,
        loaded,
        built,
        events.EpochStarted(epoch=1, epochs=3, steps=100, time=1_010.0),
        epoch(1, loss=1.0, accuracy=0.5, val_loss=1.25, val_accuracy=0.25),
        events.EpochStarted(epoch=2, epochs=3, steps=100, time=1_020.0),
        events.Progress(epoch=2, step=1, steps=100, time=1_020.0),
        events.Progress(epoch=2, step=51, steps=100, time=1_025.0, metrics={"loss": 0.75}),
        events.CallbackNotice(callback="ModelCheckpoint", message="saved best_model.keras"),
    )


def line_with(word: str, lines: list[str]) -> str:
    return next(line for line in lines if word in line)


def test_the_header_holds_the_facts_of_the_run(under_way):
    text = "\n".join(screen(under_way))
    for fact in (
        "mnist",
        "20260101-120000-a1b2c3 · seed 42",
        "runs/mnist/",
        "fit.epochs=3",
        "Digits, stand-in for MNIST: 48,000 train",
        "50,890 parameters",
        "CPU (2 threads)",
    ):
        assert fact in text


def test_the_bars_say_where_the_run_is_and_how_long_it_will_take(under_way):
    lines = screen(under_way, now=1_025.0)
    assert line_with("  epoch  ", lines).split()[1] == "2/3"
    assert line_with("  epoch  ", lines).endswith("0:15 left")
    step = line_with("  step  ", lines)
    assert step.split()[1] == "51/100"
    assert step.endswith("10 steps/s   0:05 left")


def test_a_wait_shows_what_for_and_how_long_without_moving_what_is_below(under_way):
    waiting = advance(under_way, events.PhaseStarted(phase=events.Phase.SAVING, time=1_026.0))
    lines = screen(waiting, now=1_031.0)
    assert line_with("saving", lines).endswith("saving the model…  0:05")
    assert len(lines) == len(screen(under_way))


def test_a_wait_before_the_first_epoch():
    state = after(events.PhaseStarted(phase=events.Phase.IMPORTING, time=1_000.0))
    assert line_with("TensorFlow", screen(state, now=1_062.0)).endswith("importing TensorFlow…  1:02")


def test_validation_has_its_own_line(under_way):
    state = advance(under_way, events.Progress(epoch=2, step=3, steps=20, validating=True))
    assert line_with("validate", screen(state)).split()[:2] == ["validate", "3/20"]


def test_steps_of_unknown_number(started):
    state = after(
        started,
        events.EpochStarted(epoch=1, epochs=1, steps=0),
        events.Progress(epoch=1, step=7, steps=0, metrics={"loss": 1.0}),
    )
    assert line_with("  step  ", screen(state)).split() == ["step", "7"]


def test_the_table_shows_running_last_and_best_values(under_way):
    lines = screen(under_way)
    assert line_with("metric", lines).split() == ["metric", "train", "val", "best", "(epoch)", "trend"]
    assert line_with("loss", lines).split() == ["loss", "0.7500", "1.2500", "1.2500", "(1)", "▅"]
    assert line_with("accuracy", lines).split()[1:3] == ["0.5000", "0.2500"]


def test_the_best_of_a_metric_of_any_name(started, built, epoch):
    directed = dataclasses.replace(built, directions={"quality": "max"})
    lines = screen(after(started, directed, epoch(1, quality=0.75, other=0.5), epoch(2, quality=0.5, other=0.25)))
    assert line_with("quality", lines).split()[1:4] == ["0.5000", "0.7500", "(1)"]
    assert "(1)" not in line_with("other", lines)


@pytest.mark.parametrize(
    ("width", "columns"), [(60, ["metric", "train", "val", "best", "(epoch)"]), (40, ["metric", "train", "val"])]
)
def test_a_narrow_terminal_shows_less(under_way, width, columns):
    assert line_with("metric", screen(under_way, width=width)).split() == columns


@pytest.mark.parametrize("width", [40, 60, 80, 100, 250])
def test_nothing_is_wider_than_the_terminal_or_than_is_readable(under_way, finished, width):
    for state in (under_way, advance(under_way, finished)):
        assert max(map(cell_len, screen(state, width=width))) <= min(width, WIDEST)


@pytest.mark.parametrize("height", [10, 14, 20, 24, 30])
def test_a_low_terminal_keeps_the_bars_and_the_first_metrics(under_way, height):
    calm = dataclasses.replace(under_way, warnings=())
    lines = screen(calm, height=height)
    assert len(lines) < height
    assert line_with("  step  ", lines)
    assert line_with("accuracy", lines)


def test_more_metrics_than_lines(under_way):
    many = {f"metric_{number}": 1.0 for number in range(40)}
    lines = screen(dataclasses.replace(under_way, running=many, warnings=()), height=24)
    assert len(lines) < 24
    assert line_with("more", lines).split() == ["and", "26", "more"]


def test_the_summary_shows_the_kept_weights_and_what_was_expected(under_way, finished):
    lines = screen(advance(under_way, finished), height=5)
    text = "\n".join(lines)
    assert "✓ done in 1 min 5 s: 3 epochs, weights of epoch 2 kept" in text
    assert "✓ val_loss is 0.3, expected <= 0.5" in text
    assert "directory: runs/mnist/20260101-120000-a1b2c3" in text
    assert line_with("loss", lines).split()[:3] == ["loss", "0.2500", "0.3000"]
    assert "steps/s" not in text


def test_a_failure_shows_message_and_hint(started, finished):
    failed = dataclasses.replace(
        finished,
        status="failed",
        exit_code=6,
        message="the loss is NaN",
        hint="lower it",
        metrics={},
        stand_in_for="MNIST",
    )
    text = "\n".join(screen(after(started, failed)))
    for fact in ("✗ failed", "the loss is NaN", "help: lower it", "trained on stand-in data instead of MNIST"):
        assert fact in text


def test_markup_and_control_characters_are_text(started):
    lines = screen(after(dataclasses.replace(started, name="[red]x[/]\x1b[2J")))
    assert "[red]x[/]\\x1b[2J" in lines[0]
