"""What `auto` comes to is told with its reason."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from trainctl.config.automatic import explain_automatic
from trainctl.config.load import Loaded


@pytest.mark.parametrize(
    ("path", "override", "expected"),
    [
        ("execution.steps_per_execution", "callbacks=null", "as many steps a call"),
        (
            "execution.steps_per_execution",
            "callbacks=[{LambdaCallback: {on_train_batch_end: print(batch)}}]",
            "1 step a call, since LambdaCallback acts at every batch",
        ),
        ("execution.steps_per_execution", "execution.steps_per_execution=4", ""),
        ("execution.jit_compile", "fit.epochs=2", "off on a CPU"),
        ("execution.jit_compile", "execution.jit_compile=true", ""),
        ("data.prefetch", "fit.epochs=2", "0 where the data is in memory"),
        ("data.prefetch", "data.prefetch=2", ""),
        ("data.cache", "fit.epochs=2", "memory for images and recordings"),
        ("data.cache", "data.cache=none", ""),
        ("fit.epochs", "fit.epochs=2", ""),
    ],
)
def test_the_decision_and_its_reason(
    load_text: Callable[..., Loaded], experiment: str, path: str, override: str, expected: str
) -> None:
    told = explain_automatic(load_text(experiment, override).experiment, path)
    assert told.startswith(expected)
    assert bool(told) is bool(expected)
