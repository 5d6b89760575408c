"""TFDS, against TensorFlow Datasets itself: data sets built here, nothing downloaded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from trainctl.components.context import DataContext
from trainctl.components.dataset import Dataset, Rows
from trainctl.errors import DataError
from trainctl.sources.tfds import TFDS

pytestmark = [pytest.mark.tf]
tfds = pytest.importorskip(
    "tensorflow_datasets", reason='TFDS is an extra: make test-extras, or pip install "trainctl[tfds]"'
)


def build(
    folder: Path,
    name: str,
    features: dict[str, Any],
    samples: dict[str, list[dict[str, Any]]],
    keys: Any = ("x", "y"),
    stored: str = "tfrecord",
) -> None:
    tfds.dataset_builders.store_as_tfds_dataset(
        name=name,
        version="1.0.0",
        data_dir=folder,
        split_datasets=samples,
        features=tfds.features.FeaturesDict(features),
    ) if keys is None else _Builder.write(folder, name, features, samples, keys, stored)


class _Builder:
    @staticmethod
    def write(
        folder: Path,
        name: str,
        features: dict[str, Any],
        samples: dict[str, list[dict[str, Any]]],
        keys: Any,
        stored: str,
    ) -> None:
        described = tfds.features.FeaturesDict(features)

        def info(self: Any) -> Any:
            return self.dataset_info_from_configs(features=described, supervised_keys=keys)

        def splits(self: Any, _manager: Any) -> Any:
            return {part: iter(enumerate(each)) for part, each in samples.items()}

        members = {
            "VERSION": tfds.core.Version("1.0.0"),
            "_info": info,
            "_split_generators": splits,
            "_generate_examples": lambda self: None,
            "__module__": __name__,
            "pkg_dir_path": folder,
            "name": name,
        }
        type(name.title().replace("_", ""), (tfds.core.GeneratorBasedBuilder,), members)(
            data_dir=folder, file_format=stored
        ).download_and_prepare()


def load(folder: Path, name: str, **arguments: Any) -> Dataset:
    return TFDS.model_validate({"name": name, "data_dir": str(folder), **arguments}).load(DataContext(emit=print))


def images(count: int, size: int = 4) -> list[dict[str, Any]]:
    return [{"x": np.full((size + index % 2, size, 3), index, np.uint8), "y": index % 2} for index in range(count)]


def test_images_and_their_test_part(tmp_path: Path) -> None:
    features = {"x": tfds.features.Image(shape=(None, None, 3)), "y": tfds.features.ClassLabel(names=["cat", "dog"])}
    build(tmp_path, "local_images", features, {"train": images(6), "test": images(2)})
    data = load(tmp_path, "local_images", image_size=[5, 6])
    assert (data.train.x.shape, data.train.x.dtype) == ((6, 5, 6, 3), np.uint8)
    assert sorted(data.train.y.tolist()) == [0, 0, 0, 1, 1, 1]
    assert data.class_names == ("cat", "dog")
    assert data.test is not None
    assert len(data.test) == 2
    with pytest.raises(DataError, match="has samples of different shapes"):
        load(tmp_path, "local_images")
    with pytest.raises(DataError, match="has no split 'valid'"):
        load(tmp_path, "local_images", split="valid")


def test_a_test_part_without_labels_is_left_out_with_a_notice(tmp_path: Path) -> None:
    features = {"x": tfds.features.Text(), "y": tfds.features.ClassLabel(names=["no", "yes"])}
    train = [{"x": f"text {index}", "y": index % 2} for index in range(4)]
    build(tmp_path, "local_secret", features, {"train": train, "test": [{"x": "text", "y": -1}] * 2})
    events: list[Any] = []
    spec = TFDS.model_validate({"name": "local_secret", "data_dir": str(tmp_path)})
    data = spec.load(DataContext(emit=events.append))
    assert (data.class_names, data.test) == (("no", "yes"), None)
    assert "the split 'test' has no labels and is not used" in events[-1].message


def test_texts_with_numbers(tmp_path: Path) -> None:
    features = {"x": tfds.features.Text(), "y": tfds.features.Scalar(np.float32)}
    build(
        tmp_path, "local_texts", features, {"train": [{"x": f"text {index}", "y": index + 0.5} for index in range(4)]}
    )
    data = load(tmp_path, "local_texts", split="train[:50%]")
    assert data.train.y.dtype == np.float32
    assert {(text, float(y)) for text, y in zip(data.train.x, data.train.y, strict=True)} <= {
        (f"text {i}", i + 0.5) for i in range(4)
    }
    assert len(data.train) == 2
    assert data.test is None


def test_splits_are_named_and_described(tmp_path: Path) -> None:
    features = {"x": tfds.features.Text(), "y": tfds.features.ClassLabel(names=["no", "yes"])}
    parts = {
        name: [{"x": f"{name} {index}", "y": index % 2} for index in range(count)]
        for name, count in (("train", 6), ("dev", 4), ("test", 2))
    }
    build(tmp_path, "local_splits", features, parts)
    data = load(tmp_path, "local_splits", validation="dev", test=False)
    assert data.validation is not None
    assert (sorted(data.validation.x), data.test) == ([f"dev {index}" for index in range(4)], None)
    assert data.about["splits"] == "train 6, dev 4, test 2"
    assert "y (2 classes: no, yes)" in data.about["holds"]
    assert TFDS(name="local_splits", validation="dev").brings_validation
    other = load(tmp_path, "local_splits", test="dev[:50%]").test
    assert other is not None
    assert len(other) == 2
    whole = load(tmp_path, "local_splits", split="train+test")
    assert (len(whole.train), whole.test) == (8, None), "no sample is trained and tested on"
    for wrong in ({"validation": "valid"}, {"test": "tests"}, {"split": "train+valid"}):
        with pytest.raises(DataError, match="has no split"):
            load(tmp_path, "local_splits", **wrong)


@pytest.mark.parametrize("stored", ["tfrecord", "array_record"])
def test_inputs_are_read_when_they_are_needed(tmp_path: Path, stored: str) -> None:
    features = {"x": tfds.features.Image(shape=(None, None, 3)), "y": tfds.features.ClassLabel(names=["cat", "dog"])}
    build(tmp_path, f"local_{stored}", features, {"train": images(9), "test": images(2)}, stored=stored)
    told = {"image_size": [5, 6], "split": "train[1:8]"}
    whole, streamed = (load(tmp_path, f"local_{stored}", stream=each, **told) for each in (False, True))
    assert isinstance(streamed.train.x, Rows)
    assert (streamed.train.x.shape, streamed.train.x.dtype) == ((7, 5, 6, 3), np.uint8)
    assert (streamed.train.y.tolist(), streamed.class_names) == (whole.train.y.tolist(), ("cat", "dog"))
    some = np.array([6, 0, 3])
    np.testing.assert_array_equal(streamed.train.x[some], whole.train.x[some])
    assert streamed.fingerprint
    assert streamed.test is not None
    with pytest.raises(DataError, match="has samples of different shapes"):
        load(tmp_path, f"local_{stored}", stream=True)


def test_what_there_is_not(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="unknown data set 'no_such_thing'"):
        load(tmp_path, "no_such_thing")
