"""What was trained is used: also with several inputs and outputs."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from shelf import record
from workplace import Ended, Trained, Workplace

from trainctl.data.predictions import Predictions, to_csv, write
from trainctl.errors import UsageError
from trainctl.jobs.predict import find_threshold
from trainctl.jobs.predict import predict as predict_job
from trainctl.runs.store import find_run, read_run
from trainctl.training.prediction import understood

pytestmark = pytest.mark.tf

CONFIG = Path(__file__).parents[2] / "configs" / "models" / "many_inputs_outputs.yaml"


@pytest.fixture(scope="module")
def trained(shared_workplace: Workplace) -> Workplace:
    shared_workplace.train("-s", "fit.epochs=1", "-s", "callbacks=null", config=CONFIG)
    np.savez(shared_workplace.folder / "both.npz", title=np.zeros((3, 12), "float32"), page=np.ones((3, 6), "float32"))
    np.save(shared_workplace.folder / "one.npy", np.zeros((3, 12), "float32"))
    return shared_workplace


def predict(trained: Workplace, file: str, *options: str) -> Ended:
    return trained.call("predict", "latest", str(trained.folder / file), *options)


def test_outputs_stand_side_by_side(trained: Workplace) -> None:
    head, *rows = predict(trained, "both.npz").stdout.splitlines()
    assert set(head.split(",")) == {"topic_0", "topic_1", "topic_2", "topic_3", "stars"}
    assert len(rows) == 3


def test_outputs_are_written_by_name(trained: Workplace) -> None:
    assert predict(trained, "both.npz", "-o", str(trained.folder / "out.npz")).exit_code == 0
    with np.load(trained.folder / "out.npz") as out:
        assert {name: out[name].shape for name in out.files} == {"topic": (3, 4), "stars": (3, 1)}
    assert predict(trained, "both.npz", "-o", str(trained.folder / "out.npy")).exit_code == 2


def test_an_output_may_be_called_as_numpy_calls_an_argument(tmp_path: Path) -> None:
    write(Predictions({"file": np.zeros((3, 2)), "allow_pickle": np.ones((3, 1))}), tmp_path / "out.npz")
    with np.load(tmp_path / "out.npz") as out:
        assert {name: out[name].shape for name in out.files} == {"file": (3, 2), "allow_pickle": (3, 1)}


def test_each_input_is_needed(trained: Workplace) -> None:
    ended = predict(trained, "one.npy")
    assert ended.exit_code == 4
    assert "does not hold" in ended.stderr


@pytest.mark.parametrize(
    ("outputs", "names", "logits", "classes", "probabilities"),
    [
        ([[0.3], [0.8]], "ab", False, ["a", "b"], [0.7, 0.8]),
        ([[0.3], [-0.8]], "ab", True, ["b", "a"], [0.574443, 0.689974]),  # sigmoid(0.3), 1 - sigmoid(-0.8)
        ([[0.2, 0.5, 0.3]], "abc", False, ["b"], [0.5]),
        ([[1.0, 3.0, 2.0]], "abc", True, ["b"], [0.665241]),
    ],
)
def test_the_likeliest_class_and_its_probability(
    outputs: list[list[float]], names: str, logits: bool, classes: list[str], probabilities: list[float]
) -> None:
    head, *rows = understood(np.array(outputs, "float32"), names, logits=logits).rows()
    assert head == ("prediction", "probability")
    assert [name for name, _ in rows] == classes
    assert [value for _, value in rows] == pytest.approx(probabilities, rel=1e-5)


@pytest.mark.parametrize(
    ("outputs", "units", "rows"),
    [
        ([[0.3], [0.8]], {1}, [(0, 0.7), (1, 0.8)]),
        ([[0.2, 0.5, 0.3]], range(2, 9), [(1, 0.5)]),
    ],
)
def test_classes_without_names_are_their_indices(
    outputs: list[list[float]], units: Any, rows: list[tuple[int, float]]
) -> None:
    _, *found = understood(np.array(outputs, "float32"), "", logits=False, units=units).rows()
    assert [index for index, _ in found] == [index for index, _ in rows]
    assert [value for _, value in found] == pytest.approx([value for _, value in rows])


def test_more_outputs_than_names() -> None:
    _, *found = understood(np.eye(3, dtype="float32"), "ab", logits=False).rows()
    assert [name for name, _ in found] == ["a", "b", 2]


def test_numbers_of_a_sequence_are_called_by_their_place() -> None:
    head, row = understood(np.arange(6, dtype="float32").reshape(1, 3, 2), "", logits=False, units={6, 2}).rows()
    assert head == ("output_0_0", "output_0_1", "output_1_0", "output_1_1", "output_2_0", "output_2_1")
    assert row == (0, 1, 2, 3, 4, 5)


@pytest.mark.parametrize("names", ["", "ab"])
def test_the_classes_of_a_mask_are_those_of_its_places(names: str) -> None:
    outputs = np.zeros((2, 3, 4, 2), "float32")
    outputs[1, :, 2, 1] = 1
    found = understood(outputs, names, logits=False, units=range(2, 9))
    assert found.classes == ()
    assert found.masks.tolist() == outputs.argmax(-1).tolist()
    binary = outputs[..., 1:] * 2 - 1
    assert understood(binary, names, logits=True, units={1}).masks.tolist() == outputs.argmax(-1).tolist()
    assert understood(outputs, "", logits=False).masks is None
    assert understood(outputs[:, 0], names, logits=False, units=range(2, 9)).classes == ()  # of a sequence


@pytest.mark.parametrize(
    ("loss", "units", "predicts"),
    [
        ("sparse_categorical_crossentropy", 3, "prediction,probability"),
        ("categorical_hinge", 3, "output_0,output_1,output_2"),
        ("mse", 1, "prediction"),
    ],
)
def test_the_loss_tells_whether_the_output_is_a_class(
    workplace: Workplace, loss: str, units: int, predicts: str
) -> None:
    y = np.arange(30) % 3
    np.savez(workplace.folder / "data.npz", x=np.zeros((30, 2)), y=np.eye(3)[y] if "hinge" in loss else y)
    np.save(workplace.folder / "new.npy", np.zeros((1, 2)))
    workplace.train(
        data={"source": {"NPZ": {"path": "data.npz"}}},
        model={"layers": [{"Dense": {"units": units, "activation": "softmax" if units > 1 else "linear"}}]},
        compile={"loss": loss},
        fit={"epochs": 1},
    )
    head, _ = workplace.call("predict", "latest", "new.npy").stdout.splitlines()
    assert head == predicts


@pytest.mark.parametrize(("outputs", "names"), [([[0.3]], ""), ([[0.3]], "abc"), ([[0.1, 0.9]], "abc")])
def test_outputs_that_are_no_classes(outputs: list[list[float]], names: str) -> None:
    head, row = understood(np.array(outputs, "float32"), names, logits=False).rows()
    assert head == ("prediction",) if len(row) == 1 else ("output_0", "output_1")
    assert row == pytest.approx(outputs[0])


def test_the_best_threshold_is_of_the_model_that_the_run_has_now(tmp_path: Path) -> None:
    path = record(tmp_path, "20260101-120000-aaaaaa", ended="2026-01-01T12:30:00.500Z")
    (path / "model.keras").write_text("")
    (path / "evaluations").mkdir()
    known = {"checkpoint": "model.keras", "split": "test", "threshold": {"value": 0.25}}
    for time in ("2026-01-01T12:29:59Z", "yesterday"):  # before the run was resumed
        (path / "evaluations" / f"{time}.json").write_text(json.dumps({**known, "time": time}))
        with pytest.raises(UsageError, match="needs an evaluation"):
            find_threshold(read_run(path), "best")
    (path / "evaluations" / "2.json").write_text(json.dumps({**known, "time": "2026-01-01T12:30:00Z"}))
    found = find_threshold(read_run(path), "best")
    assert (found.value, found.found_on) == (0.25, "the test split")


SHOP = "age;town;new;label\n" + "".join(
    f"{age};{'Bonn' if age % 2 else '-'};{'yes' if age % 3 else 'no'};{'old' if age > 40 else 'young'}\n"
    for age in range(20, 60)
)


@pytest.fixture(scope="module")
def shop(shared_workplace: Workplace) -> Trained:
    (shared_workplace.folder / "shop.csv").write_text(SHOP)
    source = {"CSV": {"path": "shop.csv", "label": "label", "separator": ";", "missing": ["-"]}}
    return shared_workplace.train(
        data={"source": source, "validation_split": 0.2},
        model={"layers": [{"Dense": {"units": 1}}]},
        compile={"optimizer": {"Adam": {"learning_rate": 0.1}}, "loss": "mse"},
        fit={"epochs": 1},
        stages=[{"compile": {"loss": {"BinaryCrossentropy": {"from_logits": True}}}, "fit": {"epochs": 20}}],
        callbacks=[
            {"ModelCheckpoint": {"filepath": "poor.keras", "save_best_only": True, "monitor": "loss", "mode": "max"}}
        ],
    )


class TestTable:
    """A run on a CSV with a separator and missing values of its own, whose model gives a logit, as its only stage says.

    Its "best" model is the poorest.
    """

    @pytest.fixture
    def predict(self, shop: Trained, shared_workplace: Workplace) -> Any:
        def call(content: str | bytes, *options: str, name: str = "new.csv") -> Ended:
            file = shared_workplace.folder / name
            file.write_bytes(content.encode() if isinstance(content, str) else content)
            return shared_workplace.call("predict", str(shop.directory), str(file), *options)

        return call

    def test_the_classes_are_those_it_learned(self, predict: Any) -> None:
        ended = predict(SHOP, "--json")
        assert ended.exit_code == 0, ended.stderr
        said = json.loads(ended.stdout)
        expected = [line.rsplit(";", 1)[1] for line in SHOP.splitlines()[1:]]
        assert sum(row["prediction"] == name for row, name in zip(said, expected, strict=True)) >= 36
        assert all(isinstance(row["probability"], float) and 0.5 <= row["probability"] <= 1 for row in said)

    def test_columns_in_another_order_and_more_of_them(self, predict: Any) -> None:
        plain = predict("age;town;new\n25;Bonn;yes\n55;Oslo;no\n", "--columns", "none").stdout
        other = "new;id;town;age;label\nyes;7;Bonn;25;\nno;8;Oslo;55;\n"
        assert predict(other, "--columns", "none").stdout == plain
        with_id = zip(["id", "7", "8"], plain.splitlines(), strict=True)
        assert predict(other, "--id", "id").stdout.splitlines() == [",".join(cells) for cells in with_id]
        assert predict(other).stdout.startswith("new,id,town,age,label,prediction,probability\nyes,7,Bonn,25,,")

    def test_rows_that_cannot_be_read_are_left_out_and_told(self, predict: Any, shared_workplace: Workplace) -> None:
        rows = "age;town;new\n25;Bonn;yes\nold;Bonn;no\n;Lima;no\n55;Oslo;perhaps\n"
        out = shared_workplace.folder / "kept.jsonl"
        ended = predict(rows, "--on-error", "skip", "--columns", "town", "--proba", "-o", str(out))
        assert ended.exit_code == 4
        kept = [json.loads(line) for line in out.read_text().splitlines()]
        assert [row["town"] for row in kept] == ["Bonn", "Lima"]
        assert all(row["probability_old"] + row["probability_young"] == pytest.approx(1, abs=1e-5) for row in kept)
        assert "2 samples could not be read" in ended.stderr
        assert "new.csv:3: column 'age': 'old' is not a number" in ended.stderr
        assert "note: age: 1 missing value\n" in ended.stderr
        assert "note: town: 2 values that training never had: 'Lima' 1" in ended.stderr or "'Lima' 1" in ended.stderr
        assert "wrote 2 rows to" in ended.stderr
        assert predict(rows).exit_code == 4
        none = shared_workplace.folder / "none.parquet"
        ended = predict("age;town;new\nold;Bonn;no\n", "--on-error", "skip", "-o", str(none))
        assert (ended.exit_code, none.exists(), "wrote" in ended.stderr) == (4, False, False)

    def test_a_threshold_decides_between_two_classes(
        self, predict: Any, shop: Trained, shared_workplace: Workplace
    ) -> None:
        def said(*options: str) -> list[str]:
            return [row["prediction"] for row in json.loads(predict(SHOP, "--json", *options).stdout)]

        assert set(said("--threshold", "1")) == {"old"}
        assert set(said("--threshold", "0")) == {"young"}
        assert predict(SHOP, "--threshold", "2").exit_code == 2
        assert predict(SHOP, "--threshold", "best").exit_code == 2
        assert shared_workplace.call("evaluate", str(shop.directory)).exit_code == 0
        ended = predict(SHOP, "--json", "--threshold", "best")
        assert len(json.loads(ended.stdout)) == 40
        assert "gave the highest F1 on the validation split" in ended.stderr

    def test_the_model_that_is_meant_predicts(self, predict: Any, shop: Trained, shared_workplace: Workplace) -> None:
        whole, lines = str(shop.directory), predict(SHOP, "--columns", "none", "--checkpoint", "poor.keras").stdout
        assert lines != predict(SHOP, "--columns", "none").stdout
        best = find_run(shared_workplace.folder, f"{whole}/best")
        assert to_csv(predict_job(best, shared_workplace.folder / "new.csv")) == lines

    def test_json_lines_are_rows(self, predict: Any) -> None:
        as_csv = predict("age;town;new\n25;Bonn;yes\n;Oslo;no\n", "--columns", "none").stdout
        lines = '{"age": 25, "town": "Bonn", "new": true}\n\n{"town": "Oslo", "new": false}\n'
        assert predict(lines, "--columns", "none", name="new.jsonl").stdout == as_csv
        assert "new.jsonl:2: not JSON" in predict(lines.replace("\n\n", "\nage\n"), name="new.jsonl").stderr

    def test_a_missing_value_is_what_the_source_says(self, predict: Any) -> None:
        said = [predict(f"age;town;new\n30;{town};no\n").stdout for town in ("-", "", "Bonn")]
        assert said[0] == said[1] != said[2]

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            ("age;town\n25;Bonn\n", "has no column 'new'"),
            ("age,town,new\n25,Bonn,yes\n", "has no column"),
            ("age;town;new\nyes;Bonn;no\n", "new.csv:2: column 'age': 'yes' is not a number"),
            ("age;town;new\n25;Bonn;maybe\n", "new.csv:2: column 'new': 'maybe' is not true or false"),
            ("age;town;new\n", "has a header but no rows"),
            ("", "is empty"),
            ("age;town;new\n25;Köln;no\n".encode("latin-1"), "is not UTF-8 text"),
        ],
    )
    def test_rows_that_do_not_fit(self, predict: Any, content: str, message: str) -> None:
        ended = predict(content)
        assert ended.exit_code == 4
        assert message in ended.stderr


@pytest.fixture(scope="module")
def iris(shared_workplace: Workplace) -> Trained:
    return shared_workplace.train(fit={"epochs": 1})


class TestArrays:
    """A run on four numbers."""

    def test_a_csv_of_numbers_alone(self, iris: Trained, shared_workplace: Workplace) -> None:
        rows = shared_workplace.folder / "rows.csv"
        rows.write_text("a,b,c,d\n1,2,3,4\n5,6,7,8\n\n")
        ended = shared_workplace.call("predict", str(iris.directory), str(rows))
        assert ended.exit_code == 0, ended.stderr
        assert len(ended.stdout.splitlines()) == 3
        rows.write_text("a,b,c,d\n1,2,3,4\n5,6,,8\n")
        ended = shared_workplace.call("predict", str(iris.directory), str(rows))
        assert ended.exit_code == 4
        assert "rows.csv:3: column 'c' has no value" in ended.stderr

    def test_a_damaged_file(self, iris: Trained, shared_workplace: Workplace) -> None:
        file = shared_workplace.folder / "x.npz"
        np.savez(file, x=np.zeros((100, 4), "float32"))
        whole = file.read_bytes()
        for damaged in (whole[:300], whole[:200] + b"xxxx" + whole[204:]):
            file.write_bytes(damaged)
            ended = shared_workplace.call("predict", str(iris.directory), str(file))
            assert ended.exit_code == 4
            assert "cannot read" in ended.stderr

    def test_what_is_there_stays_whole_where_the_new_cannot_be_written(
        self, iris: Trained, shared_workplace: Workplace, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        np.save(shared_workplace.folder / "four.npy", np.zeros((3, 4), "float32"))

        def half(out: Any, *_: Any) -> None:
            out.write(b"half")
            raise OSError(28, "No space left on device")

        out = shared_workplace.folder / "out.npy"
        out.write_text("old")
        monkeypatch.setattr(np.lib.format, "write_array_header_1_0", half)
        arguments = ("predict", str(iris.directory), str(shared_workplace.folder / "four.npy"), "-o", str(out))
        assert shared_workplace.call(*arguments).exit_code == 7
        assert out.read_text() == "old"
        assert not list(shared_workplace.folder.glob(".*out.npy*"))


class TestMap:
    """Layers of data.map stand before the trained model: evaluate and predict go through them alike."""

    def agree(self, shared_workplace: Workplace, run: Trained, new: Path, labels: Any) -> None:
        """The loss that evaluate tells of the test split is that of predict's answers for the same samples."""
        ended = shared_workplace.call("evaluate", str(run.directory), "--split", "test", "--json")
        assert ended.exit_code == 0, ended.stderr
        told = json.loads(ended.stdout)["metrics"]
        out = shared_workplace.folder / "answers.npy"
        ended = shared_workplace.call("predict", str(run.directory), str(new), "-o", str(out))
        assert ended.exit_code == 0, ended.stderr
        answers = np.load(out)
        if answers.shape[1] == 1:
            answers = np.concatenate([1 - answers, answers], axis=1)
        assert told["test_loss"] == pytest.approx(-np.log(answers[np.arange(len(labels)), labels]).mean(), rel=1e-4)
        assert told["test_accuracy"] == pytest.approx((answers.argmax(axis=1) == labels).mean())
        assert told["test_accuracy"] > 0.9

    def test_of_a_table(self, shared_workplace: Workplace) -> None:
        (shared_workplace.folder / "shop.csv").write_text(SHOP)
        source = {"CSV": {"path": "shop.csv", "label": "label", "separator": ";", "missing": ["-"]}}
        run = shared_workplace.train(
            data={"source": source, "test": source, "map": [{"Rescaling": {"scale": -1}}], "batch_size": 8},
            model={"layers": [{"Dense": {"units": 1, "activation": "sigmoid"}}]},
            compile={
                "optimizer": {"Adam": {"learning_rate": 0.1}},
                "loss": "binary_crossentropy",
                "metrics": ["accuracy"],
            },
            fit={"epochs": 20},
        )
        labels = [line.endswith("young") for line in SHOP.splitlines()[1:]]
        self.agree(shared_workplace, run, shared_workplace.folder / "shop.csv", np.array(labels, int))

    def test_of_arrays(self, shared_workplace: Workplace) -> None:
        y = np.arange(60) % 3
        x = np.random.default_rng(0).integers(0, 85, (60, 4, 6, 1)) + 85 * y[:, None, None, None]
        x = x.astype("uint8")
        np.savez(shared_workplace.folder / "images.npz", x_train=x, y_train=y, x_test=x, y_test=y)
        np.save(shared_workplace.folder / "images.npy", x)
        run = shared_workplace.train(
            data={
                "source": {"NPZ": {"path": "images.npz"}},
                "batch_size": 8,
                "map": [{"Rescaling": {"scale": "1/255"}}, {"Resizing": {"height": 3, "width": 3}}],
            },
            model={"layers": ["Flatten", {"Dense": {"units": 3, "activation": "softmax"}}]},
            compile={
                "optimizer": {"Adam": {"learning_rate": 0.1}},
                "loss": "sparse_categorical_crossentropy",
                "metrics": ["accuracy"],
            },
            fit={"epochs": 20},
        )
        self.agree(shared_workplace, run, shared_workplace.folder / "images.npy", y)
        head, first, *_ = shared_workplace.call("predict", str(run.directory), "images.npy").stdout.splitlines()
        assert head == "prediction,probability"
        assert first.split(",")[0] == "0"

    def test_of_an_image_folder(self, shared_workplace: Workplace, photos: Trained) -> None:
        self.agree(shared_workplace, photos, shared_workplace.folder / "photos/test", np.repeat([0, 1], 10))

    def test_an_autoencoder_gives_no_classes(self, shared_workplace: Workplace, photos: Trained) -> None:
        run = shared_workplace.train(
            data={"source": PHOTOS, "map": [{"Rescaling": {"scale": "1/255"}}], "target": "inputs"},
            model={"layers": ["Flatten", {"Dense": {"units": 108}}, {"Reshape": {"target_shape": [6, 6, 3]}}]},
            compile={"loss": "mse"},
            fit={"epochs": 1},
        )
        ended = shared_workplace.call("predict", str(run.directory), "photos/test/dark/00.png")
        assert ended.stdout.startswith("file,output_0_0_0,output_0_0_1,output_0_0_2,output_0_1_0,")

    def test_without_the_model_that_takes_raw_inputs(self, shared_workplace: Workplace, photos: Trained) -> None:
        inference = photos.directory / "inference.keras"
        kept = inference.rename(photos.directory / "kept.keras")
        ended = shared_workplace.call("predict", str(photos.directory), "photos/test")
        kept.rename(inference)
        assert ended.exit_code == 7
        assert "has no inference.keras" in ended.stderr


