"""Columns with options: the same features in memory and in blocks, and the same answers from the saved model."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from workplace import Workplace

from trainctl.components.context import DataContext
from trainctl.components.dataset import Samples
from trainctl.config.experiment import DataSection
from trainctl.data import prepare
from trainctl.data.category_table import fold_of
from trainctl.errors import DataError
from trainctl.events import Event, Notice
from trainctl.sources.csv import CSV
from trainctl.sources.table import delimited_blocks

pytestmark = pytest.mark.tf

COLUMNS = {"town": {"encode": "target"}, "price": {"transform": "log"}, "age": {"bins": 4}, "x": {"clip": [0, 10]}}


def table(folder: Path, rows: int = 400) -> Path:
    rng = np.random.default_rng(0)
    town, price = rng.integers(0, 9, rows), rng.lognormal(5, 1, rows)
    age, x = rng.integers(18, 90, rows), rng.normal(5, 20, rows)
    label = (rng.random(rows) < town / 8).astype(int)
    lines = [
        f"{'' if row % 29 == 0 else f't{town[row]}'},{'' if row % 31 == 0 else round(price[row], 2)},"
        f"{'' if row % 37 == 0 else age[row]},{x[row]:.3f},{label[row]}"
        for row in range(rows)
    ]
    (folder / "t.csv").write_text("\n".join(["town,price,age,x,y", *lines]) + "\n")
    return folder / "t.csv"


def prepared(file: Path, told: list[Event] | None = None, **options: Any) -> prepare.Prepared:
    options = {"features": COLUMNS, "label": "y", **options}
    section = DataSection(source=CSV(path=str(file), **options), validation_split=0.25)
    context = DataContext([].append if told is None else told.append)
    return prepare.load(section, context, loss_is_classification=True, seed=5)


def features(samples: Samples) -> Any:
    return samples.x[np.arange(len(samples))]


def test_the_features_of_each_option(tmp_path: Path) -> None:
    found = prepared(table(tmp_path))
    train = features(found.splits.train)
    # x and price scaled, the gaps of price and age, four bins, and the mean of the label last
    assert train.shape[1] == 2 + 2 + 4 + 1
    assert train[:, :2].mean(axis=0) == pytest.approx(0, abs=1e-5)
    bins = train[:, 4:8]
    assert set(bins.sum(axis=1)) == {0, 1}
    assert np.array_equal(bins.sum(axis=1) == 0, train[:, 3] == 1)
    assert bins.sum(axis=0) == pytest.approx(len(train) / 4, rel=0.15)


def test_training_rows_do_not_see_their_own_label(tmp_path: Path) -> None:
    found = prepared(table(tmp_path))
    train, validation = features(found.splits.train), features(found.splits.validation)
    labels, fold = found.splits.train.y, fold_of(5, 0, len(train))
    assert len(np.unique(train[:, -1])) > len(np.unique(validation[:, -1]))
    whole = found.encoder.tables["town"].values()  # type: ignore[union-attr]
    assert set(np.round(validation[:, -1], 5)) <= {*np.round(whole[:, 0], 5), 0.0}
    assert np.corrcoef(train[:, -1], labels)[0, 1] > 0.3
    assert len(set(fold)) == 5


def test_blocks_give_what_the_whole_table_gives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delimited_blocks, "BLOCK", 1500)
    file = table(tmp_path)
    streamed = prepared(file, stream=True)
    train = streamed.splits.train
    assert len(train.y.blocks) > 3
    once, again = features(train), features(train)
    assert np.array_equal(once, again)
    labels, words = train.y[np.arange(len(train))], streamed.encoder
    assert words is not None
    assert np.corrcoef(once[:, -1], labels)[0, 1] > 0.3
    assert once[:, 4:8].sum(axis=0) == pytest.approx(len(once) / 4, rel=0.15)


def test_all_other_columns(tmp_path: Path) -> None:
    found = prepared(table(tmp_path), features={"*": "auto", "town": {"encode": "frequency"}})
    assert list(found.columns) == ["town", "price", "age", "x"]
    assert features(found.splits.train)[:, -1].max() == 1


def test_options_without_effect_are_refused(tmp_path: Path) -> None:
    section = DataSection(source=CSV(path=str(table(tmp_path)), label="y", features=COLUMNS), validation_split=0.25)
    with pytest.raises(DataError, match="have no effect: columns that the model names as its inputs are not encoded"):
        prepare.load(section, DataContext([].append), loss_is_classification=True, seed=5, inputs={"age": "age"})
    with pytest.raises(DataError, match="column 'x': log takes numbers above 0"):
        prepared(table(tmp_path), features={"x": {"transform": "log"}})


def test_fewer_bins_than_asked_for_are_told(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a,y\n" + "0,1\n0,0\n0,1\n5,0\n" * 10)
    told: list[Event] = []
    prepared(tmp_path / "t.csv", told, features={"a": {"bins": 8}})
    assert any(isinstance(each, Notice) and "has 2 bins, not 8" in each.message for each in told)


PLAIN_KERAS = """
import keras, numpy as np, csv
rows = list(csv.DictReader(open("../../../t.csv")))
number = lambda name: np.array([[float(row[name] or "nan")] for row in rows])
x = {name: number(name) for name in ("price", "age", "x")}
model = keras.models.load_model("inference.keras")
import tensorflow as tf
x["town"] = tf.constant([[row["town"]] for row in rows])
print(*model.predict(x, verbose=0)[:, 0].tolist())
odd = {"price": [[-3.0]], "age": [[1e9]], "x": [[float("nan")]]}
odd = {name: tf.constant(value, "float64") for name, value in odd.items()}
print(*model.predict({**odd, "town": tf.constant([["never seen"]])}, verbose=0)[:, 0].tolist())
"""


def test_the_saved_model_takes_raw_rows(workplace: Workplace) -> None:
    table(workplace.folder)
    run = workplace.train(
        data={"source": {"CSV": {"path": "t.csv", "label": "y", "features": COLUMNS}}, "validation_split": 0.25},
        model={"layers": [{"Dense": {"units": 1, "activation": "sigmoid"}}]},
        compile={"optimizer": "adam", "loss": "binary_crossentropy", "metrics": ["AUC"]},
        fit={"epochs": 2},
    )
    predicted = workplace.call("predict", str(run.directory), "t.csv", "-o", "out.npy")
    assert predicted.exit_code == 0, predicted.stderr
    values = np.load(workplace.folder / "out.npy")[:, 0]
    alone = subprocess.run([sys.executable, "-c", PLAIN_KERAS], cwd=run.directory, capture_output=True, text=True)
    assert alone.returncode == 0, alone.stderr
    raw, odd = (np.array(line.split(), float) for line in alone.stdout.strip().splitlines())
    assert raw == pytest.approx(values, abs=1e-5)
    assert np.isfinite(odd).all()
