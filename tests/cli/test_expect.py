"""Expectations on the command line."""

from __future__ import annotations

import pytest
from workplace import Workplace

from trainctl.cli.expect import as_overrides
from trainctl.errors import UsageError


def test_a_metric_and_a_bound() -> None:
    given = ["val_accuracy >= 0.9", "loss<1", "val_f1_score/cat  best > .5", "val_mae < baseline - 0.1"]
    assert list(as_overrides(given)) == [
        "expect.val_accuracy=>= 0.9",
        "expect.loss=<1",
        "expect.val_f1_score/cat=best > .5",
        "expect.val_mae=< baseline - 0.1",
    ]


@pytest.mark.parametrize("text", ["", "val_loss", "< 3", "val_loss = 3", "val_loss < low", "val loss < 3"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="must be a metric and a bound"):
        list(as_overrides([text]))


def test_a_problem_of_it_names_the_option(workplace: Workplace) -> None:
    workplace.write()
    ended = workplace.call("run", "experiment.yaml", "--expect", "loss < 9", "--expect", "val_acuracy > 0.9")
    assert ended.exit_code == 3
    assert ended.stderr.startswith("--expect #2:1:8: error[unknown-metric]")
