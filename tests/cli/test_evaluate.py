"""`trainctl evaluate`: what is refused before TensorFlow is imported. tests/jobs/test_evaluate.py evaluates."""

from __future__ import annotations

from workplace import Workplace


def test_a_run_that_is_not_there(workplace: Workplace) -> None:
    ended = workplace.call("evaluate", "latest")
    assert ended.exit_code == 7
    assert ended.stdout == ""


def test_a_run_is_wanted(workplace: Workplace) -> None:
    assert workplace.call("evaluate").exit_code == 2
