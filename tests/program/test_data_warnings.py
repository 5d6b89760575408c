"""`validate --build` and `--step` show every warning about the data that `run` shows, in the same words."""

from __future__ import annotations

import json
from itertools import takewhile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from workplace import Workplace

import trainctl

pytestmark = pytest.mark.tf

N = 48
SOFTMAX = {"Dense": {"units": "${data.num_classes}", "activation": "softmax"}}
ONE = {"Dense": {"units": 1}}


def _table(folder: Path) -> Any:
    """Dates in another order, a constant column, amounts with a currency, rows without a label, an unnamed column."""
    rows = [",day,size,price,same,label"]
    for i in range(N):
        rows.append(f"{i},{13 + i % 15}.{1 + i % 12:02}.2024,{i % 7},€{i % 9}.50,1,{'' if i == 3 else i % 3}")
    (folder / "table.csv").write_text("\n".join(rows) + "\n")
    return {"data": {"source": {"CSV": {"path": "table.csv", "label": "label"}}}}


def _gaps(folder: Path) -> Any:
    """Missing numbers that reach the model as NaN, but no encoder."""
    rows = ["a,b,label", *(f"{'' if i == 5 else i},{i % 5},{i % 3}" for i in range(N))]
    (folder / "gaps.csv").write_text("\n".join(rows) + "\n")
    fill = {"Op": {"op": "nan_to_num"}}
    return {
        "data": {"source": {"CSV": {"path": "gaps.csv", "label": "label"}}},
        "model": {"inputs": ["a", "b"], "layers": [{"Concatenate": {}, "from": ["a", "b"]}, fill, SOFTMAX]},
    }


def _categories(folder: Path) -> Any:
    """More categories than become columns."""
    rows = ["a,b,label", *(f"t{i // 3},{i % 7},{i % 3}" for i in range(1600))]
    (folder / "many.csv").write_text("\n".join(rows) + "\n")
    return {
        "data": {
            "source": {"CSV": {"path": "many.csv", "label": "label", "features": {"a": "categorical", "b": "numeric"}}},
            "batch_size": 500,
        }
    }


def _arrays(folder: Path) -> Any:
    """NaN at a place, labels from 2 on, a class with one sample, an array that nobody uses."""
    x = np.random.default_rng(0).normal(size=(N, 4)).astype("float32")
    x[2, 0] = np.nan
    y = 2 + np.arange(N) % 2
    y[0] = 5
    np.savez(folder / "arrays.npz", x=x, y=y, z=x)
    fill = {"Op": {"op": "nan_to_num"}}
    return {
        "data": {"source": {"NPZ": {"path": "arrays.npz"}}},
        "model": {"layers": [fill, SOFTMAX]},
    }


def _alike(folder: Path) -> Any:
    """Labels that are all the same, and class weights that forget a class."""
    y = np.arange(N) % 3
    np.savez(folder / "weights.npz", x=np.random.default_rng(0).normal(size=(N, 4)), y=y)
    return {"data": {"source": {"NPZ": {"path": "weights.npz"}}}, "fit": {"epochs": 1, "class_weight": {"0": 2}}}


def _same(folder: Path) -> Any:
    np.savez(folder / "same.npz", x=np.random.default_rng(0).normal(size=(N, 4)), y=np.zeros(N))
    return {
        "data": {"source": {"NPZ": {"path": "same.npz"}}},
        "model": {"layers": [ONE]},
        "compile": {"optimizer": "adam", "loss": "mse"},
    }


def _masks(folder: Path) -> Any:
    """A metric that does not ignore what the loss ignores."""
    y = np.arange(N * 4).reshape(N, 2, 2) % 3
    y[:, 0, 0] = 255
    np.savez(folder / "masks.npz", x=np.random.default_rng(0).normal(size=(N, 2, 2, 4)), y=y)
    loss = {"SparseCategoricalCrossentropy": {"ignore_class": 255}}
    return {
        "data": {"source": {"NPZ": {"path": "masks.npz"}}},
        "compile": {"optimizer": "adam", "loss": loss, "metrics": ["accuracy"]},
    }


def _times(folder: Path) -> Any:
    """A time that stands twice, a gap, and a series that is too short."""
    rows = ["time,series,value"]
    rows += [f"2024-01-{1 + i + 3 * (i > 20) - (i == 5):02},long,{i % 5}" for i in range(25)]
    rows += ["2024-01-01,short,1"]
    (folder / "times.csv").write_text("\n".join(rows) + "\n")
    source = {"path": "times.csv", "target": "value", "time": "time", "group": "series", "window": 2, "horizon": 1}
    return {
        "data": {"source": {"Timeseries": source}, "validation_split": 0.3},
        "model": {"layers": ["Flatten", ONE]},
        "compile": {"optimizer": "adam", "loss": "mse"},
    }


