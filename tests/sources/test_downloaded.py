"""Keras's own data sets: from files in its cache, with its shapes; nothing is downloaded here."""

from __future__ import annotations

import gzip
import hashlib
import io
import pickle
import tarfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from trainctl.components.context import DataContext
from trainctl.errors import DataError
from trainctl.sources import california_housing, cifar10, cifar100, fashion_mnist, imdb, reuters
from trainctl.sources.digits import Digits
from trainctl.sources.reading.download import DownloadError, RemoteFile
from trainctl.sources.reading.pickles import read_pickle

CONTEXT = DataContext(emit=lambda event: None, patience=5)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    (tmp_path / "datasets" / "fashion-mnist").mkdir(parents=True)
    return tmp_path / "datasets"


def publish(monkeypatch: pytest.MonkeyPatch, module: Any, cache: Path, content: bytes) -> None:
    """Make `content` the published file of the module's data set, and put it into the cache."""
    file: RemoteFile = replace(
        module.FILE, sha256=hashlib.sha256(content).hexdigest(), url="http://127.0.0.1:9/never-asked"
    )
    monkeypatch.setattr(module, "FILE", file)
    (cache / file.name).write_bytes(content)


def npz(**arrays: Any) -> bytes:
    out = io.BytesIO()
    np.savez(out, **arrays)
    return out.getvalue()


def texts(*lengths: int) -> Any:
    array = np.empty(len(lengths), object)
    array[:] = [list(range(1, length + 1)) for length in lengths]
    return array


def archive(members: dict[str, Any]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        for name, value in members.items():
            content = pickle.dumps(value)
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return out.getvalue()


def photographs(labels: list[int], key: bytes = b"labels") -> dict[bytes, Any]:
    pixels = np.arange(len(labels) * 3072, dtype=np.uint8).reshape(len(labels), 3072)
    return {b"data": pixels, key: labels}


def test_imdb(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    labels = np.array([0, 1, 1])
    publish(monkeypatch, imdb, cache, npz(x_train=texts(2, 5, 30), y_train=labels, x_test=texts(1), y_test=labels[:1]))
    data = imdb.IMDB(maxlen=8, num_words=9).load(CONTEXT)
    assert data.class_names == ("negative", "positive")
    assert (data.train.x.shape, data.train.x.dtype, data.train.y.dtype) == ((3, 8), np.int32, np.int64)
    rows = {tuple(row) for row in data.train.x.tolist()}
    assert rows == {(0, 0, 0, 0, 0, 1, 4, 5), (0, 0, 1, 4, 5, 6, 7, 8), (2,) * 8}
    assert data.test is not None
    assert data.test.x.tolist() == [[0, 0, 0, 0, 0, 0, 1, 4]]


def test_reuters_tests_on_a_fifth(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(monkeypatch, reuters, cache, npz(x=texts(*[3] * 10), y=np.arange(10)))
    data = reuters.Reuters(maxlen=4, num_words=None).load(CONTEXT)
    assert data.test is not None
    assert (len(data.train), len(data.test), len(data.class_names)) == (8, 2, 46)
    assert sorted([*data.train.y, *data.test.y]) == list(range(10))
    assert data.train.x[0].tolist() == [1, 4, 5, 6]


def test_california_housing(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(monkeypatch, california_housing, cache, npz(x=np.ones((4, 8)), y=np.arange(4.0)))
    data = california_housing.CaliforniaHousing().load(CONTEXT)
    assert data.train.y.dtype == np.float32
    assert (data.train.x.dtype, data.train.y.dtype, data.train.x.shape) == (np.float32, np.float32, (4, 8))


def test_fashion_mnist_and_what_stands_in(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hashes = {}
    for name in fashion_mnist.HASHES:
        count = 6 if name.startswith("train") else 2
        values = np.arange(count * 784, dtype=np.uint8) if "images" in name else np.arange(count, dtype=np.uint8)
        content = gzip.compress(bytes(16 if "images" in name else 8) + values.tobytes())
        (cache / "fashion-mnist" / name).write_bytes(content)
        hashes[name] = hashlib.md5(content).hexdigest()
    monkeypatch.setattr(fashion_mnist, "HASHES", hashes)
    data = fashion_mnist.FashionMNIST().load(CONTEXT)
    assert data.test is not None
    assert (data.train.x.shape, data.test.x.shape, data.train.x.dtype) == ((6, 28, 28, 1), (2, 28, 28, 1), np.uint8)
    assert data.train.y.tolist() == list(range(6))
    assert data.class_names[9] == "Ankle boot"
    assert fashion_mnist.FashionMNIST().stand_in(Digits().load(CONTEXT)).train.x.shape == (1541, 28, 28, 1)


def test_cifar10(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = "cifar-10-batches-py"
    members = {
        f"{folder}/batches.meta": {b"label_names": [b"airplane", b"cat"]},
        f"{folder}/test_batch": photographs([1]),
    }
    members |= {f"{folder}/data_batch_{number}": photographs([0, 1]) for number in range(1, 6)}
    publish(monkeypatch, cifar10, cache, archive(members))
    data = cifar10.CIFAR10().load(CONTEXT)
    assert data.test is not None
    assert (data.train.x.shape, data.test.y.tolist(), data.class_names) == ((10, 32, 32, 3), [1], ("airplane", "cat"))
    assert data.train.x[0, 0, 1].tolist() == [
        1,
        (1024 + 1) % 256,
        (2048 + 1) % 256,
    ]  # stored one color after the other


def test_cifar100_has_two_kinds_of_labels(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = {**photographs([5, 7], b"fine_labels"), b"coarse_labels": [1, 0]}
    meta = {b"fine_label_names": [b"apple"], b"coarse_label_names": [b"fruit", b"fish"]}
    folder = "cifar-100-python"
    publish(
        monkeypatch,
        cifar100,
        cache,
        archive({f"{folder}/train": batch, f"{folder}/test": batch, f"{folder}/meta": meta}),
    )
    assert cifar100.CIFAR100().load(CONTEXT).train.y.tolist() == [5, 7]
    coarse = cifar100.CIFAR100(label_mode="coarse").load(CONTEXT)
    assert (coarse.train.y.tolist(), coarse.class_names) == ([1, 0], ("fruit", "fish"))


def test_an_incomplete_archive_is_told(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(monkeypatch, cifar100, cache, archive({"cifar-100-python/train": {}}))
    with pytest.raises(DataError, match="holds no cifar-100-python/test"):
        cifar100.CIFAR100().load(CONTEXT)


@pytest.mark.usefixtures("cache")
@pytest.mark.parametrize("module", [imdb, reuters, california_housing, cifar10, cifar100])
def test_without_a_network_it_is_a_download_error(module: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setattr(module, "FILE", replace(module.FILE, url="http://127.0.0.1:9/file"))
    names = [name for name, spec in vars(module).items() if getattr(spec, "name_in_yaml", None) == name]
    [source] = names
    with pytest.raises(DownloadError, match="connection refused"):
        getattr(module, source)().load(CONTEXT)


class Wicked:
    def __reduce__(self) -> Any:
        return (print, ("code ran",))


def test_a_pickle_runs_no_code(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(pickle.UnpicklingError, match=r"builtins\.print is not an array"):
        read_pickle(io.BytesIO(pickle.dumps(Wicked())))
    assert capsys.readouterr().out == ""
