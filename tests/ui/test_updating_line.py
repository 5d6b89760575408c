"""The display of a notebook writes over one line, and leaves what is to be read."""

from __future__ import annotations

import io

from trainctl import events
from trainctl.ui.updating_line import UpdatingLineDisplay


def screen(text: str) -> list[str]:
    """What is seen: each line as it was last written over."""
    return [line.split("\r")[-1].rstrip() for line in text.split("\n")]


def test_one_line_while_it_runs_and_a_summary_at_its_end(started, finished, epoch) -> None:
    stream = io.StringIO()
    display = UpdatingLineDisplay(stream)
    seen = []
    for event in (
        started,
        events.PhaseStarted(phase=events.Phase.DOWNLOADING, subject="a_long_name.npz from example.org"),
        events.EpochStarted(epoch=1, epochs=3, steps=10),
        events.Progress(epoch=1, step=5, steps=10, metrics={"loss": 0.5}),
        epoch(1, loss=0.25),
        events.CallbackNotice(callback="EarlyStopping", message="stops"),
        finished,
    ):
        display(event)
        seen.append(screen(stream.getvalue()))
    assert seen[1][1:] == ["downloading a_long_name.npz from example.org…"]
    assert seen[3][1:] == ["epoch 1/3  step 5/10  loss 0.5000"]
    assert seen[4][1].startswith("epoch 1/3  loss 0.2500")
    assert seen[5][1:] == ["  EarlyStopping: stops", ""]
    assert seen[6][2].startswith("done in 1 min 5 s")
    assert len(seen[3]) == 2
