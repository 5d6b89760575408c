"""EarlyStopping through YAML: it stops, restores, and the kept epoch's metrics are what counts."""

from __future__ import annotations

from typing import Any

import pytest
from workplace import SMALL, Trained, Workplace

pytestmark = pytest.mark.tf

WORSENING = {**SMALL["compile"], "optimizer": {"SGD": {"learning_rate": 3.0}}}
"""Steps so large that an early epoch stays the best."""


def train(
    workplace: Workplace, *, epochs: int = 12, exit_code: int = 0, expect: Any = None, **arguments: Any
) -> Trained:
    stopping = {"EarlyStopping": {"monitor": "val_loss", "patience": 2, **arguments}}
    return workplace.train(
        compile=WORSENING, fit={"epochs": epochs}, callbacks=[stopping], expect=expect, exit_code=exit_code
    )


def best_epoch(run: Trained, key: str = "val_loss") -> int:
    return min(run.history, key=lambda line: line[key])["epoch"]


def test_it_stops_and_restores_the_best_epoch(workplace: Workplace) -> None:
    import keras
    from sklearn.datasets import load_iris

    run = train(workplace, restore_best_weights=True)
    best = best_epoch(run)
    assert len(run.history) == best + 2 < 12
    assert run.record["kept_epoch"] == best
    assert run.record["metrics"] == {k: v for k, v in run.history[best - 1].items() if k in run.record["metrics"]}
    assert run.notices("EarlyStopping") == [
        f"no improvement of val_loss for 2 epochs, stopped at {best + 2}, restored epoch {best}"
    ]
    model = keras.models.load_model(run.directory / "model.keras")
    x, y = load_iris(return_X_y=True)
    shares = dict(zip(("train", "validation"), (0.8, 0.2), strict=True))
    line = run.history[best - 1]
    correct = float((model.predict(x, verbose=0).argmax(axis=1) == y).mean())
    # the saved model is the best epoch's: its validation accuracy is a part of its accuracy on everything
    assert correct >= shares["validation"] * line["val_accuracy"] - 1e-6


def test_without_restoring_the_last_epoch_counts(workplace: Workplace) -> None:
    run = train(workplace)
    assert run.record["kept_epoch"] == len(run.history) < 12
    assert run.record["metrics"]["val_loss"] == run.history[-1]["val_loss"]
    assert run.notices("EarlyStopping") == [f"no improvement of val_loss for 2 epochs, stopped at {len(run.history)}"]


def test_expect_is_checked_against_the_kept_epoch(workplace: Workplace) -> None:
    first = train(workplace, restore_best_weights=True)
    kept, last = first.record["metrics"]["val_loss"], first.history[-1]["val_loss"]
    assert kept < last
    bound = {"val_loss": f"< {(kept + last) / 2}"}
    assert train(workplace, restore_best_weights=True, expect=bound).record["status"] == "done"
    assert train(workplace, expect=bound, exit_code=8).record["status"] == "failed"


def test_patience_that_is_never_used_up_restores_too(workplace: Workplace) -> None:
    run = train(workplace, epochs=3, patience=50, restore_best_weights=True)
    assert len(run.history) == 3
    assert run.record["kept_epoch"] == best_epoch(run)
    assert run.notices("EarlyStopping") == [f"restored epoch {best_epoch(run)}"]


def test_watching_may_begin_later(workplace: Workplace) -> None:
    never = {"min_delta": 1e6, "patience": 1}
    assert len(train(workplace, **never).history) == 2
    assert len(train(workplace, **never, start_from_epoch=3).history) == 5
