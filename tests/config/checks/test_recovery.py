"""Recovery lowers the learning rate, where that is a number that nobody else sets."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from trainctl.diagnostics import Diagnostic

Problems = Callable[..., list[Diagnostic]]

SCHEDULE = "{CosineDecay: {initial_learning_rate: 0.1, decay_steps: 100}}"


@pytest.mark.parametrize(
    ("old", "new", "conflicts"),
    [
        ("1e-3", "1e-2", 0),
        ("1e-3", SCHEDULE, 1),
        ("- TerminateOnNaN", "- LearningRateScheduler: {schedule: lr * 0.9}", 1),
        ("- TerminateOnNaN", "- ReduceLROnPlateau", 0),
    ],
)
def test_nobody_else_sets_the_rate(problems: Problems, experiment: str, old: str, new: str, conflicts: int) -> None:
    text = experiment.replace(old, new)
    assert "recover-conflict" not in [each.code for each in problems(text)]
    found = problems(f"{text}execution: {{recover: {{on: nan}}}}\n")
    assert [each.code for each in found].count("recover-conflict") == conflicts
