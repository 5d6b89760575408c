import io

import pytest
from rich.console import Console

from trainctl import events
from trainctl.ui.live import LiveDisplay


@pytest.fixture
def console() -> Console:
    return Console(file=io.StringIO(), force_terminal=True, width=80, height=40, _environ={})


def test_the_last_frame_is_the_summary_and_the_cursor_comes_back(console, started, epoch, finished):
    with LiveDisplay(console, clock=lambda: 1_000.0) as sink:
        sink(started)
        sink(epoch(1, loss=1.0, val_loss=2.0))
        sink(finished)
    text = console.file.getvalue()
    assert "weights of epoch 2 kept" in text
    assert text.rindex("\x1b[?25h") > text.rindex("\x1b[?25l")


def test_an_event_draws_nothing(console, started):
    display = LiveDisplay(console)
    display(started)
    assert console.file.getvalue() == ""
    console.print(display.render())
    assert "mnist" in console.file.getvalue()


def test_a_run_that_breaks_off_leaves_no_spinner(console, started):
    def broken_off() -> None:
        with LiveDisplay(console, clock=lambda: 1_000.0) as sink:
            sink(started)
            sink(events.PhaseStarted(phase=events.Phase.LOADING_DATA))
            raise RuntimeError("broken off")

    with pytest.raises(RuntimeError, match="broken off"):
        broken_off()
    last_frame = console.file.getvalue().rsplit("╭", 1)[1]
    assert "mnist" in last_frame
    assert "loading data" not in last_frame


@pytest.mark.parametrize(("no_color", "colored"), [("", True), ("1", False)])
def test_no_color(terminal, started, finished, no_color, colored):
    with LiveDisplay.on(terminal, {"TERM": "xterm-256color", "NO_COLOR": no_color}) as sink:
        sink(started)
        sink(finished)
    assert ("\x1b[32m" in terminal.getvalue() or "\x1b[1;32m" in terminal.getvalue()) is colored


def test_a_terminal_that_goes_away_does_not_stop_the_run(started, finished):
    class Gone(io.StringIO):
        def write(self, text: str) -> int:
            raise OSError("input/output error")

    with LiveDisplay.on(Gone(), {}) as sink:
        sink(started)
        sink(finished)


def test_the_table_of_columns_stays_above_what_is_redrawn(console, started):
    column = {"kind": "numeric", "missing": 2, "distinct": 88, "min": 0.42, "max": 80.0, "use": "scaled"}
    loaded = events.DataLoaded(
        source="CSV",
        train_samples=8,
        validation_samples=0,
        test_samples=0,
        input_shape=(1,),
        num_classes=2,
        steps_per_epoch=1,
        batch_size=8,
        details={"columns": {"age": column}},
    )
    with LiveDisplay(console, clock=lambda: 1_000.0) as sink:
        sink(started)
        sink(loaded)
    assert "0.42 to 80" in console.file.getvalue()
