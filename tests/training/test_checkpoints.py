"""Which of a run's models is the best: the one that a callback saved, or the final one."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = pytest.mark.tf


@pytest.mark.parametrize(("last", "best"), [(0.5, "best.keras"), (0.2, "model.keras")])
def test_the_best_model_by_the_metric_that_was_watched(last: float, best: str) -> None:
    from trainctl.components.declared import SavesBest
    from trainctl.training.checkpoints import tell_checkpoints
    from trainctl.training.fit import Fitted

    saver = SavesBest()
    saver.saved, saver.monitor, saver.best = "best.keras", "val_loss", 0.2
    told: list[Any] = []
    ended: Any = None
    tell_checkpoints(Fitted([], 3, True, ended, saver), {"val_loss": last}, told.append)
    (kept,) = told
    assert (kept.best, kept.last, kept.metric, kept.value, kept.last_value) == (
        best,
        "model.keras",
        "val_loss",
        0.2,
        last,
    )
    tell_checkpoints(Fitted([], 3, True, ended, saver), {"loss": last}, told.append)
    tell_checkpoints(Fitted([], 3, True, ended), {"val_loss": last}, told.append)
    assert len(told) == 1
