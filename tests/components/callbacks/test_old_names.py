"""Old names and arguments of callbacks: each works as it used to, or says how it is written now (KERAS.md 1.1)."""

from __future__ import annotations

from typing import Any

import pytest
from workplace import SMALL, Workplace


def validated(workplace: Workplace, *callbacks: Any, **sections: Any) -> tuple[int, str]:
    ended = workplace.call("validate", str(workplace.write(callbacks=list(callbacks), **sections)))
    return ended.exit_code, ended.stderr


@pytest.mark.parametrize(
    ("callback", "reason"),
    [
        ("BaseLogger", "Keras 3 averages metrics itself"),
        ({"BaseLogger": {"stateful_metrics": ["auc"]}}, "Keras 3 averages metrics itself"),
        ("History", "every run records its history"),
        ({"ProgbarLogger": {"stateful_metrics": ["auc"]}}, "shows them all"),
    ],
)
def test_without_effect_and_said_so(workplace: Workplace, callback: Any, reason: str) -> None:
    code, text = validated(workplace, callback)
    assert code == 0
    assert "warning[no-effect]" in text
    assert reason in text


@pytest.mark.parametrize(
    ("callback", "said"),
    [
        ({"ModelCheckpoint": {"filepath": "a.ckpt"}}, "write: filepath: a.keras"),
        ({"ModelCheckpoint": {"filepath": "a.hdf5"}}, "write: filepath: a.keras"),
        ({"ModelCheckpoint": {"filepath": "a.h5"}}, "write: filepath: a.keras"),
        ({"ModelCheckpoint": {"filepath": "a_dir"}}, "write: filepath: a_dir.keras"),
        ({"ModelCheckpoint": {"filepath": "a.weights.h5"}}, "write: filepath: a.keras"),
        ({"ModelCheckpoint": {"filepath": "a.h5", "save_weights_only": True}}, "write: filepath: a.weights.h5"),
        ({"ModelCheckpoint": {"filepath": "a.keras", "save_weights_only": True}}, "write: filepath: a.weights.h5"),
        ({"ModelCheckpoint": {"filepath": "a.keras", "options": {}}}, "Keras 3 saves without options"),
        ({"ModelCheckpoint": {"filepath": "a.keras", "save_freq": "batch"}}, "'epoch' or an integer"),
        ({"ModelCheckpoint": {"filepath": "a.keras", "save_freq": True}}, "'epoch' or an integer"),
        ({"ReduceLROnPlateau": {"epsilon": 0.1}}, "it is now called min_delta"),
        ({"ReduceLROnPlateau": {"factor": 1.0}}, "< 1"),
        ({"ReduceLROnPlateau": {"min_lrr": 0.1}}, "did you mean 'min_lr'?"),
        ({"TensorBoard": {"write_grads": True}}, "no longer has the argument 'write_grads'"),
        ({"TensorBoard": {"batch_size": 32}}, "all use data.batch_size"),
        ({"TensorBoard": {"embeddings_layer_names": ["a"]}}, "embeddings_metadata"),
        ({"TensorBoard": {"embeddings_data": "x"}}, "remove this argument"),
        ({"TensorBoard": {"update_freq": "step"}}, "'epoch'"),
        ({"EarlyStopping": {"mode": "maximum"}}, "one of 'auto', 'min' or 'max'"),
        ({"ProgbarLogger": {"count_mode": "batches"}}, "'samples'"),
    ],
)
def test_refused_with_the_modern_spelling(workplace: Workplace, callback: Any, said: str) -> None:
    code, text = validated(workplace, callback)
    assert code == 3
    assert said in text


def test_the_optimizers_old_arguments(workplace: Workplace) -> None:
    code, text = validated(workplace, compile={**SMALL["compile"], "optimizer": {"Adam": {"lr": 0.1}}})
    assert code == 3
    assert "did you mean 'learning_rate'?" in text


@pytest.mark.tf
def test_period_saves_every_so_many_epochs(workplace: Workplace) -> None:
    run = workplace.train(
        callbacks=[{"ModelCheckpoint": {"filepath": "{epoch}.keras", "period": 2}}], fit={"epochs": 5}
    )
    assert sorted(path.name for path in run.directory.glob("?.keras")) == ["2.keras", "4.keras"]


@pytest.mark.tf
@pytest.mark.parametrize(("mode", "steps", "unit"), [("steps", 8, "steps"), ("samples", 120, "samples")])
def test_progress_is_counted_as_asked(workplace: Workplace, mode: str, steps: int, unit: str) -> None:
    run = workplace.train(callbacks=[{"ProgbarLogger": {"count_mode": mode}}], fit={"epochs": 1})
    (started,) = [event for event in run.events if event["event"] == "EpochStarted"]
    assert (started["steps"], started["unit"]) == (steps, unit)
