"""A run's model is evaluated on its data: with each output, and with a word where the data has changed."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from shelf import record
from workplace import Trained, Workplace

from trainctl.errors import RunDirError, UsageError
from trainctl.jobs.evaluate import evaluate
from trainctl.runs.store import Run, find_run, read_run

pytestmark = pytest.mark.tf

CONFIG = Path(__file__).parents[2] / "configs" / "models" / "many_inputs_outputs.yaml"
SHOP = "age;town;new;label\n" + "".join(
    f"{age};{'Bonn' if age % 2 else '-'};{'yes' if age % 3 else 'no'};{'old' if age > 40 else 'young'}\n"
    for age in range(20, 60)
)


def test_evaluate_tells_each_output(workplace: Workplace) -> None:
    workplace.train("-s", "fit.epochs=1", "-s", "callbacks=null", config=CONFIG)
    ended = workplace.call("evaluate", "latest", "--json")
    assert ended.exit_code == 0, ended.stderr
    metrics = json.loads(ended.stdout)
    assert "topic_accuracy" in json.dumps(metrics)


@pytest.mark.filterwarnings("ignore:Skipping nested container")  # Keras, before it says that the shapes differ
def test_evaluate_tells_that_the_data_has_changed(workplace: Workplace) -> None:
    (workplace.folder / "shop.csv").write_text(SHOP)
    source = {"CSV": {"path": "shop.csv", "label": "label", "separator": ";"}}
    run = workplace.train(
        data={"source": source}, model={"layers": [{"Dense": {"units": 2, "activation": "softmax"}}]}, fit={"epochs": 1}
    )
    assert "has changed" not in workplace.call("evaluate", str(run.directory)).stderr
    (workplace.folder / "shop.csv").write_text(SHOP + "61;Bonn;yes;old\n")
    ended = workplace.call("evaluate", str(run.directory), "--json")
    assert ended.exit_code == 0
    assert json.loads(ended.stdout)["baseline"] == {}  # what is held out now may have been trained on
    assert "the data has changed since the run" in ended.stderr
    (workplace.folder / "shop.csv").write_text(SHOP + "61;Oslo;yes;old\n")  # one more category, one more input
    ended = workplace.call("evaluate", str(run.directory))
    assert ended.exit_code == 7
    assert "the data has changed since the run" in ended.stderr


VISITS = "age,town,returned\n" + "".join(
    f"{20 + row % 50},{'Bonn' if row % 3 else 'Rome'},{'yes' if row % 50 > 25 else 'no'}\n" for row in range(200)
)


@pytest.fixture(scope="module")
def visits(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workplace, Trained]:
    """A table of two classes, of which the best epoch was saved beside the last."""
    place = Workplace(tmp_path_factory.mktemp("visits"))
    (place.folder / "visits.csv").write_text(VISITS)
    run = place.train(
        data={"source": {"CSV": {"path": "visits.csv", "label": "returned"}}, "validation_split": 0.3},
        model={"layers": [{"Dense": {"units": 1, "activation": "sigmoid"}}]},
        compile={"optimizer": {"SGD": {"learning_rate": 30.0}}, "loss": "binary_crossentropy", "metrics": ["accuracy"]},
        fit={"epochs": 3},
        callbacks=[{"ModelCheckpoint": {"filepath": "best.keras", "save_best_only": True, "monitor": "val_loss"}}],
    )
    return place, run


def test_what_an_evaluation_finds_of_two_classes(visits: tuple[Workplace, Trained]) -> None:
    place, run = visits
    ended = place.call("evaluate", "latest", "--json", "--importance", "--plot")
    assert ended.exit_code == 0, ended.stderr
    found = json.loads(ended.stdout)
    assert (found["split"], found["samples"], found["checkpoint"]) == ("validation", 60, "model.keras")
    assert found["metrics"]["val_loss"] == pytest.approx(run.record["metrics"]["val_loss"], rel=1e-5)
    assert found["baseline"]["val_accuracy"] == {**run.record["baseline"]["val_accuracy"], "gradient_boosting": 1.0}
    counts = found["confusion_matrix"]["counts"]
    right = counts[0][0] + counts[1][1]
    assert found["confusion_matrix"]["labels"] == ["no", "yes"]
    assert right / 60 == pytest.approx(found["metrics"]["val_accuracy"], rel=1e-6)
    assert [each["support"] for each in found["per_class"]] == [sum(row) for row in counts]
    assert sum(each["count"] for each in found["calibration"]["bins"]) == 60
    assert found["threshold"]["f1"] >= found["threshold"]["f1_at_0.5"]
    assert found["importance"]["columns"][0]["column"] == "age"
    rows = VISITS.splitlines()[1:]
    for mistake in found["mistakes"]:
        age, town, label = rows[mistake["row"]].split(",")
        assert mistake["values"] == {"age": float(age), "town": town}
        assert mistake["label"] == label != mistake["prediction"]
    (kept,) = (run.directory / "evaluations").iterdir()
    assert json.loads(kept.read_text())["metrics"] == found["metrics"]
    assert (run.directory / "evaluation.png").read_bytes()[:4] == b"\x89PNG"


def test_the_best_model_is_found_by_its_name(visits: tuple[Workplace, Trained]) -> None:
    place, run = visits
    best = run.record["checkpoints"]["best"]
    shown = json.loads(place.call("evaluate", "latest/best", "--json").stdout)
    assert shown["checkpoint"] == best["file"]
    assert shown["metrics"]["val_loss"] == pytest.approx(best["value"], rel=1e-5)
    by_file = json.loads(place.call("evaluate", "latest", "--checkpoint", "best.keras", "--json").stdout)
    assert by_file["metrics"]["val_loss"] == pytest.approx(min(line["val_loss"] for line in run.history), rel=1e-5)
    assert f"is best by val_loss ({best['value']:.4f})" in run.stderr


def test_other_data_is_read_as_the_training_data(visits: tuple[Workplace, Trained]) -> None:
    place, _ = visits
    (place.folder / "more.csv").write_text("town,returned,age\nRome,yes,60\nOslo,no,21\n")
    found = json.loads(place.call("evaluate", "latest", "--data", "more.csv", "--json").stdout)
    assert (found["samples"], found["split"], found["data"]) == (2, "test", "more.csv")
    assert sum(map(sum, found["confusion_matrix"]["counts"])) == 2


@pytest.mark.parametrize(
    ("options", "message", "code"),
    [
        (["--checkpoint", "other.keras"], "has no other.keras", 7),
        (["--checkpoint", "../../../visits.csv"], "is not in the run directory", 7),
        (["--data", "none.csv"], "none.csv does not exist", 4),
        (["--data", "visits.csv", "--split", "train"], "does not go with --data", 2),
    ],
)
def test_what_cannot_be_evaluated(
    visits: tuple[Workplace, Trained], options: list[str], message: str, code: int
) -> None:
    place, _ = visits
    ended = place.call("evaluate", "latest", *options)
    assert (ended.exit_code, message in ended.stderr) == (code, True), ended.stderr


def test_masks_and_numbers(workplace: Workplace) -> None:
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(20, 4, 4, 1)).astype("float32"), rng.integers(0, 3, (20, 4, 4))
    np.savez(workplace.folder / "masks.npz", x=x, y=y)
    run = workplace.train(
        data={"source": {"NPZ": {"path": "masks.npz"}}},
        model={"layers": [{"Conv2D": {"filters": 3, "kernel_size": 1, "activation": "softmax"}}]},
        fit={"epochs": 1},
    )
    found = json.loads(workplace.call("evaluate", str(run.directory), "--json").stdout)
    assert sum(map(sum, found["confusion_matrix"]["counts"])) == y.size
    assert all(0 <= each["iou"] <= each["recall"] for each in found["per_class"])
    run = workplace.train(
        "--plot-format",
        "svg",
        data={"source": "Diabetes"},
        model={"layers": [{"Dense": {"units": 1}}]},
        compile={"loss": "mse", "metrics": ["mae"]},
        fit={"epochs": 1},
    )
    found = json.loads(workplace.call("evaluate", str(run.directory), "--json", "--plot").stdout)
    assert found["regression"]["mae"] == pytest.approx(found["metrics"]["mae"], rel=1e-4)
    assert found["regression"]["rmse"] == pytest.approx(found["metrics"]["loss"] ** 0.5, rel=1e-4)
    assert len(found["regression"]["residual_deciles"]) == 10
    assert found["plot"] == str(run.directory / "evaluation.svg")


def test_a_run_without_its_folds(tmp_path: Path) -> None:
    run = read_run(record(tmp_path, "20260101-120000-aaaaaa", folds={"runs": [], "metrics": {}}))
    with pytest.raises(RunDirError, match="holds none of its folds"):
        evaluate(run)


def test_the_best_model_of_a_run_is_that_of_each_of_its_folds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = record(tmp_path, "20260101-120000-aaaaaa", folds={"runs": [], "metrics": {}})
    record(whole, "1", name="folds")
    meant = []

    def chosen(run: Run, _: str | None) -> Path:
        meant.append((run.directory.path.name, run.checkpoint))
        raise RunDirError("enough")

    monkeypatch.setattr("trainctl.jobs.evaluate.model_file", chosen)
    with pytest.raises(RunDirError, match="enough"):
        evaluate(find_run(tmp_path, "latest/best"))
    assert meant == [("1", "best")]
    with pytest.raises(UsageError, match="consists of folds"):
        evaluate(read_run(whole), importance=True)
