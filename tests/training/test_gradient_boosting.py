"""Gradient boosting as a baseline: what scikit-learn says of the same rows, measured as the experiment measures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from trainctl.config.load import load
from trainctl.data.baseline import held_out_splits
from trainctl.data.prepare import Evaluated
from trainctl.events import BaselineMeasured, Notice, ignore
from trainctl.jobs.run import run
from trainctl.training import gradient_boosting
from trainctl.training.gradient_boosting import boost, reason_against
from trainctl.training.train import prepare

pytestmark = pytest.mark.tf

N = 300
RNG = np.random.default_rng(5)
SEX = RNG.choice(["f", "m", ""], N)
AGE = np.where(RNG.random(N) < 0.2, np.nan, RNG.normal(40, 10, N))
YES = np.where((SEX == "f") ^ (RNG.random(N) < 0.05), "yes", "no")
LAYERS: dict[str, Any] = {
    "classes": ({"Dense": {"units": 1, "activation": "sigmoid"}}, "binary_crossentropy", ["accuracy", "AUC"], "answer"),
    "logits": ({"Dense": {"units": 2}}, {"SparseCategoricalCrossentropy": {"from_logits": True}}, ["accuracy"], "answer"),
    "one logit": ({"Dense": {"units": 1}}, {"BinaryCrossentropy": {"from_logits": True}}, ["accuracy"], "answer"),
    "numbers": ({"Dense": {"units": 1}}, "mse", ["mae", "r2_score"], "size"),
}  # fmt: skip


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("table")
    size = np.where(SEX == "f", 3.0, 1.0) + RNG.normal(0, 0.1, N)
    rows = (f"{s},{'' if np.isnan(a) else a},{y},{z}" for s, a, y, z in zip(SEX, AGE, YES, size, strict=True))
    (folder / "table.csv").write_text("\n".join(["sex,age,answer,size", *rows]) + "\n")
    return folder


def experiment(folder: Path, case: str, **more: Any) -> str:
    layer, loss, metrics, label = LAYERS[case]
    source = {"CSV": {"path": str(folder / "table.csv"), "label": label, "features": ["sex", "age"]}}
    content = {
        "seed": 1,
        "data": {"source": source, "validation_split": 0.3, **more.pop("data", {})},
        "model": {"layers": [layer]},
        "compile": {"loss": loss, "metrics": metrics},
        "fit": {"epochs": 1},
        **more,
    }
    file = folder / f"{case.replace(' ', '_')}.yaml"
    file.write_text(yaml.safe_dump(content))
    return str(file)


@pytest.mark.parametrize("case", ["logits", "one logit", "numbers"])
def test_scikit_learn_says_the_same(table: Path, case: str) -> None:
    from sklearn.metrics import accuracy_score, log_loss, mean_squared_error, r2_score

    built = prepare(load(experiment(table, case)), 1, ignore, Evaluated())
    found = boost(built, held_out_splits(built.experiment, built.data), 1)
    samples = built.data.splits.validation
    assert samples is not None
    train = built.data.splits.train
    raw = gradient_boosting._Table.learned(built, train)
    with gradient_boosting._one_thread():
        model, _ = gradient_boosting._trained(
            built, raw.is_category, raw.matrix(train), np.asarray(train.y).ravel(), None, 1
        )
    y, x = np.asarray(samples.y).ravel(), raw.matrix(samples)
    if case == "numbers":
        said = model.predict(x)
        assert found.metrics["val_loss"] == pytest.approx(mean_squared_error(y, said), rel=1e-4)
        assert found.metrics["val_r2_score"] == pytest.approx(r2_score(y, said), rel=1e-4)
    else:
        assert found.metrics["val_accuracy"] == pytest.approx(accuracy_score(y, model.predict(x)), rel=1e-6)
        assert found.metrics["val_loss"] == pytest.approx(log_loss(y, model.predict_proba(x)), rel=1e-3)
    assert found.facts["rows"] == found.facts["of"] == len(train)
    assert found.facts["columns"] == 2


def test_missing_values_and_unseen_categories_are_missing() -> None:
    categories = gradient_boosting._categories(np.array(["b", "a", "", "b"], object))
    codes = gradient_boosting._codes(np.array(["a", "", "c", "b"], object), categories)
    assert list(categories) == ["a", "b"]
    np.testing.assert_array_equal(codes, [0, np.nan, np.nan, 1])


def test_rows_and_time_are_bounded(table: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gradient_boosting, "_ROWS", 50)
    monkeypatch.setattr(gradient_boosting, "_SECONDS", 0.0)
    built = prepare(load(experiment(table, "classes")), 1, ignore, Evaluated())
    facts = boost(built, held_out_splits(built.experiment, built.data), 1).facts
    assert (facts["rows"], facts["of"], facts["iterations"]) == (50, 210, 1)


def test_rows_of_one_class_say_that_class(table: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gradient_boosting, "_ROWS", 1)  # as a rare class is missed among many rows
    built = prepare(load(experiment(table, "classes")), 1, ignore, Evaluated())
    found = boost(built, held_out_splits(built.experiment, built.data), 1)
    samples = built.data.splits.validation
    assert samples is not None
    share = float(np.mean(np.asarray(samples.y)))
    assert any(found.metrics["val_accuracy"] == pytest.approx(each, rel=1e-6) for each in (share, 1 - share))


def test_an_expectation_trains_it_and_is_judged(table: Path, tmp_path: Path) -> None:
    events: list[Any] = []
    file = experiment(table, "classes", expect={"val_accuracy": "> gradient_boosting + 0.5"})
    ended = run(load(file), tmp_path, events.append)
    record = json.loads((next(tmp_path.glob("*/2*")) / "run.json").read_text())
    boosted = record["baseline"]["val_accuracy"]["gradient_boosting"]
    (judged,) = ended.finished.expectations
    assert boosted > 0.8
    assert judged.bound == pytest.approx(boosted + 0.5)
    assert not judged.met
    assert record["baseline_models"]["gradient_boosting"]["iterations"] > 1
    assert any(isinstance(each, BaselineMeasured) and each.models for each in events)
    assert any("does not beat" in each.message for each in events if isinstance(each, Notice))


def test_images_have_none_and_the_run_says_why(tmp_path: Path) -> None:
    content = {
        "data": {"source": {"Synthetic": {"samples": 40, "shape": [4, 4, 1], "classes": 2}}, "validation_split": 0.5},
        "model": {"layers": ["Flatten", {"Dense": {"units": 2, "activation": "softmax"}}]},
        "compile": {"loss": "sparse_categorical_crossentropy"},
        "fit": {"epochs": 1},
    }
    (tmp_path / "images.yaml").write_text(yaml.safe_dump(content))
    events: list[Any] = []
    ended = run(load(str(tmp_path / "images.yaml")), tmp_path / "runs", events.append, boosting=True)
    assert ended.error is None
    (notice,) = [each for each in events if isinstance(each, Notice) and "gradient boosting" in each.message]
    assert notice.message == (
        "no gradient boosting as a baseline: it needs the columns of a table, or one vector of numbers for each sample"
    )


def test_without_scikit_learn_the_reason_says_how_to_install_it(table: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gradient_boosting, "find_spec", lambda name: None)
    built = prepare(load(experiment(table, "classes")), 1, ignore, Evaluated())
    assert "pip install scikit-learn" in str(reason_against(built))
