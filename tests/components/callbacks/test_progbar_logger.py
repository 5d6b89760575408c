"""ProgbarLogger sets how progress is counted."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from trainctl.components.callbacks.progbar_logger import ProgbarLogger


def test_the_argument_that_changes_nothing_is_told_where_it_is_given() -> None:
    assert not list(ProgbarLogger(count_mode="samples").notes())
    ((field, note),) = ProgbarLogger(stateful_metrics=("loss",)).notes()
    assert field == "stateful_metrics"
    assert "Keras 3" in note


def test_progress_is_counted_in_steps_or_samples() -> None:
    assert ProgbarLogger().count_mode == "steps"
    with pytest.raises(ValidationError):
        ProgbarLogger.model_validate({"count_mode": "batches"})
