"""From the `data:` section to what Keras trains on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import islice
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
import pytest
from workplace import Workplace

from trainctl.components.context import DataContext
from trainctl.components.dataset import ColumnKind, Dataset, Samples
from trainctl.components.labels import Wanted
from trainctl.config.experiment import DataSection
from trainctl.data.encoder import inference_model
from trainctl.data.prepare import Prepared, fingerprint, load
from trainctl.errors import DataError
from trainctl.events import Event, Notice
from trainctl.sources.csv import CSV
from trainctl.sources.diabetes import Diabetes
from trainctl.sources.digits import Digits
from trainctl.sources.iris import Iris
from trainctl.sources.mnist import MNIST
from trainctl.sources.npz import NPZ
from trainctl.sources.reading.download import DownloadError
from trainctl.sources.synthetic import Synthetic

if TYPE_CHECKING:
    from trainctl.components.spec import SourceSpec

pytestmark = pytest.mark.tf

SHARED = Path(__file__).parents[3] / "shared" / "data"


def prepared(
    source: SourceSpec,
    events: list[Event] | None = None,
    *,
    classification: bool = True,
    numbers: tuple[str, ...] = (),
    outputs: Mapping[str, tuple[str, ...]] = MappingProxyType({}),
    **settings: Any,
) -> Prepared:
    context = DataContext(emit=(events if events is not None else []).append, patience=1, outputs=outputs)
    section = DataSection.model_construct(source=source, **settings)
    return load(
        section,
        context,
        loss_is_classification=classification,
        seed=1,
        wanted=dict.fromkeys(numbers, Wanted("MeanSquaredError")),
    )


@pytest.fixture
def no_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.setattr("trainctl.sources.mnist.FILE", _nowhere())


def _nowhere() -> Any:
    from trainctl.sources.mnist import FILE

    return replace(FILE, url="http://127.0.0.1:9/mnist.npz")


def test_facts_of_images() -> None:
    data = prepared(Digits(), validation_split=0.2, batch_size=64)
    assert data.facts.known == {
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
    assert data.facts.known == {"num_classes": None, "input_shape": [10], "num_samples": 50, "steps_per_epoch": 2}
    assert not data.labels.are_classes


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
        "STAND-IN DATA: training on Digits instead of MNIST, which cannot be downloaded (connection refused)."
    )


@pytest.mark.usefixtures("no_network")
def test_without_a_stand_in_the_download_error_stays() -> None:
    with pytest.raises(DownloadError):
        prepared(MNIST())
    with pytest.raises(DataError, match="images with one channel"):
        prepared(MNIST(), offline=Iris())


def test_a_table_is_encoded_by_what_the_training_split_holds(tmp_path: Path) -> None:
    rows = [f"{index},{'ab'[index % 2]},{index % 2}" for index in range(40)]
    (tmp_path / "t.csv").write_text("\n".join(["size,letter,y", *rows]))
    data = prepared(CSV(path=str(tmp_path / "t.csv"), label="y"), validation_split=0.25, test_split=0.25)
    assert data.facts.known == {"num_classes": 2, "input_shape": [4], "num_samples": 20, "steps_per_epoch": 1}
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
    messages = [event.message for event in events if isinstance(event, Notice)]
    assert any(message.startswith("column 'name' has 300 different values") for message in messages)
    assert any("will not generalize; remove it with exclude: [name]" in message for message in messages)


def test_the_fingerprint_knows_every_array_and_not_the_seed() -> None:
    x, y = np.arange(6.0).reshape(3, 2), np.array([0, 1, 0])
    data = Dataset(Samples(x, y))
    same = fingerprint(Dataset(Samples(x.copy(), y.copy())))
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
    validation = data.splits.validation
    assert validation is not None
    history = model.fit(
        data.training(),
        steps_per_epoch=data.facts["steps_per_epoch"],
        validation_data=data.evaluation(validation),
        epochs=15,
        shuffle=False,
        verbose=0,
    )
    assert history.history["val_accuracy"][-1] > 0.72

    raw = source.load(DataContext(emit=print)).train
    encoded_answers = model(data.encoder.encode(raw))
    raw_answers = inference_model(data.encoder, model)(data.encoder.rows(raw))
    np.testing.assert_allclose(raw_answers, encoded_answers, rtol=1e-5)


def table(folder: Path, name: str = "t", rows: int = 60, **columns: list[Any]) -> str:
    """A CSV of a number, a town and the class of the number; further columns as given."""
    every = {
        "n": range(rows),
        "town": ["Bonn", "Köln", "Paris"] * (rows // 3),
        "y": ["no", "yes"] * (rows // 2),
        **columns,
    }
    lines = [",".join(every), *(",".join(map(str, row)) for row in zip(*every.values(), strict=True))]
    (folder / f"{name}.csv").write_text("\n".join(lines) + "\n")
    return str(folder / f"{name}.csv")


def csv(folder: Path, **arguments: Any) -> CSV:
    return CSV.model_validate({"path": table(folder), "label": "y", **arguments})


class TestStreamed:
    """A table in blocks gives what the same table in memory gives."""

    @pytest.fixture(autouse=True)
    def small_blocks(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("trainctl.sources.table.delimited_blocks.BLOCK", 200)

    def test_features_facts_and_details(self, tmp_path: Path) -> None:
        whole, streamed = prepared(csv(tmp_path)), prepared(csv(tmp_path, stream=True))
        assert streamed.facts.known == whole.facts.known
        assert streamed.details == whole.details
        assert streamed.class_names == ("no", "yes")
        every = np.arange(60)
        np.testing.assert_allclose(streamed.splits.train.x[every], whole.splits.train.x, rtol=1e-5, atol=1e-6)
        assert streamed.splits.train.y[every].tolist() == whole.splits.train.y.tolist()

    def test_every_row_is_in_one_split_and_in_every_epoch(self, tmp_path: Path) -> None:
        data = prepared(csv(tmp_path, stream=True), validation_split=0.2, batch_size=16)
        assert data.splits.validation is not None
        assert data.splits.validation.in_memory
        assert data.facts["steps_per_epoch"] == 3
        epochs = [
            np.concatenate([x for x, _ in islice(data.training(start).as_numpy_iterator(), 3)]) for start in (0, 3)
        ]
        held = np.concatenate([x for x, _ in data.evaluation(data.splits.validation).as_numpy_iterator()])
        whole = np.concatenate([epochs[0], held])
        assert len({tuple(row) for row in whole.round(5).tolist()}) == len(whole) == 60
        assert sorted(map(tuple, epochs[0].tolist())) == sorted(map(tuple, epochs[1].tolist()))
        assert (epochs[0] != epochs[1]).any()

    def test_splits_keep_the_classes_in_proportion(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("trainctl.sources.table.delimited_blocks.BLOCK", 20_000)
        (tmp_path / "u.csv").write_text(
            "n,y\n" + "".join(f"{i},{'rare' if i % 10 == 0 else 'often'}\n" for i in range(10_000))
        )
        source = CSV.model_validate({"path": str(tmp_path / "u.csv"), "label": "y", "stream": True})
        splits = prepared(source, validation_split=0.2, test_split=0.1, limit=8000).splits
        for part, size in ((splits.train, 5600), (splits.validation, 1600), (splits.test, 800)):
            assert part is not None
            y = part.y[np.arange(len(part))]
            assert len(part) == size
            assert (y == 1).sum() == pytest.approx(size / 10, abs=len(splits.train.y.blocks))

    def test_starting_anywhere_goes_on_as_if_never_interrupted(self, tmp_path: Path) -> None:
        data = prepared(csv(tmp_path, stream=True), batch_size=16, shuffle=20)
        steps = [x for x, _ in islice(data.training().as_numpy_iterator(), 10)]
        again = prepared(csv(tmp_path, stream=True), batch_size=16, shuffle=20).training(start_step=5)
        for one, other in zip(steps[5:], islice(again.as_numpy_iterator(), 5), strict=False):
            np.testing.assert_array_equal(one, other[0])

    @pytest.mark.parametrize("cache", ["memory", "disk"])
    def test_a_cache_reads_once(self, tmp_path: Path, cache: str) -> None:
        data = prepared(csv(tmp_path, stream=True), cache=cache)
        Path(table(tmp_path)).unlink()
        assert len(np.concatenate([x for x, _ in islice(data.training().as_numpy_iterator(), 2)])) == 60

    def test_a_row_that_turns_bad_is_told(self, tmp_path: Path) -> None:
        data = prepared(csv(tmp_path, stream=True), batch_size=16)
        (tmp_path / "t.csv").write_text((tmp_path / "t.csv").read_text().replace("59,", "x9,"))
        with pytest.raises(Exception, match="x9"):
            list(islice(data.training().as_numpy_iterator(), 4))
        assert "t.csv:61: column 'n': 'x9' is not a number" in str(data.read_errors[0])


def test_columns_reach_a_model_that_names_them(tmp_path: Path) -> None:
    source = csv(tmp_path)
    context = DataContext(emit=print)
    section = DataSection.model_construct(source=source, batch_size=16)
    data = load(section, context, loss_is_classification=True, seed=1, inputs={"town": "town", "n": "n"})
    assert data.encoder is None
    assert {name: (rows.shape, rows.dtype) for name, rows in data.splits.train.x.items()} == {
        "town": ((60, 1), np.dtype(object)),
        "n": ((60, 1), np.float32),
    }
    x, _ = next(data.training().as_numpy_iterator())
    assert x["town"][0, 0].decode() in {"Bonn", "Köln", "Paris"}
    assert len(np.concatenate(list(data.adapt_data("n").as_numpy_iterator()))) == 60


def test_an_input_takes_a_column_of_another_name(tmp_path: Path) -> None:
    messages: list[str] = []

    def note(event: Event) -> None:
        messages.append(getattr(event, "message", ""))

    section = DataSection.model_construct(source=csv(tmp_path), batch_size=16)
    data = load(section, DataContext(note), loss_is_classification=True, seed=1, inputs={"place": "town", "count": "n"})
    assert set(data.splits.train.x) == {"place", "count"}
    assert data.schema.input_names == {"place": "town", "count": "n"}
    with pytest.raises(DataError, match=r"model\.inputs\.place takes 'twon', which the data does not have; it has"):
        load(section, DataContext(note), loss_is_classification=True, seed=1, inputs={"place": "twon"})


def test_an_input_takes_an_array_of_another_name(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", X1=np.zeros((8, 2)), X2=np.ones((8, 3)), y=np.arange(8) % 2)
    source = NPZ(path=str(tmp_path / "a.npz"), x=("X1", "X2"))
    section = DataSection.model_construct(source=source, batch_size=4)
    inputs = {"left": "X1", "right": "X2"}
    data = load(section, DataContext(print), loss_is_classification=True, seed=1, inputs=inputs)
    assert {name: rows.shape for name, rows in data.splits.train.x.items()} == {"left": (8, 2), "right": (8, 3)}


def test_sample_weights_come_with_the_batches(tmp_path: Path) -> None:
    source = CSV(path=table(tmp_path, w=list(np.arange(60) / 4)), label="y")
    data = prepared(source, sample_weight="w", validation_split=0.5, batch_size=16, shuffle=False)
    x, _, weight = next(data.training().as_numpy_iterator())
    assert (x.shape, weight.dtype) == ((16, 5), np.float32)  # w is no feature
    assert weight.tolist() == data.splits.train.weight[:16].tolist()
    with pytest.raises(DataError, match="Iris has no columns, but sample_weight: w names a column"):
        prepared(Iris(), sample_weight="w")


def test_groups_and_times_are_no_features(tmp_path: Path) -> None:
    source = CSV(path=table(tmp_path, who=[f"p{index // 5}" for index in range(60)]), label="y")
    data = prepared(source, split_by_group="who", validation_split=0.25)
    assert list(data.columns) == ["n", "town"]
    assert data.splits.validation is not None
    assert len(data.splits.validation) % 5 == 0
    with pytest.raises(DataError, match="Iris has no columns, but split_by_time: when names a column"):
        prepared(Iris(), split_by_time="when", validation_split=0.2)


@pytest.mark.parametrize("key", ["split_by_group", "split_by_time", "sample_weight"])
def test_the_label_is_for_nothing_else(tmp_path: Path, key: str) -> None:
    with pytest.raises(DataError, match=rf"t.csv: 'y' is the label, and cannot be the column of .*{key}"):
        prepared(csv(tmp_path), validation_split=0.2, **{key: "y"})


class TestWholeNumbers:
    """Labels that are whole numbers without names: classes, or numbers where the loss says so."""

    @pytest.mark.parametrize("stream", [False, True])
    def test_they_are_numbers_to_a_loss_of_numbers(self, tmp_path: Path, stream: bool) -> None:
        prices = [10_000_000_000 + index for index in range(60)]
        source = CSV(path=table(tmp_path, y=prices), label="y", stream=stream)
        data = prepared(source, classification=False, numbers=("",), validation_split=0.2)
        assert not data.labels.are_classes
        assert data.facts["num_classes"] is None
        assert data.details["labels"]["y"] == {"min": 1e10, "max": 1e10}
        for part in (data.splits.train, data.splits.validation):
            assert part is not None
            y = part.y[np.arange(len(part))]
            assert (y.dtype, part.y.dtype) == (np.float32, np.float32)

    def test_named_classes_stay_classes(self) -> None:
        data = prepared(Iris(), classification=False, numbers=("",))
        assert (data.labels.are_classes, data.facts["num_classes"]) == (True, 3)

    def test_of_several_outputs_those_with_such_a_loss(self) -> None:
        source = Synthetic.model_validate({"samples": 50, "classes": {"kind": 2, "stars": 5}})
        data = prepared(source, classification=False, numbers=("stars",))
        assert {name: each.dtype for name, each in data.splits.train.y.items()} == {
            "kind": np.int64,
            "stars": np.float32,
        }
        assert not data.labels.are_classes

    def test_data_of_its_own_may_hold_fractions(self, tmp_path: Path) -> None:
        whole = CSV(path=table(tmp_path, y=list(range(60))), label="y")
        halves = CSV(path=table(tmp_path, "v", y=[index / 2 for index in range(60)]), label="y")
        data = prepared(whole, classification=False, numbers=("",), validation=halves, test=whole)
        assert data.splits.validation is not None
        assert data.splits.test is not None
        assert {data.splits.train.y.dtype, data.splits.validation.y.dtype, data.splits.test.y.dtype} == {
            np.dtype(np.float32)
        }

    def test_classes_are_counted_without_room_for_those_that_do_not_occur(self, tmp_path: Path) -> None:
        source = CSV(path=table(tmp_path, y=[7, 10_000_000_000] * 30), label="y")
        data = prepared(source)
        assert data.details["labels"] == {"y": {"classes": {"7": 30, "10000000000": 30}}}
        assert data.facts["num_classes"] == 10_000_000_001


class TestSeparate:
    """Validation and test samples from sources of their own."""

    def test_classes_are_matched_by_name(self, tmp_path: Path) -> None:
        source = csv(tmp_path)
        only = CSV(path=table(tmp_path, "v", y=["yes"] * 60), label="y")
        data = prepared(source, validation=only, test=source)
        assert data.splits.validation is not None
        assert data.splits.test is not None
        assert set(data.splits.validation.y.tolist()) == {1}
        assert (len(data.splits.train), len(data.splits.test)) == (60, 60)

    @pytest.mark.parametrize("stream", [False, True])
    def test_classes_of_each_output_are_matched_by_name(self, tmp_path: Path, stream: bool) -> None:
        kinds = {"path": table(tmp_path, kind=["ant", "bee", "cat"] * 20), "label": ["y", "kind"], "stream": stream}
        later = table(tmp_path, "v", y=["yes"] * 60, kind=["bee", "cat"] * 30)
        outputs = {"answer": ("y",), "animal": ("kind",)}
        other = CSV.model_validate({**kinds, "path": later})
        data = prepared(CSV.model_validate(kinds), validation=other, outputs=outputs)
        assert data.splits.validation is not None
        _, y = next(iter(data.evaluation(data.splits.validation).unbatch().batch(60)))
        assert {name: set(each.numpy().tolist()) for name, each in y.items()} == {"answer": {1}, "animal": {1, 2}}

    @pytest.mark.parametrize(
        ("columns", "message"),
        [
            ({"y": ["maybe", "no"] * 30}, "it has classes that the training data does not have: 'maybe'"),
            ({"n": ["a"] * 60}, r"v.csv:2: column 'n': 'a' is not a number"),
            ({"y": [3, 4] * 30}, "it has classes that the training data does not have: 3 and 4"),
            (
                {"y": [0.5, 1.5] * 30},
                "its labels are not class indices, unlike the training labels: they are not whole",
            ),
        ],
    )
    def test_what_does_not_fit(self, tmp_path: Path, columns: dict[str, list[Any]], message: str) -> None:
        with pytest.raises(DataError, match=message):
            prepared(csv(tmp_path), validation=CSV(path=table(tmp_path, "v", **columns), label="y"))

    def test_whole_numbers_are_the_names_that_they_spell(self, tmp_path: Path) -> None:
        source = CSV(path=table(tmp_path, y=["1", "u", "u"] * 20), label="y")
        data = prepared(source, validation=CSV(path=table(tmp_path, "v", y=[1] * 60), label="y"))
        assert data.splits.validation is not None
        assert set(data.splits.validation.y.tolist()) == {0}

    @pytest.mark.parametrize("stream", [False, True])
    def test_whole_numbers_that_training_does_not_see(self, tmp_path: Path, stream: bool) -> None:
        source = CSV(path=table(tmp_path, y=[0, 2, 2] * 20), label="y", stream=stream)
        with pytest.raises(DataError, match="it has classes that the training data does not have: 1 and 7") as caught:
            prepared(source, validation=CSV(path=table(tmp_path, "v", y=[0, 1, 7] * 20), label="y", stream=stream))
        assert caught.value.hint == "the training classes are 0 and 2"

    def test_columns_hold_what_they_hold_in_training(self, tmp_path: Path) -> None:
        source = CSV(path=table(tmp_path, when=["2020-01-31"] * 60, ok=["true", "false"] * 30), label="y")
        empty = table(tmp_path, "v", town=[""] * 60, when=[""] * 60, ok=[""] * 60)
        data = prepared(source, validation=CSV(path=empty, label="y"))
        assert data.splits.validation is not None
        assert np.isfinite(data.splits.validation.x).all()

    def test_a_streamed_table_with_fewer_classes_keeps_their_numbers(self, tmp_path: Path) -> None:
        source = CSV(path=table(tmp_path, y=["a", "b", "c"] * 20), label="y", stream=True)
        other = CSV(path=table(tmp_path, "v", y=["b", "c"] * 30), label="y", stream=True)
        validation = prepared(source, validation=other).splits.validation
        assert validation is not None
        assert validation.y[np.arange(4)].tolist() == [1, 2, 1, 2]
        assert len(validation.x[np.arange(4)]) == 4

    def test_numbers_stay_numbers_where_training_has_numbers(self, tmp_path: Path) -> None:
        source = CSV(path=table(tmp_path, y=[0.1, 0.9] * 30), label="y")
        other = CSV(path=table(tmp_path, "v", y=["0.0", "1.0"] * 30), label="y")
        context = DataContext(emit=print)
        section = DataSection.model_construct(source=source, validation=other)
        splits = load(
            section, context, loss_is_classification=True, seed=1, wanted={"": Wanted("BinaryCrossentropy")}
        ).splits
        assert splits.validation is not None
        assert splits.validation.y.dtype == splits.train.y.dtype == np.float32

    def test_several_numbers_have_the_order_of_the_training_labels(self, tmp_path: Path) -> None:
        path = table(tmp_path, m=[0.5] * 60)
        source, other = (CSV(path=path, label=label) for label in (("n", "m"), ("m", "n")))
        with pytest.raises(DataError, match="its labels are m and n, but the training labels are n and m"):
            prepared(source, classification=False, validation=other)

    def test_weights_may_be_absent(self, tmp_path: Path) -> None:
        source, other = CSV(path=table(tmp_path, w=[2] * 60), label="y"), CSV(path=table(tmp_path, "v"), label="y")
        splits = prepared(source, sample_weight="w", validation=other, test=source).splits
        assert splits.validation is not None
        assert splits.test is not None
        assert splits.validation.weight is None
        assert set(splits.test.weight.tolist()) == {2}

    @pytest.mark.parametrize("stream", [False, True])
    @pytest.mark.parametrize("role", ["validation", "test"])
    def test_the_fingerprint_is_of_all(self, tmp_path: Path, role: str, stream: bool) -> None:
        source, alone = csv(tmp_path, stream=stream), prepared(csv(tmp_path, stream=stream)).fingerprint
        other = CSV(path=table(tmp_path, "v"), label="y")
        first, again = (prepared(source, **{role: other}).fingerprint for _ in range(2))
        table(tmp_path, "v", n=range(1, 61))
        changed = prepared(source, **{role: other}).fingerprint
        assert first == again
        assert len({alone, first, changed}) == 3

    def test_another_shape(self) -> None:
        with pytest.raises(
            DataError, match=r"its samples have shape \(4,\), but the training samples have shape \(8, 8, 1\)"
        ):
            prepared(Digits(), validation=Iris())


def test_a_class_that_training_does_not_see_is_told_loudly(tmp_path: Path) -> None:
    events: list[Event] = []
    source = CSV(path=table(tmp_path, y=["no", "yes"] * 29 + ["rare", "rare"], who=[*range(58), 99, 99]), label="y")
    other = CSV(path=table(tmp_path, "v", y=["rare"] * 60, who=[0] * 60), label="y")
    prepared(source, events, split_by_time="who", test_split=0.03, validation=other)
    told = [event.message for event in events if isinstance(event, Notice) and event.loud]
    assert "the training split has no samples of 1 class of the test samples: rare" in told


def test_details_are_for_people(tmp_path: Path) -> None:
    source = CSV(path=table(tmp_path, when=["2020-01-31"] * 59 + [""], ok=["true", "false", ""] * 20), label="y")
    details = prepared(source).details
    assert details["columns"] == {
        "n": {"kind": "numeric", "missing": 0, "min": 0, "max": 59, "mean": 29.5, "distinct": 60, "use": "scaled"},
        "town": {
            "kind": "categorical",
            "missing": 0,
            "distinct": 3,
            "frequent": details["columns"]["town"]["frequent"],
            "use": "a 0/1 feature each",
        },
        "when": {
            "kind": "date",
            "missing": 1,
            "min": "2020-01-31",
            "max": "2020-01-31",
            "distinct": 1,
            "use": "scaled, with year and week",
        },
        "ok": {"kind": "boolean", "missing": 20, "min": 0, "max": 1, "mean": 0.5, "distinct": 2, "use": "0 or 1"},
    }
    assert {each["code"] for each in details["warnings"]} == {"near-unique"}
    assert details["labels"] == {"y": {"classes": {"no": 30, "yes": 30}}}
    assert details["missing"] == 21
    assert prepared(Digits()).details["inputs"] == {
        "x": {"dtype": "float32", "shape": [8, 8, 1], "min": 0, "max": 16, "missing": 0}
    }


def test_several_inputs_and_outputs() -> None:
    source = Synthetic.model_validate({"samples": 50, "shape": {"a": [3], "b": [2, 2]}, "classes": {"c": 2, "d": None}})
    data = prepared(source, validation_split=0.2, batch_size=8)
    assert data.facts["input_shape"] == {"a": [3], "b": [2, 2]}
    assert data.facts["num_classes"] is None
    x, y = next(data.training().as_numpy_iterator())
    assert {name: value.shape for name, value in x.items()} == {"a": (8, 3), "b": (8, 2, 2)}
    assert {name: value.dtype for name, value in y.items()} == {"c": np.int64, "d": np.float32}


def test_a_model_learns_masks(workplace: Workplace) -> None:
    x = np.random.default_rng(0).integers(0, 255, (24, 8, 8, 1)).astype("uint8")
    np.savez(workplace.folder / "masks.npz", x=x, y=(x[..., 0] > 100).astype(int) + (x[..., 0] > 200))
    layers = [{"Conv2D": {"filters": "${data.num_classes}", "kernel_size": 1, "activation": "softmax"}}]
    run = workplace.train(
        data={"source": {"NPZ": {"path": "masks.npz"}}, "validation_split": 0.25, "batch_size": 8},
        model={"layers": layers},
    )
    assert run.record["data"]["num_classes"] == 3


@pytest.mark.parametrize("loss", ["binary_crossentropy", "sparse_categorical_crossentropy"])
def test_a_run_on_what_pandas_writes(workplace: Workplace, loss: str) -> None:
    (workplace.folder / "rows.csv").write_text("a,label\n" + "".join(f"{i},{i % 2}.0\n" for i in range(20)) + "7,\n")
    source = {"CSV": {"path": "rows.csv", "label": "label"}}
    units, activation = (1, "sigmoid") if loss.startswith("binary") else (2, "softmax")
    run = workplace.train(
        data={"source": source, "validation": source},
        model={"layers": [{"Dense": {"units": units, "activation": activation}}]},
        compile={"loss": loss},
    )
    assert run.record["data"]["num_classes"] == 2


def test_texts_of_similar_length_need_lengths(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(
        "text,y\n" + "".join(f"{'word ' * (5 + 3 * each % 40)}{each},{each % 2}\n" for each in range(80))
    )
    with pytest.raises(DataError, match="needs texts or sequences of different lengths") as caught:
        prepared(Iris(), bucket_by_length=True)
    assert caught.value.path == "data.bucket_by_length"
    section = {"batch_size": 8, "bucket_by_length": 32}
    for stream in (False, True):
        source = CSV.model_validate(
            {"path": str(tmp_path / "t.csv"), "label": "y", "features": {"text": "text"}, "stream": stream}
        )
        data = load(
            DataSection.model_construct(source=source, **section),
            DataContext(emit=print),
            loss_is_classification=True,
            seed=1,
            inputs={"text": "text"},
        )
        steps = [x["text"][:, 0].tolist() for x, _ in islice(data.training().as_numpy_iterator(), 20)]
        assert [x["text"][:, 0].tolist() for x, _ in islice(data.training(7).as_numpy_iterator(), 13)] == steps[7:]
        assert sorted(text for batch in steps[:10] for text in batch) == sorted(
            text for batch in steps[10:] for text in batch
        )
        spread = [max(map(len, batch)) - min(map(len, batch)) for batch in steps]
        assert sum(spread) / len(spread) < 80  # of 5 to 45 words of 5 letters
