"""From the `data:` section to what Keras trains on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
import pytest

from trainctl.components.context import DataContext
from trainctl.components.dataset import ColumnKind, Dataset, LabelKind, Samples
from trainctl.components.download import DownloadError
from trainctl.components.sources.csv import CSV
from trainctl.components.sources.diabetes import Diabetes
from trainctl.components.sources.digits import Digits
from trainctl.components.sources.iris import Iris
from trainctl.components.sources.mnist import MNIST
from trainctl.config.experiment import DataSection
from trainctl.errors import DataError
from trainctl.events import Event, Notice
from trainctl.runtime import pipeline
from trainctl.runtime.data import Prepared, fingerprint, load
from trainctl.runtime.tables import inference_model

if TYPE_CHECKING:
    from trainctl.components.base import SourceSpec

pytestmark = pytest.mark.tf

SHARED = Path(__file__).parents[3] / "shared" / "data"


def prepared(
    source: SourceSpec, events: list[Event] | None = None, *, classification: bool = True, **settings: Any
) -> Prepared:
    context = DataContext(emit=(events if events is not None else []).append, patience=1)
    section = DataSection.model_construct(source=source, **settings)
    return load(section, context, loss_is_classification=classification, seed=1)


@pytest.fixture
def no_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.setattr("trainctl.components.sources.mnist.FILE", _nowhere())


def _nowhere() -> Any:
    from trainctl.components.sources.mnist import FILE

    return replace(FILE, url="http://127.0.0.1:9/mnist.npz")


def test_facts_of_images() -> None:
    data = prepared(Digits(), validation_split=0.2, batch_size=64)
    assert data.facts == {
        "num_classes": 10,
        "input_shape": [8, 8, 1],
        "num_samples": 1438,
        "steps_per_epoch": 23,
    }
    assert data.splits.validation is not None
    assert len(data.splits.validation) == 359
    assert data.splits.test is None
    assert (data.source, data.stand_in_for, data.encoder) == ("Digits", None, None)
    assert data.input_dtype == "float32"


def test_facts_of_a_regression() -> None:
    data = prepared(Diabetes(), classification=False, limit=100, test_split=0.5)
    assert data.facts == {"num_classes": None, "input_shape": [10], "num_samples": 50, "steps_per_epoch": 2}
    assert data.labels is LabelKind.NUMBERS


def test_classification_splits_are_stratified() -> None:
    data = prepared(Iris(), validation_split=0.2)
    assert data.splits.validation is not None
    assert np.bincount(data.splits.validation.y).tolist() == [10, 10, 10]


@pytest.mark.usefixtures("no_network")
def test_a_stand_in_is_loud_and_recorded() -> None:
    events: list[Event] = []
    data = prepared(MNIST(), events, offline=Digits(), validation_split=0.2, batch_size=64)
    assert (data.source, data.stand_in_for) == ("Digits", "MNIST")
    assert data.facts["input_shape"] == [28, 28, 1]
    assert data.input_dtype == "uint8"
    assert data.splits.test is not None
    [notice] = [event for event in events if isinstance(event, Notice)]
    assert notice.loud
    assert notice.message.startswith(
        "STAND-IN DATA: Digits stands in for MNIST, which cannot be reached (connection refused)."
    )


@pytest.mark.usefixtures("no_network")
def test_without_a_stand_in_the_download_error_stays() -> None:
    with pytest.raises(DownloadError):
        prepared(MNIST())
    with pytest.raises(DataError, match="only images of one channel"):
        prepared(MNIST(), offline=Iris())


def test_a_table_is_encoded_by_what_the_training_split_holds(tmp_path: Path) -> None:
    rows = [f"{index},{'ab'[index % 2]},{index % 2}" for index in range(40)]
    (tmp_path / "t.csv").write_text("\n".join(["size,letter,y", *rows]))
    data = prepared(CSV(path=str(tmp_path / "t.csv"), label="y"), validation_split=0.25, test_split=0.25)
    assert data.facts == {"num_classes": 2, "input_shape": [4], "num_samples": 20, "steps_per_epoch": 1}
    train = np.asarray(data.splits.train.x)
    assert train.dtype == np.float32
    np.testing.assert_allclose(train[:, 0].mean(), 0, atol=1e-6)
    np.testing.assert_allclose(train[:, 0].std(), 1, rtol=1e-5)
    for part in (data.splits.train, data.splits.validation, data.splits.test):
        assert part is not None
        np.testing.assert_array_equal(np.asarray(part.x)[:, 3], part.y)  # the letter b


def test_a_column_that_names_the_rows_is_noticed(tmp_path: Path) -> None:
    events: list[Event] = []
    (tmp_path / "t.csv").write_text("\n".join(["name,y", *(f"n{index},{index % 2}" for index in range(300))]))
    data = prepared(CSV(path=str(tmp_path / "t.csv"), label="y"), events)
    assert data.facts["input_shape"] == [257]
    [notice] = [event for event in events if isinstance(event, Notice)]
    assert notice.message.startswith("column 'name' has 300 different texts")


def test_the_fingerprint_knows_every_array_and_not_the_seed() -> None:
    x, y = np.arange(6.0).reshape(3, 2), np.array([0, 1, 0])
    data = Dataset(Samples(x, y), LabelKind.CLASSES)
    same = fingerprint(Dataset(Samples(x.copy(), y.copy()), LabelKind.CLASSES))
    assert fingerprint(data) == same
    table = {"a": np.array(["x", "", "z"], object)}
    others = [
        replace(data, train=Samples(x + 1, y)),
        replace(data, train=Samples(x, y[::-1] + 1)),
        replace(data, train=Samples(x.reshape(3, 2, 1), y)),
        replace(data, test=Samples(x, y)),
        replace(data, train=Samples(table, y), columns={"a": ColumnKind.CATEGORICAL}),
        replace(data, train=Samples({"a": table["a"][::-1]}, y), columns={"a": ColumnKind.CATEGORICAL}),
    ]
    assert len({fingerprint(other) for other in [data, *others]}) == 7


@pytest.mark.skipif(not SHARED.is_dir(), reason="../shared/data is not here")
def test_the_titanic_trains_and_raw_rows_give_the_same_answers() -> None:
    keras.utils.set_random_seed(1)
    source = CSV(
        path=str(SHARED / "titanic.csv"),
        label="survived",
        features=["pclass", "sex", "age", "fare", "embarked", "deck"],
    )
    data = prepared(source, validation_split=0.2, batch_size=32)
    assert data.encoder is not None
    model = keras.Sequential(
        [
            keras.Input(data.facts["input_shape"]),
            keras.layers.Dense(16, activation="relu"),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    train, validation = data.splits.train, data.splits.validation
    assert validation is not None
    history = model.fit(
        pipeline.training(train.x, train.y, 32, True, 1),
        steps_per_epoch=data.facts["steps_per_epoch"],
        validation_data=pipeline.evaluation(validation.x, validation.y, 32),
        epochs=15,
        shuffle=False,
        verbose=0,
    )
    assert history.history["val_accuracy"][-1] > 0.72

    raw = source.load(DataContext(emit=print)).train
    encoded_answers = model(data.encoder.encode(raw))
    raw_answers = inference_model(data.encoder, model)(data.encoder.rows(raw))
    np.testing.assert_allclose(raw_answers, encoded_answers, rtol=1e-5)
