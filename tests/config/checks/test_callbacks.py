"""Checks of callbacks: each fires where Keras would let the mistake pass, and only there."""

from __future__ import annotations

from typing import Any

import pytest
from workplace import SMALL, Workplace

BEST = {"ModelCheckpoint": {"filepath": "best.keras", "save_best_only": True}}
SCHEDULED = {"Adam": {"learning_rate": {"CosineDecay": {"initial_learning_rate": 0.1, "decay_steps": 9}}}}
SCALED = {"LossScaleOptimizer": {"inner_optimizer": SCHEDULED}}
SCALED_EMA = {"LossScaleOptimizer": {"inner_optimizer": {"Adam": {"use_ema": True}}}}
SCALED_PLAIN = {"LossScaleOptimizer": {"inner_optimizer": "adam"}}
EMA = {"Adam": {"use_ema": True}}


@pytest.mark.parametrize(
    ("code", "callbacks", "optimizer", "silent"),
    [
        ("schedule-conflict", [{"ReduceLROnPlateau": {}}], SCHEDULED, "adam"),
        ("schedule-conflict", [{"LearningRateScheduler": {"schedule": "lr"}}], SCHEDULED, "adam"),
        ("schedule-conflict", [{"ReduceLROnPlateau": {}}], SCALED, SCALED_PLAIN),
        ("schedule-conflict", [{"LambdaCallback": {"on_epoch_end": "set_learning_rate(0.1)"}}], SCHEDULED, "adam"),
        ("no-averages", ["SwapEMAWeights"], "adam", EMA),
        ("no-averages", ["SwapEMAWeights"], SCALED_PLAIN, SCALED_EMA),
    ],
)
def test_against_the_optimizer(
    workplace: Workplace, code: str, callbacks: list[Any], optimizer: Any, silent: Any
) -> None:
    def text(chosen: Any) -> str:
        path = workplace.write(callbacks=callbacks, compile={**SMALL["compile"], "optimizer": chosen})
        return workplace.call("validate", str(path)).stderr

    assert f"error[{code}]" in text(optimizer)
    assert text(silent) == ""


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"CSVLogger": {"filename": "a.csv"}}, "ReduceLROnPlateau"),
        ({"LambdaCallback": {"on_epoch_end": "print(learning_rate)"}}, "ReduceLROnPlateau"),
        ({"ModelCheckpoint": {"filepath": "a.keras"}}, "SwapEMAWeights"),
    ],
)
def test_an_order_that_defeats_a_callback(workplace: Workplace, first: Any, second: Any) -> None:
    def text(*callbacks: Any) -> str:
        path = workplace.write(callbacks=list(callbacks), compile={**SMALL["compile"], "optimizer": EMA})
        return workplace.call("validate", str(path)).stderr

    assert "warning[callback-order]" in text(first, second)
    assert text(second, first) == ""


@pytest.mark.parametrize(
    ("callback", "fires"),
    [
        ({"EarlyStopping": {"patience": 2}}, True),
        ({"EarlyStopping": {"patience": 1}}, False),
        ({"EarlyStopping": {"patience": 2, "restore_best_weights": True}}, False),
        ({"EarlyStopping": {"patience": 1, "start_from_epoch": 1}}, True),
        ({"EarlyStopping": {"start_from_epoch": 1}}, False),
        ({"EarlyStopping": {"start_from_epoch": 2, "restore_best_weights": True}}, True),
    ],
)
def test_a_patience_that_outlasts_the_run(workplace: Workplace, callback: Any, fires: bool) -> None:
    text = workplace.call("validate", str(workplace.write(callbacks=[callback]))).stderr
    assert ("warning[no-effect]" in text) is fires


@pytest.mark.parametrize(
    ("arguments", "fires"),
    [
        ({"save_freq": 5, "monitor": "val_loss", "save_best_only": True}, True),
        ({"save_freq": 5, "monitor": "loss", "save_best_only": True}, False),
        ({"save_freq": "epoch", "monitor": "val_loss", "save_best_only": True}, False),
        ({"save_freq": 5}, False),
    ],
)
def test_a_validation_metric_between_batches(workplace: Workplace, arguments: dict[str, Any], fires: bool) -> None:
    path = workplace.write(callbacks=[{"ModelCheckpoint": {"filepath": "a.keras", **arguments}}])
    assert ("error[val-between-batches]" in workplace.call("validate", str(path)).stderr) is fires


def test_an_absolute_output_needs_a_folder(workplace: Workplace) -> None:
    blocked = workplace.folder / "file"
    blocked.write_text("")
    path = workplace.write(callbacks=[{"CSVLogger": {"filename": str(blocked / "a.csv")}}])
    assert "error[output-path]" in workplace.call("validate", str(path)).stderr
    path = workplace.write(callbacks=[{"CSVLogger": {"filename": str(workplace.folder / "new" / "a.csv")}}])
    assert workplace.call("validate", str(path)).stderr == ""


@pytest.mark.parametrize(
    ("metric", "monitor", "fires"),
    [
        ({"TruePositives": {}}, "val_true_positives", True),
        ({"Mean": {}}, "val_mean", True),
        ({"SparseTopKCategoricalAccuracy": {"name": "top"}}, "val_top", False),
        ("mae", "val_mae", False),
        ("accuracy", "learning_rate", True),
    ],
)
def test_a_direction_that_keras_cannot_tell(workplace: Workplace, metric: Any, monitor: str, fires: bool) -> None:
    compiled = {**SMALL["compile"], "metrics": [metric]}
    path = workplace.write(callbacks=[{"EarlyStopping": {"monitor": monitor}}], compile=compiled)
    assert ("error[unknown-direction]" in workplace.call("validate", str(path)).stderr) is fires
    told = {"EarlyStopping": {"monitor": monitor, "mode": "max"}}
    path = workplace.write(callbacks=[told], compile=compiled)
    assert "unknown-direction" not in workplace.call("validate", str(path)).stderr


def test_the_order_of_calls_is_shown(workplace: Workplace) -> None:
    path = workplace.write(callbacks=[BEST, {"LambdaCallback": {"on_test_end": "print(1)"}}])
    lines = (
        workplace.call("explain", str(path), "callbacks").stdout.split("Called in this order:")[1].strip().splitlines()
    )
    assert [line.split()[1] for line in lines[1:]] == ["History", "ModelCheckpoint", "LambdaCallback", "Report"]
    assert "val_loss, lower is better" in lines[2]
    assert lines[3].split()[2:] == ["on_test_end"]
