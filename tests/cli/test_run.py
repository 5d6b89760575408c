"""`trainctl run`: what is refused before TensorFlow is imported. tests/program/test_run.py trains."""

from __future__ import annotations

import pytest
from workplace import Workplace


@pytest.mark.parametrize(
    ("arguments", "exit_code"),
    [
        (("absent.yaml",), 2),
        ((".",), 2),
        (("experiment.yaml", "--set", "fit.epochs"), 2),
        (("experiment.yaml", "--set", "fit.epochs=0"), 3),
        (("experiment.yaml", "--set", "fit.epoch=1"), 3),
        (("experiment.yaml", "--format", "loud"), 2),
        ((), 2),
    ],
)
def test_what_is_wrong_leaves_no_run_behind(workplace: Workplace, arguments: tuple[str, ...], exit_code: int) -> None:
    workplace.write()
    ended = workplace.call("run", *arguments)
    assert ended.exit_code == exit_code, ended.stderr
    assert ended.stderr
    assert ended.stdout == ""
    assert workplace.runs() == []
