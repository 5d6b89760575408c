"""TFRecord: what is described is read when wanted, and a record that differs is named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from deciding import decided
from pydantic import ValidationError

from trainctl.components.context import DataContext
from trainctl.components.dataset import Dataset
from trainctl.errors import DataError
from trainctl.sources.tfrecord import TFRecord

pytestmark = pytest.mark.tf


def example(**features: Any) -> bytes:
    kinds = {
        int: ("int64_list", tf.train.Int64List),
        float: ("float_list", tf.train.FloatList),
        bytes: ("bytes_list", tf.train.BytesList),
    }
    found = {}
    for name, values in features.items():
        key, make = kinds[type(values[0])]
        found[name] = tf.train.Feature(**{key: make(value=values)})
    return tf.train.Example(features=tf.train.Features(feature=found)).SerializeToString()


def write(file: Path, *records: bytes) -> None:
    with tf.io.TFRecordWriter(str(file)) as writer:
        for record in records:
            writer.write(record)


def load(path: Path, features: dict[str, Any], **arguments: Any) -> Dataset:
    spec = TFRecord.model_validate({"path": str(path), "features": features, "label": "y", **arguments})
    spec.look(DataContext(print))
    return spec.load(DataContext(emit=print))


def test_numbers_text_and_bytes(tmp_path: Path) -> None:
    for number, name in enumerate(("a", "b")):
        records = [
            example(n=[1.0 + each, 2.0], t=["ö".encode()], r=[bytes([each, 7])], y=[each])
            for each in (number * 2, number * 2 + 1)
        ]
        write(tmp_path / f"{name}.tfrecord", *records)
    described = {"n": {"shape": [2]}, "t": {"dtype": "string"}, "r": {"decode": "raw", "dtype": "uint8", "shape": [2]}}
    data = load(tmp_path, described)
    rows = {name: values[np.array([3, 0])] for name, values in data.train.x.items()}
    assert rows["n"].tolist() == [[4, 2], [1, 2]]
    assert rows["t"].tolist() == ["ö", "ö"]
    assert rows["r"].tolist() == [[3, 7], [0, 7]]
    assert data.train.y.tolist() == [0, 1, 2, 3]


def test_images_are_decoded_and_scaled(tmp_path: Path) -> None:
    png = tf.io.encode_png(np.full((4, 4, 1), 9, np.uint8)).numpy()
    write(tmp_path / "t.tfrecord", example(image=[png], y=[b"cat"]), example(image=[png], y=[b"ant"]))
    described = {"image": {"decode": "image", "shape": [2, 2, 1]}}
    data = decided(load(tmp_path / "t.tfrecord", described, label_dtype="string"))
    images = data.train.x[np.array([0, 1])]
    assert (images.shape, images.dtype, set(images.ravel().tolist())) == ((2, 2, 2, 1), np.uint8, {9})
    assert (data.train.y.tolist(), data.class_names) == ([1, 0], ("ant", "cat"))


def test_what_does_not_fit_names_the_record(tmp_path: Path) -> None:
    file = tmp_path / "t.tfrecord"
    write(file, example(n=[1.0], y=[0]), example(n=[1.0, 2.0], y=[1]))
    rows = load(file, {"n": {"shape": [1]}}).train.x
    with pytest.raises(
        DataError,
        match=r"t\.tfrecord, record 2: feature 'n' is not float32 of shape \(1,\); it holds 2 values of float32",
    ):
        rows[np.array([0, 1])]
    with pytest.raises(DataError, match=r"record 1: feature 'm' is not float32 .*; it has (n, y|y, n)"):
        load(file, {"m": {}})
    with pytest.raises(DataError, match="record 1: feature 'z' is not int64"):
        load(file, {"n": {"shape": [1]}}, label="z")


def test_a_compressed_file_beside_a_plain_one(tmp_path: Path) -> None:
    records = [example(n=[float(each)], y=[each % 2]) for each in range(5)]
    with tf.io.TFRecordWriter(str(tmp_path / "a.tfrecord"), "GZIP") as writer:
        for record in records[:3]:
            writer.write(record)
    write(tmp_path / "b.tfrecord", *records[3:])
    data = load(tmp_path, {"n": {}})
    assert data.train.x[np.array([4, 2, 0])].tolist() == [4, 2, 0]
    whole = (tmp_path / "a.tfrecord").read_bytes()
    (tmp_path / "a.tfrecord").write_bytes(whole[:-9])
    with pytest.raises(DataError, match=r"a\.tfrecord is truncated or damaged"):
        load(tmp_path, {"n": {}})


def test_a_file_that_is_none(tmp_path: Path) -> None:
    write(tmp_path / "t.tfrecord", example(n=[1.0], y=[0]))
    whole = (tmp_path / "t.tfrecord").read_bytes()
    (tmp_path / "t.tfrecord").write_bytes(whole[:-1])
    with pytest.raises(DataError, match="is truncated, or not a TFRecord file, after 0 records"):
        load(tmp_path, {"n": {}})
    (tmp_path / "t.tfrecord").write_bytes(b"")
    with pytest.raises(DataError, match="holds no records"):
        load(tmp_path, {"n": {}})


@pytest.mark.parametrize("feature", [{"decode": "image", "shape": [2, 2]}, {"dtype": "uint8"}, {"dtype": "complex64"}])
def test_what_cannot_be(feature: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        TFRecord.model_validate({"path": "t", "features": {"a": feature}, "label": "y"})


@pytest.mark.parametrize("content", [b"a,b\n1,2\n", b""])
def test_a_look_sees_whether_it_begins_with_a_record(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.tfrecord").write_bytes(content)
    with pytest.raises(DataError, match="records"):
        load(tmp_path / "a.tfrecord", {"n": {}})
