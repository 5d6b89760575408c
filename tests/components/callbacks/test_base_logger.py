"""BaseLogger, which Keras 3 no longer has, is accepted and says so."""

from __future__ import annotations

from trainctl.components.callbacks.base_logger import BaseLogger


def test_it_says_that_it_has_no_effect() -> None:
    ((field, note),) = BaseLogger(stateful_metrics=("accuracy",)).notes()
    assert field == ""
    assert "Keras 3" in note


def test_it_watches_nothing_and_writes_nothing() -> None:
    assert not list(BaseLogger().outputs())
    assert not list(BaseLogger().monitored())
