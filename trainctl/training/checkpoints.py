"""Which of a run's models is the best, and which the last."""

from __future__ import annotations

import math
from collections.abc import Mapping

from trainctl.events import CheckpointsKept, Sink
from trainctl.runs.layout import MODEL
from trainctl.training.fit import Fitted


def tell_checkpoints(fitted: Fitted, metrics: Mapping[str, float], emit: Sink) -> None:
    """Report which file holds the best model by the metric that a callback watched; nothing where none saved the best.

    Args:
        fitted: What training came to.
        metrics: Those of the final weights.
        emit: Where the report goes.
    """
    saver = fitted.best_saved
    if saver is None or saver.saved is None or saver.monitor not in metrics:
        return
    best, last = float(saver.best), metrics[saver.monitor]
    is_last_best = math.isclose(best, last, rel_tol=1e-6)
    emit(
        CheckpointsKept(
            best=MODEL if is_last_best else saver.saved,
            last=MODEL,
            metric=saver.monitor,
            value=best,
            last_value=last,
            last_epoch=fitted.kept_epoch,
        )
    )