def _images(folder: Path) -> Any:
    """An image that cannot be read, and a file that is none."""
    from PIL import Image

    for name in ("cat", "dog"):
        (folder / "images" / name).mkdir(parents=True)
        for number in range(12):
            Image.fromarray(np.full((4, 4, 3), 20 * number, np.uint8)).save(folder / "images" / name / f"{number}.png")
    (folder / "images" / "cat" / "broken.png").write_bytes(b"not an image")
    source = {"path": "images", "image_size": [4, 4], "on_error": "skip"}
    return {
        "data": {"source": {"ImageFolder": source}, "validation_split": 0.25},
        "model": {"layers": ["Flatten", SOFTMAX]},
    }


def _texts(folder: Path) -> Any:
    """A folder of texts with a file that is none."""
    for name in ("good", "bad"):
        (folder / "texts" / name).mkdir(parents=True)
        for number in range(12):
            (folder / "texts" / name / f"{number}.txt").write_text(f"{name} {number}")
    (folder / "texts" / "good" / "notes.pdf").write_bytes(b"%PDF")
    tokens = {"TextVectorization": {"max_tokens": 20, "output_sequence_length": 3}}
    return {
        "data": {"source": {"TextFolder": {"path": "texts"}}, "validation_split": 0.25},
        "model": {"layers": [tokens, {"Embedding": {"input_dim": 20, "output_dim": 2}}, "Flatten", SOFTMAX]},
    }


def _changed(folder: Path) -> Any:
    """Labels in another unit."""
    np.savez(folder / "kilos.npz", x=np.random.default_rng(0).normal(size=(N, 4)), y=np.arange(N) * 250.0)
    return {
        "data": {"source": {"NPZ": {"path": "kilos.npz"}}, "map_labels": {"scale": 0.001}},
        "model": {"layers": [ONE]},
        "compile": {"optimizer": "adam", "loss": "mse"},
    }


def _far(folder: Path) -> Any:
    """A source that cannot be reached, and its stand-in."""
    return {"data": {"source": "MNIST", "offline": "Digits", "limit": 64}, "model": {"layers": ["Flatten", SOFTMAX]}}


CASES: dict[str, tuple[Any, tuple[str, ...]]] = {
    "a table": (_table, ("has no name and is not used", "is read as", "without label", "has only one value")),
    "gaps in columns": (_gaps, ("reach the model as NaN",)),
    "many categories": (_categories, ("most frequent become categories",)),
    "arrays": (_arrays, ("[2, 0]", "start at 2", "only one training sample", "'z' is not used")),
    "labels that are alike": (_same, ("nothing to learn",)),
    "class weights": (_alike, ("class_weight has no weight for 2 classes: 1 and 2",)),
    "masks": (_masks, ("counts labels of 255 as wrong",)),
    "times": (_times, ("has the time of the row before", "a gap in column", "too few rows for a window")),
    "images": (_images, ("skipped that cannot be read",)),
    "texts": (_texts, ("1 file with an unusual ending",)),
    "changed labels": (_changed, ("are changed by map_labels",)),
    "a stand-in": (_far, ("STAND-IN DATA",)),
}

TOLD_IN = {
    "data/balance.py",
    "data/encoded.py",
    "data/label_changes.py",
    "data/labels.py",
    "data/prepare.py",
    "data/taken.py",
    "sources/files/arrays.py",
    "sources/files/folder_spec.py",
    "sources/image_folder.py",
    "sources/npz.py",
    "sources/table/table.py",
    "sources/table/series.py",
}
ELSEWHERE = {"sources/audio_folder.py", "sources/files/masks.py", "sources/hugging_face.py", "sources/tfds.py"}
"""What warns in tests of its own: of further kinds of files, and of data that needs an extra."""


@pytest.mark.parametrize(("make", "words"), CASES.values(), ids=CASES)
def test_a_check_shows_what_a_run_shows(
    make: Any, words: tuple[str, ...], workplace: Workplace, no_network: None
) -> None:
    sections = {"compile": {"optimizer": "adam", "loss": "sparse_categorical_crossentropy"}, "model": {"layers": [SOFTMAX]}}  # fmt: skip
    sections |= make(workplace.folder)
    sections["data"] = {"validation_split": 0.25, "batch_size": 16, **sections["data"]}
    file = workplace.write(**{"fit": {"epochs": 1}, **sections})
    run = workplace.train("--format", "lines", config=file, exit_code=0)
    before = takewhile(lambda event: event["event"] != "EpochStarted", run.events)
    told = [event["message"] for event in before if event["event"] == "Notice"]
    for word in words:
        assert any(word in message for message in told), f"{word}: {told}"
    for option in ("--build", "--step"):
        ended = workplace.call("validate", option, str(file), "--json")
        (result,) = json.loads(ended.stdout)
        assert [each["message"] for each in result["diagnostics"] if each["severity"] == "warning"] == told, option


def test_every_place_that_warns_is_tried() -> None:
    root = Path(trainctl.__file__).parent
    files = [file for room in ("data", "sources") for file in (root / room).rglob("*.py")]
    found = {str(file.relative_to(root)) for file in files if "emit(Notice(" in "".join(file.read_text().split())}
    assert found == TOLD_IN | ELSEWHERE
