"""The Markdown of a run."""

from __future__ import annotations

from pathlib import Path

from trainctl.events import ExpectationResult, RunFinished
from trainctl.ui.step_summary import format_step_summary


def test_a_run_that_is_done() -> None:
    ended = RunFinished(
        status="done",
        exit_code=0,
        epochs=10,
        seconds=65.0,
        directory="runs/mnist/1",
        run_id="1",
        metrics={"val_accuracy": 0.95},
        kept_epoch=7,
        baseline={"val_accuracy": {"majority": 0.1}},
        majority="a|b",
        expectations=(ExpectationResult("val_accuracy", ">=", 0.9, 0.95, met=True),),
    )
    text = format_step_summary(ended, Path("runs/mnist/1/history.png"))
    assert text.splitlines()[0] == "### ✅ 1"
    assert "| val\\_accuracy | 0.9500 (always 'a\\|b': 0.1000) |" in text
    assert "plot: `runs/mnist/1/history.png`" in text


def test_a_run_that_failed_says_what_to_do_and_is_no_markup() -> None:
    ended = RunFinished(
        status="failed",
        exit_code=6,
        epochs=0,
        seconds=1.0,
        directory="",
        message="<img src=x> [link](http://x)\n# head",
        hint="lower the rate",
        resume="trainctl resume `x`",
    )
    text = format_step_summary(ended, None)
    assert text.startswith("### ❌")
    assert "\\<img src=x\\> \\[link\\](http://x) \\# head" in text
    assert "lower the rate" in text
    assert "`trainctl resume 'x'`" in text