PHOTOS = {"ImageFolder": {"path": "photos", "image_size": [6, 6]}}


@pytest.fixture(scope="module")
def photos(shared_workplace: Workplace) -> Trained:
    """A run that tells dark images from light ones, of other sizes than the model takes."""
    random = np.random.default_rng(0)
    for part, (name, level) in itertools.product(("train", "test"), (("dark", 60), ("light", 190))):
        folder = shared_workplace.folder / "photos" / part / name
        folder.mkdir(parents=True)
        for number in range(10):
            pixels = random.integers(level - 50, level + 50, (7, 8 + number, 3)).astype(np.uint8)
            Image.fromarray(pixels).save(folder / f"{number:02}.png")
    return shared_workplace.train(
        data={"source": PHOTOS, "map": [{"Rescaling": {"scale": "1/255", "offset": -0.5}}], "batch_size": 4},
        model={"layers": ["Flatten", {"Dense": {"units": 2, "activation": "softmax"}}]},
        fit={"epochs": 10},
    )


class TestFiles:
    """A run on an image folder."""

    def predict(self, shared_workplace: Workplace, photos: Trained, path: str, *options: str) -> Ended:
        return shared_workplace.call("predict", str(photos.directory), path, *options)

    def test_each_answer_stands_beside_its_file(self, shared_workplace: Workplace, photos: Trained) -> None:
        head, *rows = self.predict(shared_workplace, photos, "photos/test/*/0[01].png").stdout.splitlines()
        assert head == "file,prediction,probability"
        assert [row.rsplit(",", 1)[0] for row in rows] == [
            f"photos/test/{name}/0{number}.png,{name}" for name in ("dark", "light") for number in (0, 1)
        ]
        said = json.loads(self.predict(shared_workplace, photos, "photos/test/dark/03.png", "--json").stdout)
        assert (said[0]["file"], said[0]["prediction"]) == ("photos/test/dark/03.png", "dark")

    def test_a_damaged_image_is_named(self, shared_workplace: Workplace, photos: Trained) -> None:
        whole = (shared_workplace.folder / "photos/test/dark/00.png").read_bytes()
        (shared_workplace.folder / "half.png").write_bytes(whole[: len(whole) // 2])
        ended = self.predict(shared_workplace, photos, "half.png")
        assert ended.exit_code == 4
        assert "half.png is an incomplete image" in ended.stderr


def test_texts_of_a_folder(workplace: Workplace) -> None:
    for name, words in (("bad", "awful"), ("good", "fine")):
        folder = workplace.folder / "reviews" / name
        folder.mkdir(parents=True)
        for number in range(10):
            (folder / f"{number}.txt").write_text(f"{words} film, really {words}")
    run = workplace.train(
        data={"source": {"TextFolder": {"path": "reviews"}}, "batch_size": 2},
        model={
            "layers": [
                {"TextVectorization": {"output_mode": "multi_hot"}},
                {"Dense": {"units": 1, "activation": "sigmoid"}},
            ]
        },
        compile={"optimizer": {"Adam": {"learning_rate": 0.1}}, "loss": "binary_crossentropy"},
        fit={"epochs": 10},
    )
    head, *rows = workplace.call("predict", str(run.directory), "reviews").stdout.splitlines()
    assert head == "file,prediction,probability"
    assert [row.split(",")[1] for row in rows] == ["bad"] * 10 + ["good"] * 10
    (workplace.folder / "new.csv").write_text("text\nfine film\nawful\n")
    _, *rows = workplace.call("predict", str(run.directory), "new.csv").stdout.splitlines()
    assert [row.split(",")[0] for row in rows] == ["good", "bad"]


def test_what_is_no_number_is_null_in_json(workplace: Workplace) -> None:
    x, y = np.ones((20, 4), "float32"), np.ones(20, "float32")
    np.savez(workplace.folder / "data.npz", x_train=x, y_train=y, x_test=x * np.nan, y_test=y)
    workplace.train(
        data={"source": {"NPZ": {"path": "data.npz"}}},
        model={"layers": [{"Dense": {"units": 1}}]},
        compile={"loss": "mse"},
    )
    ended = workplace.call("evaluate", "latest", "--json")
    assert ended.exit_code == 0, ended.stderr
    assert json.loads(ended.stdout, parse_constant=pytest.fail)["metrics"]["test_loss"] is None
    np.save(workplace.folder / "nan.npy", x[:1] * np.nan)
    ended = workplace.call("predict", "latest", "nan.npy", "--json")
    assert json.loads(ended.stdout, parse_constant=pytest.fail) == [{"prediction": None}]


def test_large_numbers_close_together_are_told_apart(workplace: Workplace) -> None:
    rows = "".join(f"{1_700_000_000_000 + each},{each % 2}\n" for each in range(40))
    (workplace.folder / "t.csv").write_text(f"ms,y\n{rows}")
    layers = [{"Dense": {"units": 1, "kernel_initializer": "ones"}}]
    workplace.train(
        data={"source": {"CSV": {"path": "t.csv", "label": "y"}}, "batch_size": 8},
        model={"layers": layers},
        compile={"optimizer": {"SGD": {"learning_rate": 0}}, "loss": "mse"},
        fit={"epochs": 1},
    )
    ended = workplace.call("predict", "latest", str(workplace.folder / "t.csv"))
    assert ended.exit_code == 0, ended.stderr
    assert len(set(ended.stdout.splitlines()[1:])) == 40
