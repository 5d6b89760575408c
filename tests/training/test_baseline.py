"""A run says how good it is beside a constant, and says so aloud where it is no better."""

from __future__ import annotations

import pytest
from workplace import SMALL, Workplace

pytestmark = pytest.mark.tf

STILL = {**SMALL["compile"], "optimizer": {"SGD": {"learning_rate": 0}}}
ZEROS = {"layers": [{"Dense": {"units": 3, "activation": "softmax", "kernel_initializer": "zeros"}}]}


def test_a_run_records_and_shows_its_baseline(workplace: Workplace) -> None:
    run = workplace.train("--expect", "val_accuracy > baseline + 2", "--expect", "loss < 1e9", exit_code=8)
    assert set(run.record["baseline"]) == {"val_loss", "val_accuracy"}
    (constant,) = run.record["baseline"]["val_accuracy"].values()
    assert f"(always '{run.record['majority']}': {constant:.4f})" in run.stderr
    assert run.stderr.count(", expected > ") == 1
    assert "--expect #1:1:8: error[expectation]: val_accuracy is" in run.stderr
    shown = workplace.call("runs", "show", "latest").stdout
    assert f"(always '{run.record['majority']}': {constant:.4f})" in shown


def test_a_model_that_predicts_nothing_is_told_aloud(workplace: Workplace) -> None:
    run = workplace.train(
        compile=STILL, model=ZEROS, fit={"epochs": 1}, expect={"val_accuracy": "> baseline"}, exit_code=8
    )
    assert "WARNING: the model predicts nothing: val_loss is 1.0986, which is ln 3" in run.stderr


def test_the_baseline_of_folds_is_the_mean_of_theirs(workplace: Workplace) -> None:
    data = {"source": "Iris", "folds": 2, "batch_size": 64}
    run = workplace.train(data=data, fit={"epochs": 1}, expect={"test_loss": "< baseline + 9"})
    values = [fold["baseline"]["test_loss"]["mean"] for fold in run.record["folds"]["runs"]]
    assert run.record["baseline"]["test_loss"]["mean"] == pytest.approx(sum(values) / 2)
