"""HuggingFace, against the datasets package itself: data sets saved here, nothing downloaded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from trainctl.components.context import DataContext
from trainctl.components.dataset import Dataset
from trainctl.errors import DataError
from trainctl.sources.hugging_face import HuggingFace
from trainctl.sources.reading.download import DownloadError

datasets = pytest.importorskip(
    "datasets", reason='Hugging Face datasets is an extra: make test-extras, or pip install "trainctl[huggingface]"'
)


def load(folder: Path, **arguments: Any) -> Dataset:
    return HuggingFace.model_validate({"folder": str(folder), **arguments}).load(DataContext(emit=print))


def test_texts_and_their_test_part(tmp_path: Path) -> None:
    features = datasets.Features(
        {"text": datasets.Value("string"), "label": datasets.ClassLabel(names=["bad", "good"])}
    )
    parts = {
        name: datasets.Dataset.from_dict(
            {"text": [f"{name} {index}" for index in range(count)], "label": [0, 1] * (count // 2)}, features=features
        )
        for name, count in (("train", 4), ("test", 2))
    }
    datasets.DatasetDict(parts).save_to_disk(tmp_path / "d")
    data = load(tmp_path / "d", features="text")
    assert data.train.x.tolist() == ["train 0", "train 1", "train 2", "train 3"]
    assert (data.train.y.tolist(), data.class_names) == ([0, 1, 0, 1], ("bad", "good"))
    assert data.test is not None
    assert len(data.test) == 2
    with pytest.raises(DataError, match="has no column 'texts'"):
        load(tmp_path / "d", features="texts")
    with pytest.raises(DataError, match="has no split 'valid'"):
        load(tmp_path / "d", features="text", split="valid")


@pytest.mark.parametrize("secret", [-1, None])
def test_a_test_part_without_labels_is_left_out_with_a_notice(tmp_path: Path, secret: int | None) -> None:
    features = datasets.Features({"text": datasets.Value("string"), "label": datasets.ClassLabel(names=["no", "yes"])})
    parts = {
        name: datasets.Dataset.from_dict({"text": ["a", "b"], "label": labels}, features=features)
        for name, labels in (("train", [0, 1]), ("test", [secret, secret]))
    }
    datasets.DatasetDict(parts).save_to_disk(tmp_path / "d")
    events: list[Any] = []
    spec = HuggingFace.model_validate({"folder": str(tmp_path / "d"), "features": "text"})
    data = spec.load(DataContext(emit=events.append))
    assert (data.class_names, data.test) == (("no", "yes"), None)
    assert data.train.y.tolist() == [0, 1]
    assert "the split 'test' has no labels and is not used" in events[-1].message


def test_images_are_read_when_wanted(tmp_path: Path) -> None:
    from PIL import Image

    pictures = [Image.new("RGB", (8 + index, 8), (index, 0, 0)) for index in range(3)]
    features = datasets.Features({"image": datasets.Image(), "label": datasets.Value("int64")})
    datasets.Dataset.from_dict({"image": pictures, "label": [0, 1, 2]}, features=features).save_to_disk(tmp_path / "d")
    data = load(tmp_path / "d", features="image", image_size=[4, 5])
    assert (data.train.x.shape, data.train.x.dtype, data.train.in_memory) == ((3, 4, 5, 3), np.uint8, False)
    assert data.train.x[np.array([2, 0])][:, 0, 0, 0].tolist() == [2, 0]
    assert data.train.y.tolist() == [0, 1, 2]


def test_several_columns_of_numbers(tmp_path: Path) -> None:
    columns = {"a": [[1.0, 2.0], [3.0, 4.0]], "b": [1, 2], "label": [0.5, 1.5]}
    datasets.Dataset.from_dict(columns).save_to_disk(tmp_path / "d")
    data = load(tmp_path / "d", features=["a", "b"])
    assert {name: (rows.shape, rows.dtype) for name, rows in data.train.x.items()} == {
        "a": ((2, 2), np.float32),
        "b": ((2,), np.int64),
    }
    assert data.train.y.dtype == np.float32
    datasets.Dataset.from_dict({**columns, "a": [[1.0], [3.0, 4.0]]}).save_to_disk(tmp_path / "e")
    for stream in (False, True):
        ragged = load(tmp_path / "e", features="a", stream=stream).train.x
        assert ragged.shape == (2, None), "sequences of any length are padded in each batch"


def saved(folder: Path) -> Path:
    """A data set of texts with three splits."""
    features = datasets.Features(
        {"text": datasets.Value("string"), "label": datasets.ClassLabel(names=["bad", "good"])}
    )
    parts = {
        name: datasets.Dataset.from_dict(
            {"text": [f"{name} {index}" for index in range(count)], "label": [0, 1] * (count // 2)}, features=features
        )
        for name, count in (("train", 6), ("dev", 4), ("test", 2))
    }
    datasets.DatasetDict(parts).save_to_disk(folder / "d")
    return folder / "d"


def texts(samples: Any) -> list[str]:
    found: list[str] = samples.x[np.arange(len(samples))].tolist()
    return found


def test_splits_are_named(tmp_path: Path) -> None:
    folder = saved(tmp_path)
    data = load(folder, features="text", validation="dev", test=False)
    assert data.test is None
    assert data.validation is not None
    assert texts(data.validation) == ["dev 0", "dev 1", "dev 2", "dev 3"]
    assert load(folder, features="text").validation is None
    other = load(folder, features="text", test="dev").test
    assert other is not None
    assert texts(other)[0] == "dev 0"
    whole = load(folder, features="text", split="train + test")
    assert (len(whole.train), whole.test) == (8, None), "no sample is trained and tested on"
    assert HuggingFace(folder=str(folder), features="text", validation="dev").brings_validation
    for wrong in ({"validation": "valid"}, {"test": "tests"}, {"split": "train+valid"}):
        with pytest.raises(DataError, match="has no split"):
            load(folder, features="text", **wrong)


def test_columns_are_streamed_from_the_disk(tmp_path: Path) -> None:
    streamed = load(saved(tmp_path), features="text", stream=True)
    assert not streamed.train.in_memory
    assert texts(streamed.train) == texts(load(tmp_path / "d", features="text").train)
    assert streamed.train.x[np.array([4, 1])].tolist() == ["train 4", "train 1"]
    columns = {"a": [[1.0, 2.0], [3.0, 4.0]], "label": [0.5, 1.5]}
    datasets.Dataset.from_dict(columns).save_to_disk(tmp_path / "numbers")
    numbers = load(tmp_path / "numbers", features="a", stream=True).train.x
    assert (numbers.shape, numbers.dtype) == ((2, 2), np.float32)
    assert numbers[np.array([1])].tolist() == [[3.0, 4.0]]


def test_what_the_data_set_holds_is_described(tmp_path: Path) -> None:
    assert load(saved(tmp_path), features="text").about == {
        "splits": "train 6, dev 4, test 2",
        "holds": "text (string), label (2 classes: bad, good)",
    }


@pytest.mark.tf
def test_a_streamed_data_set_trains_and_is_described(tmp_path: Path) -> None:
    from workplace import Workplace

    workplace = Workplace(tmp_path)
    source = {"HuggingFace": {"folder": str(saved(tmp_path)), "features": "text", "validation": "dev", "stream": True}}
    layers = [
        {"TextVectorization": {"output_mode": "multi_hot"}},
        {"Dense": {"units": 2, "activation": "softmax"}},
    ]
    sections = {"data": {"source": source}, "model": {"layers": layers}}
    run = workplace.train(**sections)
    assert (run.record["data"]["train_samples"], run.record["data"]["validation_samples"]) == (6, 4)
    told = workplace.call("validate", "--build", str(workplace.write(**sections))).stdout
    assert "holds    text (string), label (2 classes: bad, good)" in told
    assert "holds: text (string)" in workplace.call("data", str(workplace.write(**sections))).stdout


def test_what_there_is_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DataError, match="unknown data set"):
        load(tmp_path / "nowhere", features="text")
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    with pytest.raises((DataError, DownloadError), match="someone/nothing"):
        HuggingFace(path="someone/nothing", features="text").load(DataContext(emit=print))
    for wrong in ({}, {"path": "a", "folder": "b"}):
        with pytest.raises(ValidationError, match="either path: "):
            HuggingFace.model_validate({**wrong, "features": "text"})
