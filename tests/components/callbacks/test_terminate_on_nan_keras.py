"""TerminateOnNaN through YAML: it stops within the epoch, and names the batch."""

from __future__ import annotations

import pytest
from workplace import SMALL, Workplace

pytestmark = pytest.mark.tf

DIVERGING = {**SMALL["compile"], "optimizer": {"SGD": {"learning_rate": 1e30}}}


def test_the_other_callbacks_end_in_order(workplace: Workplace) -> None:
    callbacks = ["TerminateOnNaN", {"CSVLogger": {"filename": "log.csv"}}]
    run = workplace.train(compile=DIVERGING, callbacks=callbacks, exit_code=6)
    assert run.record["error"]["message"] == "the loss of batch 2 in epoch 1 is nan"
    assert len((run.directory / "log.csv").read_text().splitlines()) == 2
    assert len(run.history) == 1


def test_it_may_stop_at_once(workplace: Workplace) -> None:
    callbacks = [{"TerminateOnNaN": {"raise_error": True}}, {"CSVLogger": {"filename": "log.csv"}}]
    run = workplace.train(compile=DIVERGING, callbacks=callbacks, exit_code=6)
    assert run.record["error"]["message"] == "the loss of batch 2 in epoch 1 is nan"
    assert run.history == []


def test_a_run_that_is_well_is_left_alone(workplace: Workplace) -> None:
    assert len(workplace.train(callbacks=["TerminateOnNaN"]).history) == 2
